"""What is found where a scale's record is not whole: lines that are missing, and lines that do not follow."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import JournalId, ScaleId
from domain.seq_ranges import SeqRanges


class ChainFault(StrEnum):
    """Why a line does not follow the one before it."""

    DOES_NOT_FIT = "does_not_fit"  # its prev is not the hash of the line before
    LEFT_OUT = "left_out"  # it has no prev, and the line before had one
    FIRST_NAMES_ONE = "first_names_one"  # the first line of a journal names one before it


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalGap:
    """Lines of a journal that had not come when it was noticed; `missing` is what has not come yet, if anything."""

    scale_id: ScaleId
    journal_id: JournalId
    first_seq: int
    last_seq: int
    missing: SeqRanges
    noticed_at: datetime
    filled_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainBreak:
    """Line `seq` of a journal does not follow line `seq - 1`."""

    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    fault: ChainFault
    found_at: datetime
