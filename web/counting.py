"""Why a line of the ledger does not count in the score, in words a vendor can check."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from credit.scoring import Score
from domain.credit import CreditEvent


class NotCounted(StrEnum):
    """What keeps a fact out of the sum."""

    UNDONE = "undone"
    UNDOES = "undoes"
    WORSE_COUNTS = "worse_counts"
    OTHER_CYCLE = "other_cycle"


def why_not_counted(
    event: CreditEvent, *, ledger: Sequence[CreditEvent], score: Score, day: date, timezone: str
) -> NotCounted | None:
    """Say why `event` of `ledger` is not among `score.counted` on `day`; None where it is."""
    if event in score.counted:
        return None
    if not score.cycle_from <= event.occurred_at.astimezone(ZoneInfo(timezone)).date() <= day:
        return NotCounted.OTHER_CYCLE
    if event.reverses is not None:
        return NotCounted.UNDOES
    if any(other.reverses == event.event_id for other in ledger):
        return NotCounted.UNDONE
    return NotCounted.WORSE_COUNTS
