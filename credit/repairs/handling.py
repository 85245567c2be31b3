"""Applications for repair in the database: applied for, decided, followed by the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.repairs.conditions import (
    AlertFacts,
    Condition,
    Shown,
    Subject,
    conditions_of,
    most_to_give,
    unmet,
)
from credit.repairs.entry import (
    Application,
    ConditionsUnmet,
    Problem,
    Verdict,
    points_of,
    reason_of,
    shown_by,
    words_of,
)
from credit.repairs.states import DECISIONS, next_state
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from db import credit, credit_repairs, promises, registry
from domain.credit import CreditEvent, CreditSource
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import MarketId, VendorId
from domain.repair import CreditRepair, NewRepair, RepairAction, RepairState, RepairStep

#: The reason, and the rule, of a line that gives a part back.
REPAIR: Final = "repair"


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """Who does it, from where. `market_id`: the one market they see; `vendor_id`: they are this vendor themselves.

    `decides`: they decide on applications.
    """

    username: str
    origin: str = ""
    market_id: MarketId | None = None
    vendor_id: VendorId | None = None
    decides: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A deduction with its conditions as they are now. `most`: how many points may be given back."""

    subject: Subject
    conditions: tuple[Condition, ...]
    most: int

    @property
    def is_repairable(self) -> bool:
        """Whether every condition is met."""
        return not unmet(self.conditions)


def subjects_of(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    ledger: Sequence[CreditEvent],
    events: Sequence[CreditEvent],
) -> list[Subject]:
    """Return some deductions of a vendor with everything that decides about their repair."""
    timezone = next(one.timezone for one in registry.markets(conn) if one.market_id == market_id)
    given = promises.of_vendor(conn, market_id, vendor_id)
    about = credit_repairs.about_alerts(conn, {one.alert_id for one in events if one.alert_id is not None})
    return [
        Subject(
            event=one,
            ledger=ledger,
            promises=given,
            alert=None if (found := about.get(one.alert_id or 0)) is None else _facts(found),
            timezone=timezone,
        )
        for one in events
    ]


def judge(subject: Subject, shown: Shown | None, *, rules: CreditRules, now: datetime) -> Judged:
    """Return a deduction's conditions at a moment."""
    day = now.astimezone(ZoneInfo(subject.timezone)).date()
    return Judged(
        subject=subject,
        conditions=conditions_of(subject, shown, rules=rules, day=day),
        most=most_to_give(subject.event, subject.ledger, rules),
    )


def seen(conn: Connection, repair_id: int, by: Party) -> CreditRepair:
    """Return an application that somebody may see. Raise NotFound."""
    found = credit_repairs.by_id(conn, repair_id)
    if found is None or not _sees(by, found.market_id, found.vendor_id):
        raise NotFound(f"there is no application {repair_id} that you may see")
    return found


def apply(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    typed: Application,
    *,
    by: Party,
    shipped: CreditRules,
    now: datetime,
) -> CreditRepair:
    """Apply for the repair of a deduction, in one transaction; the same again changes nothing.

    Raise NotFound, FieldRefused, ConditionsUnmet; IllegalTransition where another application awaits its decision.
    """
    if not _sees(by, market_id, vendor_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id} that you may see")
    shown, words = shown_by(typed), words_of(typed)
    with conn.transaction():
        credit.lock_vendor(conn, market_id, vendor_id)
        subject = _subject(conn, market_id, vendor_id, typed.event_id)
        known = credit_repairs.waiting_of_event(conn, typed.event_id)
        if known is not None:
            return _the_same(known, shown, words)
        judged = judge(subject, shown, rules=rules_now(conn, shipped, now), now=now)
        if not judged.is_repairable:
            raise ConditionsUnmet(judged.conditions)
        new = NewRepair(
            market_id=market_id,
            vendor_id=vendor_id,
            event_id=typed.event_id,
            effort=shown.effort,
            document_no=shown.document_no,
            document=shown.document,
            promise_id=shown.promise_id,
            words=words,
            applied_by=by.username,
            applied_at=now,
        )
        repair_id = credit_repairs.apply(conn, new)
        _note(conn, repair_id, RepairAction.APPLY, RepairState.APPLIED, RepairState.APPLIED, words, by, now)
    return seen(conn, repair_id, by)


