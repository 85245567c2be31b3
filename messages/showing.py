"""Bytes and texts from outside, safe to look at: nothing acts on a terminal, nothing hides, nothing is endless.

What is no letter, mark, digit, sign or blank is written by its number: control characters and the escapes that
terminals obey, marks that turn the direction of reading around, characters of no width.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

#: Deeper levels are not set in any further: a kilobyte of brackets would become a megabyte of blanks.
_DEEPEST: Final = 12
_INDENT: Final = "  "
_BYTES_A_LINE: Final = 16
_LINE_OF_HEX: Final = 78
#: Text of which more than this part is not printable is better read by its numbers.
_MOST_UNPRINTABLE: Final = 0.2
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


class PayloadKind(StrEnum):
    """What a payload is shown as."""

    JSON = "json"
    TEXT = "text"
    HEX = "hex"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPayload:
    """A payload as it is shown; `is_whole`: to its end."""

    kind: PayloadKind
    text: str
    is_whole: bool


def show_payload(payload: bytes, most: int) -> ShownPayload:
    """Return a payload in at most `most` characters: JSON in lines, text as it is, anything else by its numbers."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return _hex(payload, most)
    if _is_json(text):
        return _gathered(PayloadKind.JSON, _json_pieces(text), most)
    if sum(not _is_plain(char) for char in text) > _MOST_UNPRINTABLE * len(text):
        return _hex(payload, most)
    lines = text.replace("\\", "\\\\").splitlines(keepends=True) if "\n" in text else [text.replace("\\", "\\\\")]
    return _gathered(PayloadKind.TEXT, map(_shown_but_lines, lines), most)


def show_text(text: str, most: int = 1000) -> str:
    """Return a text from outside in one line, at most `most` characters of it."""
    shown = "".join(char if char.isprintable() else _by_number(char) for char in text[:most])
    return shown if len(text) <= most and len(shown) <= most else shown[: most - 1] + "…"


def _is_json(text: str) -> bool:
    """Numbers are left as they are written, however long."""
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(_: str) -> Any:
    raise ValueError


def _json_pieces(text: str) -> Iterator[str]:
    """Yield JSON in lines, its tokens as they are written: a key that comes twice is there twice."""
    depth, last = 0, ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece in "}]":
            depth -= 1
            if last not in ("{", "["):
                yield _line(depth)
        elif last in ("{", "[", ","):
            yield _line(depth)
        if piece in "{[":
            depth += 1
        yield ": " if piece == ":" else _shown_in_json(piece)
        last = piece


def _line(depth: int) -> str:
    return "\n" + _INDENT * min(depth, _DEEPEST)


def _shown_but_lines(line: str) -> str:
    return "".join(char if _is_plain(char) else _by_number(char) for char in line)


def _is_plain(char: str) -> bool:
    return char.isprintable() or char == "\n"


def _shown_in_json(piece: str) -> str:
    """Return a token with what JSON itself would write for a character that is not printable."""
    if piece.isprintable():
        return piece
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1].replace("\x7f", r"\u007f") for char in piece)


def _by_number(char: str) -> str:
    """Return a character as Python writes it: \\x1b, \\u202e, \\U000e0001."""
    return char.encode("unicode_escape").decode() if char not in "\n\r\t" else f"\\x{ord(char):02x}"


def _hex(payload: bytes, most: int) -> ShownPayload:
    shown = payload[: max(most // (_LINE_OF_HEX + 1), 1) * _BYTES_A_LINE]
    lines = (_hex_line(shown, start) for start in range(0, len(shown), _BYTES_A_LINE))
    found = _gathered(PayloadKind.HEX, lines, most)
    return found if len(shown) == len(payload) else ShownPayload(kind=found.kind, text=found.text, is_whole=False)


def _hex_line(payload: bytes, start: int) -> str:
    part = payload[start : start + _BYTES_A_LINE]
    numbers = f"{part[:8].hex(' ')}  {part[8:].hex(' ')}"
    letters = "".join(char if char.isprintable() else "." for char in part.decode("ascii", "replace"))
    letters = letters.replace("\ufffd", ".")
    return f"{'' if start == 0 else chr(10)}{start:08x}  {numbers:<49} |{letters}|"


def _gathered(kind: PayloadKind, pieces: Iterator[str], most: int) -> ShownPayload:
    """Put pieces together, and stop where there is enough."""
    gathered: list[str] = []
    length = 0
    for piece in pieces:
        if length + len(piece) > most:
            return ShownPayload(kind=kind, text="".join([*gathered, piece[: most - length]]), is_whole=False)
        gathered.append(piece)
        length += len(piece)
    return ShownPayload(kind=kind, text="".join(gathered), is_whole=True)
