"""The trail of the register: why a step was taken, what it changed, and who was faster."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from db.register import events, scales, stalls
from db.register.events import Change
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import RegisterAction, RegisterEvent, SubjectKind

#: Where a scale stands, and for whom.
Stay = tuple[StallId, VendorId]


class ChangedMeanwhile(IllegalTransition):
    """Somebody changed it since the page was shown. `meanwhile`: their steps, the newest first."""

    def __init__(self, what: str, meanwhile: Sequence[RegisterEvent]) -> None:
        who = f" by {meanwhile[0].by}" if meanwhile else ""
        super().__init__(f"{what} was changed{who} since you looked at it; look at what it is now, then decide again")
        self.meanwhile = tuple(meanwhile)


def require_reason(change: Change) -> None:
    """Raise RuleViolation where nobody says why."""
    if not change.because.strip():
        raise RuleViolation("what is registered is changed for a reason: say which")


def meanwhile(conn: Connection, market_id: MarketId, subject: SubjectKind, subject_id: str) -> ChangedMeanwhile:
    """Return what to raise where a subject was changed meanwhile."""
    return ChangedMeanwhile(f"{subject} {subject_id}", events.of_subject(conn, market_id, subject, subject_id, limit=5))


def absent_or_changed(conn: Connection, market_id: MarketId, subject: SubjectKind, subject_id: str) -> RuleViolation:
    """Return what to raise where a stall or a scale has no such revision: it is not there, or was changed."""
    found = (
        stalls.one(conn, market_id, StallId(subject_id))
        if subject is SubjectKind.STALL
        else scales.one(conn, market_id, ScaleId(subject_id))
    )
    if found is None:
        return NotFound(f"there is no {subject} {subject_id} in {market_id}")
    return meanwhile(conn, market_id, subject, subject_id)


def note_stay(
    conn: Connection,
    change: Change,
    market_id: MarketId,
    scale_id: ScaleId,
    before: Stay | None,
    after: Stay | None,
    moment: datetime,
) -> None:
    """Note where a scale stood until a moment and stands from then on; None: nowhere."""
    was, holds = before or ("", ""), after or ("", "")
    changes = {"stall_id": (was[0], holds[0]), "vendor_id": (was[1], holds[1])}
    told = {name: (one, other) for name, (one, other) in changes.items() if one != other}
    action = RegisterAction.RELEASED if after is None else RegisterAction.BOUND
    events.append(conn, change, market_id, SubjectKind.SCALE, scale_id, action, told, effective_at=moment)


def note_stall(
    conn: Connection,
    change: Change,
    market_id: MarketId,
    stall_id: StallId,
    action: RegisterAction,
    changes: Mapping[str, tuple[str, str]],
    moment: datetime,
) -> None:
    """Note who occupies a stall from a moment on."""
    events.append(conn, change, market_id, SubjectKind.STALL, stall_id, action, changes, effective_at=moment)
