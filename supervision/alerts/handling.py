"""Act on an alert: decided by the table, done under a lock, written to the audit trail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import alert_steps, alerts, cases
from domain.alert import Alert, AlertState
from domain.alert_step import AlertAction, AlertStep, WithdrawReason
from domain.errors import FieldRefused, IllegalTransition, NotFound
from domain.ids import MarketId
from domain.notice import NewHappening, NoticeKind
from supervision.alerts import merging
from supervision.alerts.appeals import (
    appealed_decision,
    require_another_person,
    require_appealable,
    require_not_decided_above,
)
from supervision.alerts.moving import after
from supervision.alerts.needs import Asked, Field, Problem, require_fields
from supervision.alerts.states import AWAITING, BESIDE, DECIDED, OF_ITSELF, Authority, next_state
from supervision.notices.telling import tell
from supervision.policy import SupervisionPolicy

#: Who acts where nobody did.
SYSTEM: Final = "system"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts, with what authority, from where. `market_id`: the one market they see (None: every market)."""

    username: str
    authority: Authority
    market_id: MarketId | None = None
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handled:
    """What was done: the alert as it was before, and the step it took."""

    alert: Alert
    step: AlertStep


class ChangedMeanwhile(IllegalTransition):
    """Somebody moved or assigned the alert after the person who acts had looked at it."""


def handle(
    conn: Connection, alert_id: int, asked: Asked, *, by: Actor, policy: SupervisionPolicy, now: datetime
) -> Handled:
    """Take one step with an alert, within the caller's transaction.

    The second of two people who act at once waits, and then meets the state the first one left. Raises NotFound,
    IllegalTransition (ChangedMeanwhile where the table would allow it, but they saw another), NotAllowed, FieldRefused.
    """
    alert = _held(conn, alert_id, asked, by)
    to_state = alert.state if asked.action in BESIDE else next_state(alert.state, asked.action, by.authority)
    if asked.revision not in (None, alert.revision):
        raise ChangedMeanwhile(f"alert {alert_id} is {alert.state} now, after a step that you had not seen")
    if asked.action is AlertAction.ATTACH:
        # A photo comes with its bytes (supervision/alerts/attaching.py); a step that only says so proves nothing.
        raise FieldRefused("photo", "", "a photo", problem=Problem.MISSING)
    today = now.astimezone(ZoneInfo(alert.timezone)).date()
    require_fields(asked, alert.state, today=today, policy=policy.rectification)
    _require_conditions(conn, alert, asked, by=by, policy=policy, now=now)
    step = AlertStep(
        at=now,
        actor=by.username,
        action=asked.action,
        from_state=alert.state,
        to_state=to_state,
        reason=asked.reason or "",
        note=asked.note.strip(),
        origin=by.origin,
        assignee=asked.assignee,
        due_on=asked.due_on,
        merged_into=asked.into,
        penalty=asked.penalty,
    )
    _take(conn, alert, step)
    return Handled(alert=alert, step=step)


def withdraw_by_itself(
    conn: Connection, alert_id: int, reason: WithdrawReason, now: datetime, *, note: str = ""
) -> bool:
    """Withdraw an alert whose cause is gone, within the caller's transaction; say whether it was still undecided.

    What a person decided meanwhile stays, and an alert that was withdrawn never opens again. Those merged into it are
    looked at on their own again, or with the one that was opened of the same kind and day meanwhile.
    """
    alerts.hold_with_twins(conn, alert_id)
    if _by_itself(conn, alert_id, AlertAction.WITHDRAW, now, reason=reason, note=note) is None:
        return False
    for child in alerts.handled_with(conn, alert_id):
        twin = _held_twin(conn, child.alert_id)
        if twin is None:
            _by_itself(conn, child.alert_id, AlertAction.REOPEN, now, reason="", note=note)
        else:
            _go_along(conn, child, _of_itself(child, AlertAction.MERGE, child.state, now, note=note, merged_into=twin))
    return True


