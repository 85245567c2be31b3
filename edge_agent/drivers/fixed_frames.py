"""Cutting a stream into pieces that may be frames. How the stream came in never matters; what is kept is bounded.

Nothing is dropped here: what is no frame is a piece too, and whoever reads the pieces says why it is garbage.
"""


class FixedFrames:
    """Frames of `length` bytes that begin with `start`, a byte that is nowhere else in them.

    A piece ends before the next start, and at a frame's length at the latest.
    """

    def __init__(self, start: bytes, length: int) -> None:
        self._start, self._length = start, length
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the pieces that are complete; less than a frame is kept."""
        buffer, pieces, at = self._rest + data, [], 0
        while (end := self._end(buffer, at)) is not None:
            pieces.append(buffer[at:end])
            at = end
        self._rest = buffer[at:]
        return pieces

    def reset(self) -> None:
        """Forget the half frame in hand."""
        self._rest = b""

    def _end(self, buffer: bytes, at: int) -> int | None:
        longest = at + self._length
        next_start = buffer.find(self._start, at + 1, longest + 1)
        if next_start != -1:
            return next_start
        return longest if len(buffer) >= longest else None


class EndedFrames:
    """Frames of `length` bytes that end with `end`, bytes that are nowhere else in them.

    The bytes before an end are a frame as far as they have its length; what is before those is a piece of its own, so
    that half a frame does not take the whole one behind it with it.
    """

    def __init__(self, end: bytes, length: int) -> None:
        self._end, self._length = end, length
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the pieces that are complete; less than two frames are kept."""
        buffer, pieces, at = self._rest + data, [], 0
        while (piece_end := self._piece_end(buffer, at)) is not None:
            pieces.append(buffer[at:piece_end])
            at = piece_end
        self._rest = buffer[at:]
        return pieces

    def reset(self) -> None:
        """Forget the half frame in hand."""
        self._rest = b""

    def _piece_end(self, buffer: bytes, at: int) -> int | None:
        found = buffer.find(self._end, at, at + 2 * self._length)
        if found != -1:
            line_end = found + len(self._end)
            return line_end if line_end - at <= self._length else line_end - self._length
        return at + self._length if len(buffer) - at >= 2 * self._length else None