def decide(
    conn: Connection, repair_id: int, verdict: Verdict, *, by: Party, shipped: CreditRules, now: datetime
) -> CreditRepair:
    """Grant, refuse or withdraw an application, with the ledger that follows, in one transaction.

    By the rules in force now. Granted or refused by somebody who decides, who neither took the deduction nor applied.
    Raise NotFound, NotAllowed, IllegalTransition, FieldRefused, ConditionsUnmet.
    """
    found = seen(conn, repair_id, by)
    with conn.transaction():
        credit.lock_vendor(conn, found.market_id, found.vendor_id)
        repair = seen(conn, repair_id, by)
        to = next_state(repair.state, verdict.action)
        if verdict.revision not in (None, repair.revision):
            told = f"application {repair_id} is {repair.state} now, after a step that you had not seen"
            raise IllegalTransition(told, problem="late")
        if verdict.action in DECISIONS and not by.decides:
            raise NotAllowed(f"only a regulator may {verdict.action} an application for repair")
        subject = _subject(conn, repair.market_id, repair.vendor_id, repair.event_id)
        if verdict.action in DECISIONS:
            _require_another_person(repair, subject, by)
        moved = replace(repair, state=to, decided_by=by.username, decided_at=now, reason=reason_of(verdict))
        if verdict.action is RepairAction.GRANT:
            moved = _granted(conn, moved, subject, verdict, by=by, shipped=shipped, now=now)
        elif verdict.points.strip():
            expected = f"nothing: {verdict.action} gives none back"
            raise FieldRefused("granted", repr(verdict.points.strip()), expected, problem=Problem.NOT_TAKEN)
        credit_repairs.move(conn, moved)
        _note(conn, repair_id, verdict.action, repair.state, to, moved.reason, by, now)
    return seen(conn, repair_id, by)


def shown_with(repair: CreditRepair) -> Shown:
    """Return the effort that an application showed."""
    return Shown(
        effort=repair.effort,
        document_no=repair.document_no,
        document=repair.document,
        promise_id=repair.promise_id,
    )


def _granted(
    conn: Connection,
    moved: CreditRepair,
    subject: Subject,
    verdict: Verdict,
    *,
    by: Party,
    shipped: CreditRules,
    now: datetime,
) -> CreditRepair:
    rules = rules_now(conn, shipped, now)
    judged = judge(subject, shown_with(moved), rules=rules, now=now)
    if not judged.is_repairable:
        raise ConditionsUnmet(judged.conditions)
    points = points_of(verdict, judged.most)
    event_id = credit.append(
        conn,
        market_id=moved.market_id,
        vendor_id=moved.vendor_id,
        occurred_at=now,
        recorded_at=now,
        recorded_by=by.username,
        reason=REPAIR,
        points=points,
        rule=f"repair application {moved.repair_id}",
        rules_version=rules.version,
        # Of no alert: an alert has one line that stands, and this one stands beside it.
        alert_id=None,
        source=CreditSource.REPAIR,
        evidence=moved.reason,
        repairs=moved.event_id,
    )
    return replace(moved, points=points, granted_event=event_id, rules_version=rules.version)


def _require_another_person(repair: CreditRepair, subject: Subject, by: Party) -> None:
    confirmed = () if subject.alert is None else subject.alert.confirmed_by
    if by.username in (subject.event.recorded_by, *confirmed):
        expected = "a person who did not take the deduction"
        raise FieldRefused("actor", repr(by.username), expected, problem=Problem.OWN_DECISION)
    if by.username == repair.applied_by:
        expected = "a person who did not file the application"
        raise FieldRefused("actor", repr(by.username), expected, problem=Problem.OWN_APPLICATION)


def _the_same(known: CreditRepair, shown: Shown, words: str) -> CreditRepair:
    if (shown_with(known), known.words) != (shown, words):
        raise IllegalTransition(
            f"application {known.repair_id} about this deduction awaits its decision; withdraw it to file another one",
            problem=Problem.WAITING_ALREADY,
            facts={"number": known.repair_id},
        )
    return known


def _subject(conn: Connection, market_id: MarketId, vendor_id: VendorId, event_id: int) -> Subject:
    ledger = credit.of_vendor(conn, market_id, vendor_id)
    events = [one for one in ledger if one.event_id == event_id]
    if not events:
        raise NotFound(f"there is no deduction {event_id} of vendor {vendor_id} that you may see")
    return subjects_of(conn, market_id, vendor_id, ledger, events)[0]


def _facts(found: credit_repairs.OfAlert) -> AlertFacts:
    return AlertFacts(
        alert_id=found.alert_id,
        state=found.state,
        rectify_by=found.rectify_by,
        ordered=found.ordered,
        confirmed_by=found.confirmed_by,
    )


def _sees(by: Party, market_id: MarketId, vendor_id: VendorId) -> bool:
    return by.market_id in (None, market_id) and by.vendor_id in (None, vendor_id)


def _note(
    conn: Connection,
    repair_id: int,
    action: RepairAction,
    from_state: RepairState,
    to_state: RepairState,
    note: str,
    by: Party,
    now: datetime,
) -> None:
    step = RepairStep(
        repair_id=repair_id,
        at=now,
        actor=by.username,
        action=action,
        from_state=from_state,
        to_state=to_state,
        note=note,
        origin=by.origin,
    )
    credit_repairs.append_step(conn, step)
