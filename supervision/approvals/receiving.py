"""Take records in: each a version kept once; what is new or changed in earnest is checked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from db.approvals import checks, records
from db.approvals.records import NewVersion
from domain.approval import ApprovalAct, Check, CheckAction, CheckState, CheckStep, Feed
from domain.errors import BadFile, IllegalTransition, RuleViolation
from supervision.alerts.handling import SYSTEM
from supervision.approvals.filing import (
    APPROVAL_LIMITS,
    FeedPlan,
    Key,
    PlannedRecord,
    ReadRecord,
    feed_plan,
    planned,
    read_record,
    read_table,
)
from supervision.approvals.judging import Arrival, KnownApproval, digest_of
from supervision.approvals.policy import ApprovalsPolicy
from supervision.approvals.states import Move, moved
from supervision.deadlines.working_days import WorkingCalendar
from tables.files import table_of

#: A program sends its news, not its archive.
MOST_RECORDS: Final = 500
#: What becomes a version.
_TELLING: Final = (Arrival.NEW, Arrival.CHANGED, Arrival.LATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feeding:
    """Who hands in what, how, and by which policy it is checked."""

    policy: ApprovalsPolicy
    calendar: WorkingCalendar
    feed: Feed
    by: str
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A record that was handed in, and what became of it; without an approval_id it was refused."""

    planned: PlannedRecord
    approval_id: int | None = None
    version: int | None = None
    check_id: int | None = None


class PlanChanged(IllegalTransition):
    """What the file would do is not what was looked at: more was told meanwhile."""


def preview(conn: Connection, name: str, content: bytes, feeding: Feeding) -> FeedPlan:
    """Return what a file would do; nothing is kept. Raise BadFile for what is no table."""
    plan, _ = _preview(conn, name, content, feeding)
    return plan


def take_file(
    conn: Connection,
    name: str,
    content: bytes,
    feeding: Feeding,
    *,
    expected: str | None,
    receipt_id: int | None = None,
) -> list[Taken]:
    """Take a file over in one transaction, all of it or nothing. The same file again changes nothing.

    `expected`: the digest of the plan that was looked at; None: whatever it would do. `receipt_id`: where it is kept.
    Raise BadFile with every problem, PlanChanged.
    """
    with conn.transaction():
        records.hold_feed(conn)
        plan, known = _preview(conn, name, content, feeding)
        if not plan.may_be_taken:
            raise BadFile(name, tuple(map(str, plan.problems)))
        if expected is not None and expected != plan.digest:
            raise PlanChanged("more was told since you looked: look at what the file would do now")
        return _take_all(conn, plan.records, known, name, content, feeding, receipt_id)


def take_records(conn: Connection, given: Sequence[Mapping[str, str]], feeding: Feeding) -> list[Taken]:
    """Take records of a program: each for itself, so that a wrong one keeps no other out, and is itself not kept.

    Raise RuleViolation for none or too many.
    """
    if not 0 < len(given) <= MOST_RECORDS:
        raise RuleViolation(f"records has {len(given)}; expected 1 to {MOST_RECORDS}")
    with conn.transaction():
        records.hold_feed(conn)
        rows = enumerate(given, start=1)
        read = [read_record(texts, row, zone=feeding.policy.zone, now=feeding.now) for row, texts in rows]
        known = _known(conn, read)
        found = planned(read, _as_judged(known))
        # What is refused may be what nobody is to keep, as the number of an identity card.
        accepted = [dict(texts) for texts, one in zip(given, found, strict=True) if not one.problems]
        content = json.dumps(accepted, ensure_ascii=False).encode()
        return _take_all(conn, found, known, "records", content, feeding, None)


def _preview(
    conn: Connection, name: str, content: bytes, feeding: Feeding
) -> tuple[FeedPlan, Mapping[Key, records.KnownRow]]:
    table = table_of(content, name, APPROVAL_LIMITS)
    given, read = read_table(table, zone=feeding.policy.zone, now=feeding.now)
    known = _known(conn, read)
    return feed_plan(given, planned(read, _as_judged(known))), known