def _held_twin(conn: Connection, alert_id: int) -> int | None:
    """Hold the alert that counts on in the place of this one; None where none does once it is held.

    It is held already, but for one that was opened since.
    """
    twin = alerts.counting_twin(conn, alert_id)
    while twin is not None:
        alerts.by_id_locked(conn, twin)
        found, twin = twin, alerts.counting_twin(conn, alert_id)
        if found == twin:
            return twin
    return None


def overturn_by_itself(conn: Connection, alert_id: int, now: datetime, *, note: str) -> Handled | None:
    """Overturn a breach of which nothing is left, within the caller's transaction; None where none stands."""
    alerts.hold_by_itself(conn, [alert_id])
    return _by_itself(conn, alert_id, AlertAction.OVERTURN, now, reason="", note=note)


def _by_itself(
    conn: Connection, alert_id: int, action: AlertAction, now: datetime, *, reason: str, note: str
) -> Handled | None:
    alert = alerts.by_id(conn, alert_id)
    to_state = None if alert is None else OF_ITSELF.get((alert.state, action))
    if alert is None or to_state is None:
        return None
    step = _of_itself(alert, action, to_state, now, reason=reason, note=note)
    _take(conn, alert, step)
    return Handled(alert=alert, step=step)


def _of_itself(
    alert: Alert,
    action: AlertAction,
    to_state: AlertState,
    now: datetime,
    *,
    note: str,
    reason: str = "",
    merged_into: int | None = None,
) -> AlertStep:
    return AlertStep(
        at=now,
        actor=SYSTEM,
        action=action,
        from_state=alert.state,
        to_state=to_state,
        reason=reason,
        note=note,
        origin=SYSTEM,
        merged_into=merged_into,
    )


def _held(conn: Connection, alert_id: int, asked: Asked, by: Actor) -> Alert:
    """Hold the alert, those that are merged into it, and the one it is to be merged into."""
    alerts.hold_together(conn, {alert_id, *({asked.into} if asked.into is not None else ())})
    alert = alerts.by_id(conn, alert_id)
    if alert is None or by.market_id not in (None, alert.market_id):
        raise NotFound(f"there is no alert {alert_id} that you may see")
    return alert


_Condition = Callable[[Connection, Alert, Asked, Actor, SupervisionPolicy, datetime], None]


def _require_conditions(
    conn: Connection, alert: Alert, asked: Asked, *, by: Actor, policy: SupervisionPolicy, now: datetime
) -> None:
    condition = _CONDITIONS.get(asked.action)
    if condition is not None:
        condition(conn, alert, asked, by, policy, now)


def _may_be_appealed(
    conn: Connection, alert: Alert, _asked: Asked, _by: Actor, policy: SupervisionPolicy, now: datetime
) -> None:
    today = now.astimezone(ZoneInfo(alert.timezone)).date()
    require_appealable(alert_steps.of_alert(conn, alert.alert_id), policy, today=today, timezone=alert.timezone)


def _is_another_person(
    conn: Connection, alert: Alert, asked: Asked, by: Actor, _policy: SupervisionPolicy, _now: datetime
) -> None:
    trail = alert_steps.of_alert(conn, alert.alert_id)
    if asked.action is AlertAction.OVERTURN:
        require_not_decided_above(trail, by.authority)
    if alert.state is AlertState.APPEALED:
        require_another_person(trail, by.username, together=_decided_together(conn, alert, trail))


def _decided_together(conn: Connection, alert: Alert, trail: Sequence[AlertStep]) -> set[str]:
    """Who decided the case whose document is appealed: the trail names only who recorded it."""
    appealed = appealed_decision(trail)
    if appealed is None or appealed.penalty is None or alert.vendor_id is None:
        return set()
    document = appealed.penalty
    return cases.decided_by(
        conn, alert.market_id, alert.vendor_id, authority=document.authority, document_no=document.document_no
    )


def _is_proved(
    conn: Connection, alert: Alert, _asked: Asked, _by: Actor, policy: SupervisionPolicy, _now: datetime
) -> None:
    if policy.rectification.needs_photo and not alert_steps.has_photo_since_ordered(conn, alert.alert_id):
        expected = "a photo, added since it was ordered, that shows what was put right"
        raise FieldRefused("photo", "", expected, problem=Problem.NO_PHOTO_SINCE)


