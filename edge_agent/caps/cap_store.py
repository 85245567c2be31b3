"""Where the caps stay over a restart: the last announcement, whole or not at all, in a file beside the outbox."""

import os
import threading
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from domain.errors import BadMessage
from domain.ids import MarketId
from edge_agent.caps.cap_book import CapBook, book_of
from messages.caps import NO_LIST_VERSION, Announcement, decode_caps
from messages.limits import MAX_PAYLOAD_BYTES

_DIGEST_BYTES: Final = 64  # SHA-256 in hexadecimal, then a line feed
_LARGEST_FILE: Final = _DIGEST_BYTES + 1 + MAX_PAYLOAD_BYTES

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.caps.cap_store")


def caps_file(outbox: Path, market_id: MarketId) -> Path:
    """Return where the caps of a market are kept: an agent that moves to another market does not take them along."""
    return outbox.with_name(f"{outbox.name}.caps-{market_id}.json")


class CapStore:
    """The caps an agent knows. `take` is called by the thread that hears the broker, `book` read by any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._payload = _read(path)
        announcement = None if self._payload is None else _decode(self._payload, str(path))
        self._version = NO_LIST_VERSION if announcement is None else announcement.version
        self._book = book_of(announcement)
        log.info("caps_loaded", version=self._version, lists=len(self._book.lists))

    @property
    def book(self) -> CapBook:
        """The caps as they were announced last."""
        return self._book

    @property
    def version(self) -> str:
        """The version announced last; `none` where no list was in force, or nothing was announced yet."""
        return self._version

    def take(self, payload: bytes) -> str | None:
        """Take an announcement, and return its version where it is another than before; None where nothing changed.

        One that cannot be used is logged, and the caps stay as they were. Where the disk refuses it, it holds until
        the next start.
        """
        with self._lock:
            if payload == self._payload:
                return None
            announcement = _decode(payload, "the broker")
            if announcement is None:
                return None
            before, self._version = self._version, announcement.version
            self._payload, self._book = payload, book_of(announcement)
            _write(self._path, payload)
        log.info("caps_taken", version=self._version, lists=len(self._book.lists))
        return None if self._version == before else self._version


def _decode(payload: bytes, source: str) -> Announcement | None:
    try:
        return decode_caps(payload)
    except BadMessage as problem:
        log.warning("caps_refused", source=source, reason=problem.reason, problem=str(problem))
        return None


def _read(path: Path) -> bytes | None:
    """Return the payload that was kept; None where there is none, or what there is was damaged."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("caps_not_readable", file=str(path), problem=error.strerror)
        return None
    digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES + 1 :]
    if digest != sha256(payload).hexdigest().encode():
        log.warning("caps_damaged", file=str(path), bytes=len(content))
        return None
    return payload


def _write(path: Path, payload: bytes) -> None:
    """Replace the file in one step: after a power cut there is the old one, or the new one."""
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("wb") as file:
            file.write(sha256(payload).hexdigest().encode() + b"\n" + payload)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        log.warning("caps_not_kept", file=str(path), problem=error.strerror)


def _sync_folder(folder: Path) -> None:
    """A rename is durable when the folder is."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
