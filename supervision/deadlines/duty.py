"""A duty of the clerk: deadlines are looked at when they become due, and people are told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import alert_steps, deadlines
from domain.alert import Alert, AlertKind, Severity
from domain.notice import NewHappening, NoticeKind
from supervision.deadlines.clock import Standing
from supervision.deadlines.policy import Deadline
from supervision.deadlines.sweep import DeadlineEvent, sweep
from supervision.notices.telling import tell
from supervision.policy import SupervisionPolicy

#: How severe an alert of a kind is, so far above the cap (thousandths); None: it is about the record of a device.
Severities = Callable[[AlertKind, int], Severity | None]

_KINDS: Final = {Standing.NEAR: NoticeKind.DEADLINE_NEAR, Standing.MISSED: NoticeKind.DEADLINE_MISSED}
#: What the authority has to do; everything else is the market's.
_OF_THE_AUTHORITY: Final = frozenset({Deadline.SETTLE, Deadline.ANSWER_APPEAL})


@dataclass(frozen=True, slots=True)
class WatchingDeadlines:
    """A reminder goes to who is on the alert, else to who has to act; what was missed, to everybody who sees it."""

    policy: SupervisionPolicy
    severities: Severities
    name: str = "deadlines"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Look at every alert that is to be looked at; return when the next one is."""
        is_full = True
        while is_full:
            with conn.transaction():
                swept = sweep(conn, policy=self.policy, severity_of=self._severity_of, now=now)
                for event in swept.events:
                    tell(conn, _happening(conn, event, now))
            is_full = swept.is_full
        return deadlines.next_look(conn)

    def _severity_of(self, alert: Alert) -> Severity | None:
        return self.severities(alert.kind, alert.worst_excess_permille)


def _happening(conn: Connection, event: DeadlineEvent, now: datetime) -> NewHappening:
    is_reminder = event.standing is Standing.NEAR
    assignee = event.alert.assignee
    # Whoever was on it may have left, or been moved to another market.
    is_there = assignee is not None and alert_steps.may_be_assigned(conn, assignee, event.alert.market_id)
    to_user = assignee if is_reminder and is_there else None
    who_acts = "regulator" if event.clock.deadline in _OF_THE_AUTHORITY else "manager"
    return NewHappening(
        kind=_KINDS[event.standing],
        market_id=event.alert.market_id,
        alert_id=event.alert.alert_id,
        at=now,
        to_user=to_user,
        to_role=who_acts if is_reminder and to_user is None else None,
        due_at=event.clock.due_at,
        once=f"{event.standing}:{event.clock.deadline}:{event.alert.alert_id}:{event.clock.since.isoformat()}",
    )
