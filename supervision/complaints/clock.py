"""By when what is due with a complaint, and whether it was done by then. Pure; by the clock on the wall.

Figures of 放心游 (domain notes, S47 S48), as the policy has them: an answer of the system within 3 minutes, paid on
the spot within 30 where the evidence is clear, looked into within 24 hours, an ordinary dispute closed within 48.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.complaint import Complaint, ComplaintState
from supervision.complaints.policy import Clocks
from supervision.complaints.states import AWAITING


class ClockName(StrEnum):
    """What is timed."""

    RESPOND = "respond"
    SETTLE = "settle"
    VERIFY = "verify"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock: when it is due, and when what it waits for came; `is_off`: it waits for nothing any more."""

    name: ClockName
    due_at: datetime
    met_at: datetime | None
    is_off: bool = False

    def is_late(self, now: datetime) -> bool:
        """Say whether it was, or is by now, too late."""
        return not (self.is_off and self.met_at is None) and (self.met_at or now) > self.due_at


def clock_lines(complaint: Complaint, clocks: Clocks, *, is_clear: bool) -> tuple[ClockLine, ...]:
    """Return the clocks of a complaint. `is_clear`: its evidence speaks for itself, so it can be paid on the spot."""
    since = complaint.clock_from
    is_over = complaint.state not in AWAITING
    is_withdrawn = complaint.state is ComplaintState.WITHDRAWN
    ended = None if is_withdrawn else _first_of(since, complaint.answered_at, complaint.ended_at)
    looked_into = _first_of(since, complaint.investigating_at, ended)
    close_due = _sooner(since + timedelta(seconds=clocks.close_s), complaint.channel_due_at, since)
    lines = [
        # The number and the page that follows it are the answer of the system: given as it is received.
        ClockLine(ClockName.RESPOND, since + timedelta(seconds=clocks.respond_s), since),
        ClockLine(ClockName.VERIFY, min(since + timedelta(seconds=clocks.verify_s), close_due), looked_into, is_over),
        ClockLine(ClockName.CLOSE, close_due, ended, is_over),
    ]
    if is_clear:
        lines.insert(1, ClockLine(ClockName.SETTLE, since + timedelta(seconds=clocks.settle_s), ended, is_over))
    return tuple(lines)


def next_due(
    state: ComplaintState, clocks: Clocks, *, since: datetime, channel_due_at: datetime | None
) -> datetime | None:
    """Return by when the next step of a complaint in `state` is due; None where nothing is awaited."""
    if state not in AWAITING:
        return None
    is_looked_into = state is ComplaintState.INVESTIGATING
    due = since + timedelta(seconds=clocks.close_s if is_looked_into else clocks.verify_s)
    return _sooner(due, channel_due_at, since)


def _sooner(due: datetime, channel_due_at: datetime | None, since: datetime) -> datetime:
    """What a hotline set goes before ours where it is sooner; one before the clock began was of the first round."""
    return due if channel_due_at is None or channel_due_at < since else min(due, channel_due_at)


def _first_of(since: datetime, *moments: datetime | None) -> datetime | None:
    """What was done before the clock began is of the time before its reopening."""
    return min((one for one in moments if one is not None and one >= since), default=None)