def _is_somebody(
    conn: Connection, alert: Alert, asked: Asked, _by: Actor, _policy: SupervisionPolicy, _now: datetime
) -> None:
    if asked.assignee is not None and not alert_steps.may_be_assigned(conn, asked.assignee, alert.market_id):
        expected = "a person who handles alerts of this market"
        raise FieldRefused(Field.ASSIGNEE, repr(asked.assignee), expected, problem=Problem.NO_SUCH_PERSON)


def _may_merge(
    conn: Connection, alert: Alert, asked: Asked, _by: Actor, _policy: SupervisionPolicy, _now: datetime
) -> None:
    merging.require_mergeable(alert, None if asked.into is None else alerts.by_id(conn, asked.into), asked.into)


_CONDITIONS: Final[dict[AlertAction, _Condition]] = {
    AlertAction.APPEAL: _may_be_appealed,
    AlertAction.UPHOLD: _is_another_person,
    AlertAction.OVERTURN: _is_another_person,
    AlertAction.REPORT_RECTIFIED: _is_proved,
    AlertAction.ASSIGN: _is_somebody,
    AlertAction.MERGE: _may_merge,
}


#: What the regulator is told of, in the transaction in which it happens.
_TOLD_ABOVE: Final = {AlertAction.ESCALATE: NoticeKind.ESCALATED, AlertAction.APPEAL: NoticeKind.APPEALED}


def _take(conn: Connection, alert: Alert, step: AlertStep) -> None:
    moved = after(alert, step)
    if moved != alert:
        _require_no_twin(conn, alert, moved)
        alerts.store(conn, moved)
    if alert.state in AWAITING and moved.state in DECIDED - {AlertState.WITHDRAWN, AlertState.MERGED}:
        # Those merged into it were counting on with it; what comes from now on is another alert.
        alerts.stop_counting(conn, alert.alert_id)
    if step.action is AlertAction.MERGE and step.merged_into is not None:
        _bring_along(conn, alert, step)
    alert_steps.append(conn, alert.alert_id, step)
    happening = _to_tell(alert, step)
    if happening is not None:
        tell(conn, happening)


def _to_tell(alert: Alert, step: AlertStep) -> NewHappening | None:
    """Whoever is put on an alert by another is told, and the regulator of what is theirs to decide."""
    is_of_others = step.action is AlertAction.ASSIGN and step.assignee not in (None, step.actor)
    kind = NoticeKind.ASSIGNED if is_of_others else _TOLD_ABOVE.get(step.action)
    if kind is None:
        return None
    return NewHappening(
        kind=kind,
        market_id=alert.market_id,
        alert_id=alert.alert_id,
        at=step.at,
        to_user=step.assignee if is_of_others else None,
        to_role=None if is_of_others else "regulator",
        note=step.note,
    )


def _bring_along(conn: Connection, alert: Alert, step: AlertStep) -> None:
    """Those that were merged into an alert go where it goes: nobody looks for them along a chain."""
    for child in alerts.handled_with(conn, alert.alert_id):
        _go_along(conn, child, replace(step, from_state=child.state, to_state=child.state))


def _go_along(conn: Connection, child: Alert, step: AlertStep) -> None:
    alerts.store(conn, after(child, step))
    alert_steps.append(conn, child.alert_id, step)


def _require_no_twin(conn: Connection, alert: Alert, moved: Alert) -> None:
    """Refuse to open an alert again beside another open one of the same vendor, kind, species and day."""
    if alert.state in AWAITING or moved.state not in AWAITING:
        return
    twin = alerts.counting_twin(conn, alert.alert_id)
    if twin is not None:
        expected = f"no other open alert of the same kind and day; alert {twin} is"
        raise FieldRefused("alert", str(alert.alert_id), expected, problem=Problem.ANOTHER_IS_OPEN)
