"""How much a journal's file holds, and how much it may still grow by. Quick, however long the journal is."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from edge_agent.journal.journal_capacity import Holding
from edge_agent.journal.times import moment

_COUNTS: Final = """
SELECT coalesce(sum(last_seq - pruned_seq), 0), coalesce(sum(last_seq - receipted_seq), 0) FROM journals"""
_OLDEST_WAITING: Final = """
SELECT min(weighed_us)
  FROM journals CROSS JOIN entries ON entries.journal = journals.number AND entries.seq = receipted_seq + 1"""


def holding(db: sqlite3.Connection, folder: Path) -> Holding:
    """Return what a file in `folder` holds. Pages that are free within it count as room on the disk."""
    held, waiting = db.execute(_COUNTS).fetchone()
    oldest_us = db.execute(_OLDEST_WAITING).fetchone()[0]
    disk = os.statvfs(folder)
    within = db.execute("PRAGMA freelist_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
    return Holding(
        held=held,
        waiting=waiting,
        oldest_waiting_at=None if oldest_us is None else moment(oldest_us),
        free_bytes=disk.f_bavail * disk.f_frsize + within,
    )
