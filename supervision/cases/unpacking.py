"""The files of a bundle, out of a ZIP of anybody's: read a piece at a time and within what it states. Pure.

A bundle comes by post from whoever likes to be believed. What a ZIP says of itself is not believed: a file of 10 bytes
by its heading may unpack to gigabytes.
"""

import io
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.errors import BadFile

MOST_BYTES: Final = 2 * 1024**3
MOST_FILES: Final = 1_000_000
_PIECE: Final = 256 * 1024
_ENCRYPTED: Final = 0x1
#: What `zipfile` raises over bytes that are none, or none any more: its own, and whatever it stumbles over by itself.
_BROKEN: Final = (BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError)


def unpacked(bundle: bytes, name: str, most_bytes: int = MOST_BYTES) -> tuple[dict[str, bytes], list[str]]:
    """Return the files by path, and the paths of those that are damaged.

    Raise BadFile where the bytes are no ZIP, or hold more than `most_bytes`, a path twice, or what no bundle holds.
    """
    try:
        with ZipFile(io.BytesIO(bundle)) as archive:
            parts = archive.infolist()
            _require_plain(parts, name, most_bytes)
            return _read_each(archive, parts)
    except _BROKEN as error:
        raise BadFile(name, (f"is no ZIP file ({error}); expected an evidence bundle",)) from None


def _require_plain(parts: Sequence[ZipInfo], name: str, most_bytes: int) -> None:
    if len(parts) > MOST_FILES:
        raise BadFile(name, (f"it holds {len(parts)} files; expected at most {MOST_FILES}",))
    if sum(part.file_size for part in parts) > most_bytes:
        raise BadFile(name, (f"it holds more than {most_bytes} bytes; expected a bundle",))
    twice = [path for path, count in Counter(part.filename for part in parts).items() if count > 1]
    if twice:
        raise BadFile(name, tuple(f"{path} is in it twice; expected each file once" for path in twice))
    for part in parts:
        if part.flag_bits & _ENCRYPTED:
            raise BadFile(name, (f"{part.filename} is encrypted; expected a bundle as it was frozen",))
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadFile(name, (f"{part.filename} is packed in a way that no bundle is; expected stored or deflated",))


def _read_each(archive: ZipFile, parts: Sequence[ZipInfo]) -> tuple[dict[str, bytes], list[str]]:
    files: dict[str, bytes] = {}
    unreadable: list[str] = []
    for part in parts:
        content = _read(archive, part)
        if content is None:
            unreadable.append(part.filename)
        else:
            files[part.filename] = content
    return files, unreadable


def _read(archive: ZipFile, part: ZipInfo) -> bytes | None:
    """Return a file of exactly the size it states, or None: it is damaged."""
    pieces: list[bytes] = []
    left = part.file_size
    try:
        with archive.open(part) as stream:
            while piece := stream.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    return None
                pieces.append(piece)
    except _BROKEN:
        return None
    return b"".join(pieces) if left == 0 else None
