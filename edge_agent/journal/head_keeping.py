"""The file of heads beside the outbox: written as the journals go on, and held against them at the start.

What is denied by the journals at the start (emptied, cut off, an old copy, another file) stays in it, the earliest of
each scale, so that going on does not wipe it out: `steelyard scale journal` tells of it until somebody takes the file
away.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.journal.journal_heads import SUFFIX, Head, decode_heads, encode_heads, go_on
from edge_agent.journal.outbox import Outbox

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.journal.heads")


def heads_path(outbox: Path) -> Path:
    """Return where the heads of an outbox's journals are remembered."""
    return outbox.with_name(f"{outbox.name}{SUFFIX}")


class HeadKeeper:
    """Remembers how far the journals of an outbox had come. Raises Unavailable where the outbox fails it."""

    def __init__(self, outbox: Outbox, path: Path, key: Ed25519PrivateKey, clock: Callable[[], datetime]) -> None:
        self._outbox, self._path, self._key, self._clock = outbox, path, key, clock
        self._noted = _read(path, clock())
        if not path.exists() and any(head.seq for head in outbox.heads(clock())):
            log.warning(
                "journal_heads_missing", file=str(path), said="normal at the first start with this version only"
            )
        self._denied = tuple(head for head in self._noted if not outbox.holds(head))
        for head in self._denied:
            log.critical(
                "journal_is_not_what_was_noted",
                scale_id=head.scale_id,
                journal_id=head.journal_id,
                noted=f"entries up to {head.seq}, events up to {head.event_no}, at {head.at.isoformat()}",
                read_with="steelyard scale journal",
            )

    def note(self) -> None:
        """Write the heads, where any journal went on since."""
        heads = go_on(self._noted, self._outbox.heads(self._clock()), lambda head: head not in self._denied)
        if heads == self._noted:
            return
        try:
            _write(self._path, encode_heads(heads, self._key))
        except OSError as error:
            log.warning("journal_heads_not_noted", file=str(self._path), problem=error.strerror)
            return
        self._noted = heads


def _read(path: Path, now: datetime) -> tuple[Head, ...]:
    """Return what was noted. A file that cannot be understood is kept under another name: somebody was at it."""
    try:
        return decode_heads(path.read_bytes()).heads
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("journal_heads_not_readable", file=str(path), problem=error.strerror)
    except ValueError as error:
        aside = path.with_name(f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        log.critical("journal_heads_damaged", file=str(path), problem=str(error), moved_to=str(aside))
        path.replace(aside)
    return ()


def _write(path: Path, content: bytes) -> None:
    """Replace the file in one step. After a power cut there may be the one before, which is true too."""
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
