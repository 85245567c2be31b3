"""A duty of the clerk: people are told of checks after approvals that are due soon, and of those that are overdue."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db.approvals import checks
from db.approvals.checks import CheckToTell
from domain.notice import NewHappening, NoticeKind
from supervision.approvals.policy import ApprovalsPolicy
from supervision.deadlines.working_days import WorkingCalendar
from supervision.duties import Pace
from supervision.notices.telling import tell

_LOOK_EVERY: Final = timedelta(minutes=1)
_ROUND: Final = 500
_A_DAY: Final = timedelta(days=1)
#: Whose checks they are where nobody has taken one up.
_WHO_CHECKS: Final = "regulator"


@dataclass(slots=True)
class RemindingOfChecks:
    """A reminder goes to who has the check, else to who may take it up; what is overdue, to all who see every market.

    Each is told once, by name, whatever other clerks do at the same time. `ahead`: working days before the last one.
    """

    policy: ApprovalsPolicy
    calendar: WorkingCalendar
    ahead: int
    name: str = "checks"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Tell of what is due, once a minute: nothing of it is in a hurry. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        while self._told(conn, now) == _ROUND:
            pass
        return self._pace.looked(now)

    def _told(self, conn: Connection, now: datetime) -> int:
        """Tell of a round of checks, in one transaction; return of how many."""
        today = self.policy.today(now)
        with conn.transaction():
            found = checks.to_tell(conn, today=today, until=self.calendar.after(today, self.ahead), limit=_ROUND)
            return sum(tell(conn, happening_of(one, self.policy.zone, now)) for one in found)


def happening_of(check: CheckToTell, zone: ZoneInfo, now: datetime) -> NewHappening:
    """Return what is told of a check, and to whom. It is due at the end of its last day."""
    to_user = None if check.is_overdue else check.assigned_to
    return NewHappening(
        kind=NoticeKind.CHECK_OVERDUE if check.is_overdue else NoticeKind.CHECK_NEAR,
        market_id=None,
        alert_id=None,
        at=now,
        to_user=to_user,
        to_role=None if check.is_overdue or to_user is not None else _WHO_CHECKS,
        due_at=datetime.combine(check.due_on + _A_DAY, time(), zone).astimezone(UTC),
        once=check.once,
        check_id=check.check_id,
    )