def _take_all(
    conn: Connection,
    found: Sequence[PlannedRecord],
    known: Mapping[Key, records.KnownRow],
    name: str,
    content: bytes,
    feeding: Feeding,
    receipt_id: int | None,
) -> list[Taken]:
    count = Counter(one.judged.arrival for one in found)
    kept = receipt_id
    # A program that tells the same every minute leaves nothing; what a person uploaded is listed whatever it told.
    if kept is None and (feeding.feed is Feed.FILE or any(count[arrival] for arrival in _TELLING)):
        kept = records.put_receipt(conn, feeding.feed, name, content, by=feeding.by, at=feeding.now)
    taken = [_take(conn, one, known, kept, feeding) for one in found]
    if kept is not None:
        records.taken(
            conn,
            kept,
            by=feeding.by,
            at=feeding.now,
            added=count[Arrival.NEW],
            changed=count[Arrival.CHANGED],
            unchanged=count[Arrival.UNCHANGED],
            late=count[Arrival.LATE],
        )
    moved_on = (Arrival.NEW, Arrival.CHANGED)
    ids = [one.approval_id for one in taken if one.approval_id and one.planned.judged.arrival in moved_on]
    records.match_by_codes(conn, ids, by=SYSTEM, at=feeding.now)
    return taken


def _take(
    conn: Connection,
    one: PlannedRecord,
    before: Mapping[Key, records.KnownRow],
    receipt_id: int | None,
    feeding: Feeding,
) -> Taken:
    key, given, arrival = one.record.key, one.record.given, one.judged.arrival
    if key is None or given is None or arrival is Arrival.REFUSED:
        return Taken(planned=one)
    known = before.get(key)
    if arrival is Arrival.UNCHANGED and known is not None:
        if given.changed_at is not None and digest_of(given.approval) == known.stored.digest:
            records.told_again(conn, known.stored.approval_id, given.changed_at)
        return Taken(planned=one, approval_id=known.stored.approval_id, version=known.stored.version)
    new = NewVersion(
        version=1 if known is None else known.latest + 1,
        approval=given.approval,
        digest=digest_of(given.approval),
        changed_at=given.changed_at,
        changes=dict(one.judged.changes),
        is_late=arrival is Arrival.LATE,
        feed=feeding.feed,
        receipt_id=receipt_id,
        by=feeding.by,
        at=feeding.now,
    )
    if known is None:
        approval_id = records.insert(conn, new)
    else:
        approval_id = known.stored.approval_id
        if not new.is_late:
            records.replace_with(conn, approval_id, new)
    records.append_version(conn, approval_id, new)
    check_id = None if new.is_late else _checked(conn, approval_id, new, feeding)
    return Taken(planned=one, approval_id=approval_id, version=new.version, check_id=check_id)


def _checked(conn: Connection, approval_id: int, new: NewVersion, feeding: Feeding) -> int | None:
    """Open the check of a version, or let the one that is not done yet be about it; a cancelled one withdraws it."""
    unfinished = checks.unfinished(conn, approval_id)
    if new.approval.act is ApprovalAct.CANCELLED:
        if unfinished is not None:
            note = f"cancelled by {new.approval.authority}: version {new.version}"
            after, step = moved(unfinished, Move(action=CheckAction.WITHDRAW, note=note), actor=SYSTEM, now=feeding.now)
            checks.move(conn, replace(after, version=new.version))
            checks.append_step(conn, after.check_id, step)
        return None
    if new.version > 1 and not feeding.policy.is_material(frozenset(new.changes)):
        return None
    due_on = feeding.policy.due_on(new.approval.kind, new.approval.act, feeding.now, feeding.calendar)
    if due_on is None:
        return None
    if unfinished is not None:
        return _moved_on(conn, unfinished, new, feeding)
    check_id = checks.insert(
        conn, approval_id, new.version, due_on=due_on, policy_version=feeding.policy.version, at=feeding.now
    )
    checks.append_step(conn, check_id, _noted(CheckState.OPEN, CheckAction.OPENED, feeding, f"version {new.version}"))
    return check_id


def _moved_on(conn: Connection, check: Check, new: NewVersion, feeding: Feeding) -> int:
    """A change gives nobody more time: the day it is due on stays."""
    checks.move(conn, replace(check, version=new.version))
    note = f"version {check.version} → {new.version}: {', '.join(sorted(new.changes))}"
    checks.append_step(conn, check.check_id, _noted(check.state, CheckAction.MOVED_ON, feeding, note))
    return check.check_id


def _noted(state: CheckState, action: CheckAction, feeding: Feeding, note: str) -> CheckStep:
    return CheckStep(
        at=feeding.now, actor=SYSTEM, action=action, from_state=state, to_state=state, note=note, origin=feeding.feed
    )


def _known(conn: Connection, read: Sequence[ReadRecord]) -> Mapping[Key, records.KnownRow]:
    return records.known(conn, [key for one in read if (key := one.key) is not None])


def _as_judged(known: Mapping[Key, records.KnownRow]) -> dict[Key, KnownApproval]:
    return {
        key: KnownApproval(
            approval_id=row.stored.approval_id,
            version=row.stored.version,
            approval=row.stored.approval,
            changed_at=row.stored.changed_at,
            digests=frozenset(row.digests),
        )
        for key, row in known.items()
    }
