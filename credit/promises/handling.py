"""Promises in the database: offered with a confirmation, made or declined by the vendor, followed by the ledger."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.promises.breaking import Follows, Line, waived_line
from credit.promises.offering import term_end
from credit.promises.states import OF_PERSONS, REFUSED, require_step
from db import alert_photos, alerts, credit, promises
from domain.errors import FieldRefused, IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.notice import NewHappening, NoticeKind
from domain.promise import MadeHow, NewPromise, Promise, PromiseAction, PromiseState, PromiseStep
from supervision.alerts.handling import SYSTEM
from supervision.notices.telling import tell

LONGEST_NOTE: Final = 2000
#: What becomes of a promise and is told to whoever sees the market, in the transaction in which it does.
_TOLD: Final = {
    PromiseAction.LAPSE: NoticeKind.PROMISE_LAPSED,
    PromiseAction.BREAK: NoticeKind.PROMISE_BROKEN,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who does it, from where. `market_id`: the one market they see; `vendor_id`: they are this vendor themselves."""

    username: str
    origin: str = ""
    market_id: MarketId | None = None
    vendor_id: VendorId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a vendor says to an offer. `how` it gave its word, where it did; `photo_id`: of the signed paper."""

    action: PromiseAction
    how: MadeHow | None = None
    note: str = ""
    photo_id: int | None = None
    revision: int | None = None


def seen(conn: Connection, promise_id: int, who: Who) -> Promise:
    """Return a promise that somebody may see. Raise NotFound."""
    found = promises.by_id(conn, promise_id)
    is_seen = (
        found is not None and who.market_id in (None, found.market_id) and who.vendor_id in (None, found.vendor_id)
    )
    if found is None or not is_seen:
        raise NotFound(f"there is no promise {promise_id} that you may see")
    return found


def offer(conn: Connection, new: NewPromise, *, by: str, origin: str, note: str = "") -> int:
    """Write an offer down with its first step, within the caller's transaction, who holds the vendor."""
    promise_id = promises.offer(conn, new)
    step = PromiseStep(
        promise_id=promise_id,
        at=new.offered_at,
        actor=by,
        action=PromiseAction.OFFER,
        from_state=PromiseState.OFFERED,
        to_state=PromiseState.OFFERED,
        note=note,
        origin=origin,
        alert_id=new.alert_id,
    )
    promises.append_step(conn, step)
    return promise_id


def answer(conn: Connection, promise_id: int, said: Answer, *, by: Who, now: datetime) -> Promise:
    """Have a promise made or declined, within a transaction; return it as it is then.

    Declined, it is charged what confirming the alert would have taken. Raises NotFound, IllegalTransition, FieldRefused
    for an answer that lacks what it needs, RuleViolation for an offer that has run out.
    """
    with conn.transaction():
        promise = _held(conn, promise_id, by)
        require_step(promise.state, said.action)
        if said.action not in OF_PERSONS:
            raise IllegalTransition(f"a promise does not {said.action} by anybody's word; possible: make, decline")
        if said.revision not in (None, promise.revision):
            raise IllegalTransition(f"promise {promise_id} is {promise.state} now, after a step that you had not seen")
        if now >= promise.offer_until:
            raise RuleViolation(f"the offer stood until {promise.offer_until.isoformat()}; it has run out")
        _require_said(conn, promise, said, by)
        moved = _answered(conn, promise, said, now)
        _move(
            conn,
            promise,
            moved,
            PromiseStep(
                promise_id=promise_id,
                at=now,
                actor=by.username,
                action=said.action,
                from_state=promise.state,
                to_state=moved.state,
                note=said.note.strip(),
                origin=by.origin,
                made_how=said.how,
                photo_id=said.photo_id,
            ),
        )
        if moved.state in REFUSED:
            append_lines(conn, promise.market_id, promise.vendor_id, (waived_line(moved),), by=by.username, now=now)
    return moved


def let_time_pass(conn: Connection, promise_id: int, now: datetime) -> bool:
    """Let an offer lapse or a term end that is due, in a transaction of its own; say whether it was."""
    with conn.transaction():
        promise = _held(conn, promise_id, Who(username=SYSTEM))
        if promise.state is PromiseState.OFFERED and promise.offer_until <= now:
            action, state = PromiseAction.LAPSE, PromiseState.LAPSED
        elif promise.state is PromiseState.MADE and promise.until is not None and promise.until <= now:
            action, state = PromiseAction.KEEP, PromiseState.KEPT
        else:
            return False
        moved = replace(promise, state=state)
        step = PromiseStep(
            promise_id=promise_id,
            at=now,
            actor=SYSTEM,
            action=action,
            from_state=promise.state,
            to_state=state,
            origin=SYSTEM,
        )
        _move(conn, promise, moved, step)
        if state in REFUSED:
            append_lines(conn, promise.market_id, promise.vendor_id, (waived_line(moved),), by=SYSTEM, now=now)
    return True


