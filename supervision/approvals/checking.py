"""Act on checks and on whom approvals are about: decided by the table, done under a lock, written to the trail."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import inspections, items
from db.approvals import checks, records
from db.inspections import NewTask, NewVisit
from db.register import vendors
from domain.approval import Check, CheckAction, Match
from domain.errors import FieldRefused, IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from supervision.alerts.handling import SYSTEM
from supervision.approvals.policy import ApprovalsPolicy
from supervision.approvals.states import LONGEST_NOTE, UNFINISHED, Move, moved, require_explanation, step_of
from supervision.inspections.planning import opened

_AT_ONCE: Final = 500


def act(conn: Connection, check_id: int, move: Move, *, actor: str, now: datetime) -> Check:
    """Take one step with a check in somebody's name, within the caller's transaction; return it as it stands then.

    The second of two people who act at once waits, and then meets the state the first one left. Raises NotFound,
    IllegalTransition, FieldRefused.
    """
    if move.action is CheckAction.EXPORT:
        raise RuleViolation("a result is exported with the others, not by itself")
    if move.action is CheckAction.REOPEN:
        # Of an approval one check is unfinished: who reopens one waits for whoever opens another, and then sees it.
        seen = checks.by_id(conn, check_id)
        if seen is not None:
            records.by_id_locked(conn, seen.approval_id)
    check = _held(conn, check_id)
    after, step = moved(check, move, actor=actor, now=now)
    if move.action is CheckAction.REOPEN and checks.unfinished(conn, check.approval_id) is not None:
        raise IllegalTransition("this approval has another check that is not done yet: that one goes on")
    checks.move(conn, after)
    checks.append_step(conn, check_id, step)
    return after


def assign(conn: Connection, check_id: int, username: str, *, actor: str, origin: str, now: datetime) -> Check:
    """Say who is to do a check. That they may is the caller's to know. Raises NotFound, IllegalTransition."""
    check = _held(conn, check_id)
    if check.state not in UNFINISHED:
        raise IllegalTransition(f"cannot assign a check that is {check.state}")
    after = replace(check, assigned_to=username)
    checks.move(conn, after)
    move = Move(action=CheckAction.ASSIGN, note=username, origin=origin)
    checks.append_step(conn, check_id, step_of(check, after, move, actor=actor, now=now))
    return after


def comment(conn: Connection, check_id: int, note: str, *, actor: str, origin: str, now: datetime) -> Check:
    """Write a note into the trail. Raises NotFound, FieldRefused."""
    check = _held(conn, check_id)
    move = Move(action=CheckAction.COMMENT, note=note, origin=origin)
    require_explanation(move)
    checks.append_step(conn, check_id, step_of(check, check, move, actor=actor, now=now))
    return check


def inspect(
    conn: Connection,
    check_id: int,
    market_id: MarketId,
    vendor_id: VendorId,
    item_code: str,
    *,
    actor: str,
    origin: str,
    now: datetime,
    policy: ApprovalsPolicy,
) -> int:
    """Open a visit to the vendor whom the approval is about, of an item of the catalogue; return the inspection_id.

    Asked again, it is the same one until it came to something or was given up; what it comes to is the check's result.
    Raises NotFound, IllegalTransition, FieldRefused for an item that is not in force.
    """
    check = _held(conn, check_id)
    known = inspections.of_approval_check(conn, check_id)
    if known is not None:
        return known
    if check.state not in UNFINISHED:
        raise IllegalTransition(f"cannot open a visit for a check that is {check.state}")
    matched = records.matches(conn, check.approval_id)
    if (market_id, vendor_id) not in [(one.market_id, one.vendor_id) for one in matched]:
        raise RuleViolation(f"this approval is not about vendor {vendor_id} in market {market_id}: match it first")
    catalogue = items.in_force(conn)
    item = None if catalogue is None else items.item(conn, catalogue.catalogue_id, item_code)
    if catalogue is None or item is None:
        raise FieldRefused("item", item_code, "the code of an item of the catalogue in force", problem="no_item")
    today = policy.today(now)
    visit = NewVisit(
        market_id=market_id,
        vendor_id=vendor_id,
        first_day=today,
        last_day=max(today, check.due_on),
        task=NewTask(
            department=item.department,
            catalogue_id=catalogue.catalogue_id,
            items=(item.code,),
            approval_check_id=check_id,
        ),
        inspectors=(),
    )
    stored = records.by_id(conn, check.approval_id)
    number = "" if stored is None else stored.approval.number
    inspection_id = opened(conn, visit, note=f"approval check {check_id}: {number}", by=actor, at=now)
    after = replace(check, inspection_id=inspection_id)
    checks.move(conn, after)
    move = Move(action=CheckAction.INSPECT, note=f"inspection {inspection_id}", origin=origin)
    checks.append_step(conn, check_id, step_of(check, after, move, actor=actor, now=now))
    return inspection_id


def match(
    conn: Connection, approval_id: int, market_id: MarketId, vendor_id: VendorId, *, because: str, by: str, at: datetime
) -> list[Match]:
    """Say that an approval is about a vendor; return whom it is about then. Raises NotFound, FieldRefused."""
    why = _reason(because)
    _approval(conn, approval_id)
    if vendors.one(conn, market_id, vendor_id) is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    records.match_by_a_person(conn, approval_id, market_id, vendor_id, because=why, by=by, at=at)
    return records.matches(conn, approval_id)


def unmatch(
    conn: Connection, approval_id: int, market_id: MarketId, vendor_id: VendorId, *, because: str, by: str, at: datetime
) -> list[Match]:
    """Say that an approval is not about a vendor; no code matches the two again. Raises NotFound, FieldRefused."""
    why = _reason(because)
    _approval(conn, approval_id)
    if not records.end_match(conn, approval_id, market_id, vendor_id, because=why, by=by, at=at):
        raise NotFound(f"approval {approval_id} is not matched with vendor {vendor_id} in market {market_id}")
    return records.matches(conn, approval_id)


def match_late(conn: Connection, now: datetime) -> int:
    """Match approvals with vendors whose codes are new, and end what matches no more; return how many were matched.

    Again changes nothing.
    """
    matched = 0
    while True:
        with conn.transaction():
            # Whoever takes approvals in just now is waited for: either they see the vendor, or we their approvals.
            records.hold_feed(conn)
            changed = records.take_stale_vendors(conn, _AT_ONCE)
            if not changed:
                return matched
            ids = records.about_vendors(conn, changed)
            matched += records.match_by_codes(conn, ids, by=SYSTEM, at=now)


def _reason(because: str) -> str:
    why = because.strip()
    if not why or len(why) > LONGEST_NOTE:
        given = f"{len(why)} characters" if why else ""
        raise FieldRefused("because", given, f"why, in at most {LONGEST_NOTE} characters", problem="no_reason")
    return why


def _approval(conn: Connection, approval_id: int) -> None:
    if records.by_id_locked(conn, approval_id) is None:
        raise NotFound(f"there is no approval {approval_id}")


def _held(conn: Connection, check_id: int) -> Check:
    check = checks.by_id_locked(conn, check_id)
    if check is None:
        raise NotFound(f"there is no check {check_id}")
    return check
