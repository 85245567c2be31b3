"""Look at the deadlines that are due to be looked at: remind, and say what was missed. One transaction a round."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import alert_steps, deadlines
from db.deadlines import LookedAt, Told
from domain.alert import Alert, Severity
from domain.alert_step import AlertAction, AlertStep
from supervision.alerts.handling import SYSTEM
from supervision.deadlines.clock import Clock, Standing, clocks_of
from supervision.policy import SupervisionPolicy

#: So many alerts are looked at in one transaction.
_ROUND: Final = 500

#: Who has an opinion of how severe an alert is: the rules, which supervision does not know.
SeverityOf = Callable[[Alert], Severity | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineEvent:
    """Something to tell people: a deadline of an alert is near, or was missed."""

    alert: Alert
    clock: Clock
    standing: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What a round found: how many alerts it looked at, and what had not been said before."""

    looked_at: int
    events: tuple[DeadlineEvent, ...]

    @property
    def is_full(self) -> bool:
        """Whether there may be more to look at."""
        return self.looked_at == _ROUND


def sweep(conn: Connection, *, policy: SupervisionPolicy, severity_of: SeverityOf, now: datetime) -> Swept:
    """Look at what is due to be looked at, within the caller's transaction.

    A missed deadline is written to the audit trail of its alert, and said once for each stay in a state.
    """
    found = deadlines.to_look_at(conn, now, _ROUND)
    clocks = {alert.alert_id: _clocks(alert, policy, severity_of, now) for alert in found}
    due = [(alert, clock) for alert in found for clock in clocks[alert.alert_id]]
    new = deadlines.tell(conn, [_told(alert, clock, now) for alert, clock in due if _is_due(clock, now)], now)
    events = tuple(
        DeadlineEvent(alert=alert, clock=clock, standing=clock.standing_at(now))
        for alert, clock in due
        if (alert.alert_id, clock.deadline, clock.standing_at(now)) in new
    )
    for event in events:
        if event.standing is Standing.MISSED:
            alert_steps.append(conn, event.alert.alert_id, _step(event, now))
    if found:
        deadlines.looked_at(conn, [_looked(alert, clocks[alert.alert_id], now) for alert in found])
    return Swept(looked_at=len(found), events=events)


def _clocks(alert: Alert, policy: SupervisionPolicy, severity_of: SeverityOf, now: datetime) -> tuple[Clock, ...]:
    return clocks_of(alert, severity_of(alert), policy=policy.deadlines, calendar=policy.working_calendar, now=now)


def _is_due(clock: Clock, now: datetime) -> bool:
    return clock.standing_at(now) is not Standing.RUNNING


def _told(alert: Alert, clock: Clock, now: datetime) -> Told:
    return Told(
        alert_id=alert.alert_id,
        deadline=clock.deadline,
        due_since=alert.due_since,
        standing=clock.standing_at(now),
        due_at=clock.due_at,
    )


def _looked(alert: Alert, clocks: tuple[Clock, ...], now: datetime) -> LookedAt:
    coming = [moment for clock in clocks for moment in (clock.remind_at, clock.due_at) if moment > now]
    is_overdue = any(clock.standing_at(now) is Standing.MISSED for clock in clocks)
    # Due at this very moment is not missed yet: it is looked at once more, when it is over.
    at_once = [now for clock in clocks if clock.due_at == now]
    return LookedAt(alert_id=alert.alert_id, next_look_at=min(coming + at_once, default=None), is_overdue=is_overdue)


def _step(event: DeadlineEvent, now: datetime) -> AlertStep:
    return AlertStep(
        at=now,
        actor=SYSTEM,
        action=AlertAction.MISS,
        from_state=event.alert.state,
        to_state=event.alert.state,
        reason=event.clock.deadline,
        origin=SYSTEM,
    )
