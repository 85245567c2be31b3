"""Lines out of a stream of bytes: where a protocol's frames are lines of text. What is kept is bounded.

A CR, a LF or both end a line, so that one damaged end byte does not glue two frames together; empty lines are nothing.
"""

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.weighing.readings import Garbage

_END: Final = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """What stood before a line's end. `is_tail`: the line was too long, and these are its last bytes only."""

    data: bytes
    is_tail: bool = False


class LineBuffer:
    """Cuts lines. A line of more than `longest` bytes is garbage as soon as it is; a frame may still be at its end."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line = b""
        self._is_tail = False

    def feed(self, data: bytes) -> list[Line | Garbage]:
        """Take what came from the port; at most `longest` bytes are kept for the next call."""
        *ended, rest = _END.split(data)
        found: list[Line | Garbage] = []
        for piece in ended:
            found += self._add(piece)
            if self._line:
                found.append(Line(self._line, self._is_tail))
            self.reset()
        return found + self._add(rest)

    def reset(self) -> None:
        """Forget the half line in hand."""
        self._line, self._is_tail = b"", False

    def _add(self, piece: bytes) -> list[Garbage]:
        self._line += piece
        if len(self._line) <= self._longest:
            return []
        was_tail, self._is_tail = self._is_tail, True
        too_long = self._line[: self._longest]
        self._line = self._line[-self._longest :]
        return [] if was_tail else [Garbage(reason="too_long", data=too_long)]
