"""What becomes of a message that could not be accepted: held, then read again after a fix or settled by a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

#: The reason of a line that came a second time with other content. The first is the record, so it is never replayed.
CONFLICT: Final = "conflict"


class HeldState(StrEnum):
    """Where a held message stands. Nothing leads out of the last two, and nothing is ever deleted."""

    HELD = "held"
    REPLAYED = "replayed"  # read again and accepted
    SETTLED = "settled"  # looked at and closed by a person


class ReplayOutcome(StrEnum):
    """What reading a held message again came to."""

    STORED = "stored"
    ARRIVED_MEANWHILE = "arrived_meanwhile"  # everything in it is stored already: the device sent it again
    IN_PIECES = "in_pieces"  # the message can be read now, and some of its weighings are held by themselves
    REFUSED = "refused"  # it stays held
    CONFLICT = "conflict"  # it stays held for good: another content is the record
    ENDED_BEFORE = "ended_before"  # it was not held any more


class HeldStep(StrEnum):
    """What was done about a held message: its audit trail."""

    REPLAY_REQUESTED = "replay_requested"
    REPLAYED = "replayed"
    REFUSED_AGAIN = "refused_again"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldEvent:
    """One step of the audit trail.

    Refused again, `reason` and `note` say why, and `was_reason` and `was_note` what it was held for before that;
    settled, `note` is what the person wrote.
    """

    at: datetime
    actor: str
    step: HeldStep
    outcome: ReplayOutcome | None
    reason: str
    note: str
    was_reason: str
    was_note: str
