"""The lists that a draw is made from, as they stand at one moment."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from db import inspectors, items
from db.inspection_plans import DrawSubject, Freezing
from db.inspectors import RiskSubject
from domain.errors import RuleViolation
from domain.ids import MarketId, VendorId
from domain.inspection import InspectorRecord, Plan
from supervision.inspections.draw import METHOD
from supervision.inspections.draw_file import (
    Frozen,
    FrozenInspector,
    FrozenSubject,
    frozen_text,
    inspector_key,
    salt_of,
    sha256_of,
    subject_key,
)
from supervision.inspections.policy import InspectionPolicy

_Keys = Mapping[tuple[MarketId, VendorId], str]


def frozen_lists(
    conn: Connection, plan: Plan, public_source: str, public_from: datetime, policy: InspectionPolicy, at: datetime
) -> tuple[Freezing, list[DrawSubject], dict[str, int]]:
    """Return what a draw of `plan` is made from at a moment, with a new secret, and whose each key is.

    Subjects' keys, and then inspectors' with their user_id.

    Raise RuleViolation where there is nobody to draw, or too few to send.
    """
    risks = inspectors.subjects(conn, plan.market_ids, at)
    if not risks:
        raise RuleViolation(
            "no vendor holds a stall in these markets: there is nobody to draw", problem="nobody_to_draw"
        )
    staff = _staff(conn, plan)
    if len(staff) < policy.inspectors:
        raise RuleViolation(
            f"{len(staff)} inspectors of {plan.department} have every qualification that the items ask;"
            f" expected {policy.inspectors} or more",
            problem="too_few_inspectors",
            facts={"found": len(staff), "expected": policy.inspectors},
        )
    salt, secret = secrets.token_bytes(32), secrets.token_hex(32)
    keys = {
        (one.market_id, one.vendor_id): subject_key(
            salt_of(salt, one.market_id, one.vendor_id), one.market_id, one.vendor_id
        )
        for one in risks
    }
    named = {inspector_key(salt, one.badge_no): one.user_id for one in staff}
    text = frozen_text(
        Frozen(
            method=METHOD,
            plan_id=plan.plan_id,
            title=plan.title,
            department=plan.department,
            catalogue=_version(conn, plan.catalogue_id),
            items=tuple(plan.items),
            first_day=plan.first_day,
            last_day=plan.last_day,
            policy=policy.version,
            frozen_at=at,
            secret_sha256=sha256_of(secret),
            public_source=public_source,
            public_from=public_from,
            visits=plan.visits,
            each=policy.inspectors,
            most=plan.most,
            subjects=_subjects(risks, keys, policy),
            inspectors=tuple(_inspectors(named, _barred(conn, plan, staff, keys, policy))),
        )
    )
    freezing = Freezing(
        frozen=text,
        frozen_sha256=sha256_of(text),
        secret=secret,
        salt=salt,
        public_source=public_source,
        public_from=public_from,
    )
    whose = [DrawSubject(key=key, market_id=market, vendor_id=vendor) for (market, vendor), key in keys.items()]
    return freezing, whose, named


def _subjects(risks: Sequence[RiskSubject], keys: _Keys, policy: InspectionPolicy) -> tuple[FrozenSubject, ...]:
    weighed = [
        FrozenSubject(keys[one.market_id, one.vendor_id], policy.weights[one.risk_class or policy.default_class])
        for one in risks
    ]
    return tuple(sorted(weighed, key=lambda one: one.key))


def _staff(conn: Connection, plan: Plan) -> list[InspectorRecord]:
    known = {one.code: one for one in items.items_of(conn, plan.catalogue_id)}
    needed = {known[code].qualification for code in plan.items}
    return [
        one
        for one in inspectors.listed(conn)
        if one.retired_at is None and one.department == plan.department and needed <= set(one.qualifications)
    ]


def _barred(
    conn: Connection, plan: Plan, staff: Sequence[InspectorRecord], keys: _Keys, policy: InspectionPolicy
) -> dict[int, set[str]]:
    """Whom each inspector does not visit: by a conflict, or since they visited it the last time."""
    barred: dict[int, set[str]] = {one.user_id: set() for one in staff}
    for conflict in inspectors.conflicts(conn, only_now=True):
        for (market, vendor), key in keys.items() if conflict.user_id in barred else ():
            if market == conflict.market_id and conflict.vendor_id in {None, vendor}:
                barred[conflict.user_id].add(key)
    if not policy.same_inspectors_again:
        for market_id, vendor_id, user_id in inspectors.last_visitors(conn, plan.market_ids):
            if user_id in barred and (market_id, vendor_id) in keys:
                barred[user_id].add(keys[market_id, vendor_id])
    return barred


def _inspectors(named: Mapping[str, int], barred: Mapping[int, set[str]]) -> Iterator[FrozenInspector]:
    for key, user_id in sorted(named.items()):
        yield FrozenInspector(key, tuple(sorted(barred[user_id])))


def _version(conn: Connection, catalogue_id: int) -> str:
    found = items.one(conn, catalogue_id)
    if found is None:
        raise LookupError(f"a plan names the catalogue {catalogue_id}, which is not there")
    return found.version
