"""What is told of a complaint: that it came, that it is to be looked at again, that a step is overdue. Pure.

Whoever sees the market is told. Neither its words nor how the complainant is reached are.
"""

from datetime import datetime

from db.complaints import OverdueComplaint
from domain.complaint import Complaint
from domain.ids import MarketId
from domain.notice import NewHappening, NoticeKind


def received(complaint_id: int, market_id: MarketId, due_at: datetime | None, now: datetime) -> NewHappening:
    """Return what is told of a complaint that was filed."""
    return _told(NoticeKind.COMPLAINT_RECEIVED, complaint_id, market_id, due_at, now)


def reopened(complaint: Complaint, now: datetime) -> NewHappening:
    """Return what is told where the complainant has it looked at again."""
    return _told(NoticeKind.COMPLAINT_REOPENED, complaint.complaint_id, complaint.market_id, complaint.due_at, now)


def overdue_one(overdue: OverdueComplaint, now: datetime) -> NewHappening:
    """Return what is told of a step that is overdue."""
    kind = NoticeKind.COMPLAINT_OVERDUE
    return _told(kind, overdue.complaint_id, overdue.market_id, overdue.due_at, now, overdue.once)


def _told(
    kind: NoticeKind,
    complaint_id: int,
    market_id: MarketId,
    due_at: datetime | None,
    now: datetime,
    once: str | None = None,
) -> NewHappening:
    return NewHappening(
        kind=kind, market_id=market_id, alert_id=None, at=now, due_at=due_at, once=once, complaint_id=complaint_id
    )
