"""What of an alert is due when, and how it stands: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from domain.alert import Alert, AlertState, Severity
from supervision.deadlines.policy import Deadline, DeadlinePolicy, Within
from supervision.deadlines.working_days import WorkingCalendar


class Standing(StrEnum):
    """How a deadline stands."""

    RUNNING = "running"
    #: Most of the time is over: somebody is reminded.
    NEAR = "near"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """One deadline of an alert. `counted_left`: time that counts until it is due; below 0 once it is missed."""

    deadline: Deadline
    since: datetime
    remind_at: datetime
    due_at: datetime
    counted_left: timedelta

    def standing_at(self, now: datetime) -> Standing:
        """Say how it stands."""
        if now > self.due_at:
            return Standing.MISSED
        return Standing.NEAR if now >= self.remind_at else Standing.RUNNING


#: What is due in a state, in the order in which it is.
DUE_IN: Final[Mapping[AlertState, tuple[Deadline, ...]]] = {
    AlertState.OPEN: (Deadline.RESPOND, Deadline.DECIDE),
    AlertState.ACKNOWLEDGED: (Deadline.DECIDE,),
    AlertState.CONFIRMED: (Deadline.FOLLOW_UP,),
    AlertState.UPHELD: (Deadline.FOLLOW_UP,),
    AlertState.PENALISED: (Deadline.FOLLOW_UP,),
    AlertState.RECTIFYING: (Deadline.RECTIFY,),
    AlertState.RECTIFIED: (Deadline.CHECK,),
    AlertState.ESCALATED: (Deadline.SETTLE,),
    AlertState.APPEALED: (Deadline.ANSWER_APPEAL,),
}


def clocks_of(
    alert: Alert,
    severity: Severity | None,
    *,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
    now: datetime,
) -> tuple[Clock, ...]:
    """Return every deadline that runs for an alert, the earliest due first; none where nothing is due."""
    clocks = [
        _clock(alert, deadline, policy.within(deadline, severity), policy, calendar, now)
        for deadline in DUE_IN.get(alert.state, ())
    ]
    return tuple(sorted(clocks, key=lambda clock: clock.due_at))


def _clock(
    alert: Alert,
    deadline: Deadline,
    within: Within | None,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
    now: datetime,
) -> Clock:
    since = alert.due_since
    if within is None:
        return _by_day(alert, deadline, policy, now)
    hours = policy.hours_of(within, calendar, alert.timezone)
    span = timedelta(minutes=within.minutes)
    due_at = hours.after(since, span)
    left = hours.between(now, due_at) if now <= due_at else -hours.between(due_at, now)
    remind_at = hours.after(since, span * policy.remind_after_percent / 100)
    return Clock(deadline=deadline, since=since, remind_at=remind_at, due_at=due_at, counted_left=left)


def _by_day(alert: Alert, deadline: Deadline, policy: DeadlinePolicy, now: datetime) -> Clock:
    """The rectification is due at the end of the day it was ordered for."""
    if alert.rectify_by is None:
        raise ValueError(f"alert {alert.alert_id} is {alert.state} and has no day")
    end = datetime.combine(alert.rectify_by + timedelta(days=1), time(), ZoneInfo(alert.timezone)).astimezone(UTC)
    since = alert.due_since
    remind_at = since + (end - since) * policy.remind_after_percent / 100
    return Clock(deadline=deadline, since=since, remind_at=remind_at, due_at=end, counted_left=end - now)
