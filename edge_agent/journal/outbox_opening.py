"""Opening the outbox at the agent's start: a scale goes on weighing even where its file is damaged.

A power cut does not damage it (the write-ahead log is made for that); a failing SD card, or somebody, may. Then the
file is moved aside, whole and readable still by `steelyard scale journal`, and a new journal with a new id begins.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from edge_agent.journal.journal_capacity import JournalLimits
from edge_agent.journal.journal_file import DamagedFile, move_aside
from edge_agent.journal.outbox import Outbox

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.journal.outbox")


def open_outbox(path: Path, clock: Callable[[], datetime], limits: JournalLimits | None = None) -> Outbox:
    """Open the outbox, or a new one where the file is damaged: loudly, and as an event of each journal that begins.

    Raise Unavailable where neither can be used, BadFile where the file is no journal of this product.
    """
    try:
        return Outbox(path, limits=limits, clock=clock)
    except DamagedFile as error:
        aside = move_aside(path, clock())
        log.critical("journal_damaged", problem=str(error), moved_to=str(aside), read_with="steelyard scale journal")
        return Outbox(path, limits=limits, clock=clock, begun_because=f"damaged_file, moved to {aside.name}")
