"""A query whose plan is pinned: what it is asked with, and by which indexes it may go."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

#: 12 weeks, so 12 chunks or more, of a market of 50 scales.
WEEKS, A_DAY, SCALES = 12, 1_000, 50
#: Every table that grows with the trade; nothing hot may read all of one.
LARGE = {
    *("weighings", "alerts", "alert_weighings", "quarantine", "journals", "kept_weighings"),
    *("device_events", "cap_announcements", "happenings", "mailbox_items", "letters", "letter_attempts"),
    *("complaints", "complaint_steps", "complaint_weighings", "complaint_contacts", "taken_attempts", "reweighings"),
}
DAY = timedelta(days=1)
#: What the name of a chunk's index has before the name of the hypertable's.
CHUNKS_OWN = re.compile(r"^(\w+_chunk_)?(\d+_\d+_)?")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A hot query. `indexes`: which it may use on large tables; `chunks`: in how many it may look, of all there are."""

    subject: str
    name: str
    parameters: dict[str, Any]
    indexes: set[str]
    chunks: int | None = None
    #: It reads a span of time, and a chunk that lies within it may be read from end to end.
    whole_chunks: bool = False

    def __str__(self) -> str:
        return f"{self.subject}-{self.name}"


BY_LINE, BY_MARKET, VOIDS = "weighings_pkey", "weighings_by_market", "weighings_voiding"