def follow(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, follows: Follows, *, by: str, origin: str, now: datetime
) -> None:
    """Append what follows from an alert, within the caller's transaction, who holds the vendor."""
    append_lines(conn, market_id, vendor_id, follows.lines, by=by, now=now)
    if not follows.moved:
        return
    before = {one.promise_id: one for one in promises.of_vendor(conn, market_id, vendor_id)}
    for moved in follows.moved:
        was = before[moved.promise.promise_id]
        step = PromiseStep(
            promise_id=was.promise_id,
            at=now,
            actor=by,
            action=moved.action,
            from_state=was.state,
            to_state=moved.promise.state,
            origin=origin,
            alert_id=moved.alert_id,
        )
        _move(conn, was, moved.promise, step)


def append_lines(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, lines: tuple[Line, ...], *, by: str, now: datetime
) -> None:
    """Append lines to a vendor's ledger, within the caller's transaction, who holds the vendor."""
    for line in lines:
        credit.append(
            conn,
            market_id=market_id,
            vendor_id=vendor_id,
            occurred_at=line.occurred_at,
            recorded_at=now,
            recorded_by=by,
            reason=line.reason,
            points=line.points,
            rule=line.rule,
            rules_version=line.rules_version,
            alert_id=line.alert_id,
            reverses=line.reverses,
            promise_id=line.promise_id,
            factor=line.factor,
            source=line.source,
            is_veto=line.is_veto,
            evidence=line.evidence,
        )


def _held(conn: Connection, promise_id: int, who: Who) -> Promise:
    """Hold the vendor, as whoever moves one of its promises does; return the promise as it is once that is held."""
    found = seen(conn, promise_id, who)
    credit.lock_vendor(conn, found.market_id, found.vendor_id)
    return seen(conn, promise_id, who)


def _answered(conn: Connection, promise: Promise, said: Answer, now: datetime) -> Promise:
    if said.action is PromiseAction.DECLINE:
        return replace(promise, state=PromiseState.DECLINED)
    alert = alerts.by_id(conn, promise.alert_id)
    if alert is None:
        raise NotFound(f"there is no alert {promise.alert_id}")
    until = term_end(now, promise.term_days, alert.timezone)
    return replace(promise, state=PromiseState.MADE, made_at=now, until=until)


def _require_said(conn: Connection, promise: Promise, said: Answer, by: Who) -> None:
    if len(said.note) > LONGEST_NOTE:
        found, expected = f"{len(said.note)} characters long", f"at most {LONGEST_NOTE} characters"
        raise FieldRefused("note", found, expected, problem="too_long")
    if said.action is PromiseAction.DECLINE:
        if said.how is not None:
            raise FieldRefused("how", repr(said.how.value), "nothing: it was declined", problem="not_taken")
        return
    if said.how is None:
        raise FieldRefused("how", "", "one of " + ", ".join(MadeHow), problem="missing")
    if said.how is MadeHow.PAGE and by.vendor_id is None:
        expected = f"{MadeHow.PAPER} with a photo, or {MadeHow.ORAL}: on the page only the vendor gives its word"
        raise FieldRefused("how", MadeHow.PAGE, expected, problem="not_taken")
    if said.how is MadeHow.ORAL and not said.note.strip():
        raise FieldRefused("note", "", "who heard it, and where", problem="missing")
    if said.how is MadeHow.PAPER:
        known = {one.photo_id for one in alert_photos.of_alert(conn, promise.alert_id)}
        if said.photo_id not in known:
            found = "" if said.photo_id is None else str(said.photo_id)
            expected = f"a photo of the signed paper, added to alert {promise.alert_id}"
            raise FieldRefused("photo", found, expected, problem="missing")


def _move(conn: Connection, was: Promise, moved: Promise, step: PromiseStep) -> None:
    if moved.state not in require_step(was.state, step.action):
        raise ValueError(f"{step.action} of promise {was.promise_id} leads to {moved.state}")
    promises.move(conn, moved)
    promises.append_step(conn, step)
    kind = _TOLD.get(step.action)
    if kind is not None:
        # Beside the alert that broke it; a vendor's second breach is told of again.
        alert_id = was.alert_id if step.alert_id is None else step.alert_id
        new = NewHappening(kind=kind, market_id=was.market_id, alert_id=alert_id, at=step.at, promise_id=was.promise_id)
        tell(conn, new)
