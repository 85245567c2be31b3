"""Cuts a stream into whole frames and what lies between them, for protocols whose frames begin with a known byte.

A start byte inside a frame (a checksum may have its value) does not end it, and one before a frame does not swallow
it: what turns out to be no frame is given up to the next start byte only, and looked at again from there.

Noise is told at the length of the longest frame; where it goes on without a start byte, in blocks: a line that babbles
is searched, not looked at byte by byte.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

NOISE_BLOCK: Final = 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole frame, or bytes that are none."""

    data: bytes
    is_frame: bool


class Framer:
    """The pieces of one stream; less than `longest` bytes are kept for the next call, less than a block of noise.

    `end_of` is given what begins with a start byte, at most `longest` bytes. It answers the frame's length, 0 where no
    frame begins here, or None where more bytes decide; what it has answered it also answers to more bytes.
    """

    def __init__(self, *, starts: bytes, longest: int, end_of: Callable[[bytes], int | None]) -> None:
        self._starts = re.compile(b"[" + re.escape(starts) + b"]")
        self._longest, self._end_of = longest, end_of
        self._buffer, self._is_noise = b"", False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Take what came, and yield the pieces that it completes, in order; take them all.

        One by one, since what a piece means may change how the next one is cut.
        """
        stream, at = self._buffer + data, 0
        while (piece := self._piece(stream, at)) is not None:
            at += len(piece.data)
            yield piece
        self._buffer = stream[at:]

    def reset(self) -> None:
        """Forget the half frame in hand."""
        self._buffer, self._is_noise = b"", False

    def _piece(self, stream: bytes, at: int) -> Piece | None:
        begins = self._starts.match(stream, at) is not None
        if begins:
            self._is_noise = False
            window = stream[at : at + self._longest]
            end = self._end_of(window)
            if end is None and len(window) < self._longest:
                return None
            if end:
                return Piece(window[:end], is_frame=True)
        return self._no_frame(stream, at, at + (NOISE_BLOCK if self._is_noise else self._longest), begins=begins)

    def _no_frame(self, stream: bytes, at: int, most: int, *, begins: bool) -> Piece | None:
        """Give up what stands before the next start byte; or before `most`, as the beginning of more noise."""
        next_start = self._starts.search(stream, at + begins, most)
        if next_start is not None:
            self._is_noise = False
            return Piece(stream[at : next_start.start()], is_frame=False)
        if len(stream) < most:
            return None
        self._is_noise = True
        return Piece(stream[at:most], is_frame=False)


def fixed_length(start: bytes, length: int) -> Callable[[bytes], int | None]:
    """Return an `end_of` for frames of `length` bytes in which the start byte does not come again."""

    def end_of(window: bytes) -> int | None:
        if start in window[1:length]:
            return 0
        return length if len(window) >= length else None

    return end_of
