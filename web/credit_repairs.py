"""Repair of credit, for pages and API alike: seen in one's own market, decided on by regulators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.repairs.conditions import Condition, ConditionName, Subject, promises_that_show_effort
from credit.repairs.entry import Application, Verdict
from credit.repairs.handling import Party, apply, decide, judge, seen, shown_with, subjects_of
from credit.repairs.states import DECISIONS, actions_from
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from db import credit, credit_repairs, registry
from db.registry import Market, Vendor
from domain.credit import CreditEvent
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.promise import Promise
from domain.repair import CreditRepair, RepairAction, RepairState, RepairStep
from web.access import Permission, Viewer
from web.state import Service

_MOST: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Repairable:
    """A deduction of the running cycle with its conditions; `waiting`: the application that awaits its decision.

    `is_open`: all but the effort is met, and nobody applied: the form stands open. `promises`: those that show effort.
    """

    event: CreditEvent
    conditions: tuple[Condition, ...]
    most: int
    waiting: CreditRepair | None
    is_open: bool
    promises: tuple[Promise, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairsView:
    """What a report, or a vendor's own page, shows of repair."""

    repairable: tuple[Repairable, ...]
    repairs: tuple[CreditRepair, ...]
    rules: CreditRules


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairView:
    """An application with its deduction, its conditions as they are now, its trail, and what may be done with it."""

    repair: CreditRepair
    event: CreditEvent
    vendor: Vendor
    market: Market
    conditions: tuple[Condition, ...]
    most: int
    steps: tuple[RepairStep, ...]
    actions: tuple[RepairAction, ...]
    rules: CreditRules


def party(viewer: Viewer) -> Party:
    """Return a signed-in person as the trail of an application names them."""
    return Party(
        username=viewer.username,
        origin=viewer.origin,
        market_id=viewer.scope,
        decides=viewer.may(Permission.DECIDE_CREDIT),
    )


def repairs_view(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    ledger: Sequence[CreditEvent],
    counted: Sequence[CreditEvent],
    *,
    rules: CreditRules,
    now: datetime,
) -> RepairsView:
    """Return what may be repaired of a vendor, and what was asked. `counted`: of its ledger what makes the score."""
    deductions = [one for one in counted if one.points < 0]
    subjects = subjects_of(conn, market_id, vendor_id, ledger, deductions)
    repairs = credit_repairs.of_vendor(conn, market_id, vendor_id, limit=_MOST)
    waiting = {one.event_id: one for one in repairs if one.state is RepairState.APPLIED}
    return RepairsView(
        repairable=tuple(_repairable(one, waiting.get(one.event.event_id), rules, now) for one in subjects),
        repairs=tuple(repairs),
        rules=rules,
    )


def _repairable(subject: Subject, waiting: CreditRepair | None, rules: CreditRules, now: datetime) -> Repairable:
    judged = judge(subject, None if waiting is None else shown_with(waiting), rules=rules, now=now)
    left = [one for one in judged.conditions if not one.is_met and one.name is not ConditionName.EFFORT]
    return Repairable(
        event=subject.event,
        conditions=judged.conditions,
        most=judged.most,
        waiting=waiting,
        is_open=not left and waiting is None,
        promises=tuple(promises_that_show_effort(subject)),
    )


def repair_for(conn: Connection, running: Service, viewer: Viewer, repair_id: int, *, now: datetime) -> RepairView:
    """Return an application. Raise NotFound where there is none that the person may see."""
    repair = seen(conn, repair_id, party(viewer))
    rules = rules_now(conn, running.config.credit_rules, now)
    ledger = credit.of_vendor(conn, repair.market_id, repair.vendor_id)
    event = next(one for one in ledger if one.event_id == repair.event_id)
    subject = subjects_of(conn, repair.market_id, repair.vendor_id, ledger, [event])[0]
    judged = judge(subject, shown_with(repair), rules=rules, now=now)
    vendor = registry.vendor(conn, repair.market_id, repair.vendor_id, now)
    if vendor is None:
        raise NotFound(f"there is no vendor {repair.vendor_id} in market {repair.market_id}")
    may_decide = viewer.may(Permission.DECIDE_CREDIT)
    return RepairView(
        repair=repair,
        event=event,
        vendor=vendor,
        market=next(one for one in registry.markets(conn) if one.market_id == repair.market_id),
        conditions=judged.conditions,
        most=judged.most,
        steps=tuple(credit_repairs.steps_of(conn, repair_id)),
        actions=tuple(one for one in actions_from(repair.state) if may_decide or one not in DECISIONS),
        rules=rules,
    )


def file_application(
    conn: Connection,
    running: Service,
    by: Party,
    market_id: MarketId,
    vendor_id: VendorId,
    typed: Application,
    *,
    now: datetime,
) -> CreditRepair:
    """Apply for repair. Raises what `credit.repairs.handling.apply` raises."""
    return apply(conn, market_id, vendor_id, typed, by=by, shipped=running.config.credit_rules, now=now)


def settle(
    conn: Connection, running: Service, by: Party, repair_id: int, verdict: Verdict, *, now: datetime
) -> CreditRepair:
    """Grant, refuse or withdraw. Raises what `credit.repairs.handling.decide` raises."""
    return decide(conn, repair_id, verdict, by=by, shipped=running.config.credit_rules, now=now)
