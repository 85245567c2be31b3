"""A TOML file that people keep, as numbers that are policy: read whole, with everything that is wrong with it named."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from domain.errors import BadFile
from tables import toml_lines

_Kept = TypeVar("_Kept")
#: How msgspec ends what it says of a field.
_PLACE: Final = re.compile(r" - at `(?P<path>\$[^`]*)`$")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """What is wrong, and where: ("tier", 2, "from_points") is in the third [[tier]]."""

    path: toml_lines.Path
    problem: str


def read_toml(path: Path, shape: type[_Kept], problems: Callable[[_Kept], Iterable[str | Misplaced]]) -> _Kept:
    """Return a file as what it is the text of. `problems`: what its shape cannot say, a sentence each.

    Raise BadFile naming the first field that is not of the shape, or else every problem, with its line where it is
    known. A file that is not there or cannot be read raises OSError.
    """
    return parse_toml(path.name, path.read_text(encoding="utf-8"), shape, problems)


def parse_toml(
    name: str, text: str, shape: type[_Kept], problems: Callable[[_Kept], Iterable[str | Misplaced]]
) -> _Kept:
    """Return a text as what it says; `name` is that of its file. Raise BadFile as `read_toml` does."""
    try:
        kept = msgspec.convert(tomllib.loads(text), shape)
    except tomllib.TOMLDecodeError as error:
        raise BadFile(name, (str(error),)) from None
    except msgspec.ValidationError as error:
        raise BadFile(name, (_placed(str(error), toml_lines.lines_of(text)),)) from None
    found = tuple(problems(kept))
    if found:
        lines = toml_lines.lines_of(text)
        raise BadFile(name, tuple(one if isinstance(one, str) else _told(one, lines) for one in found))
    return kept


def _placed(said: str, lines: Mapping[toml_lines.Path, int]) -> str:
    place = _PLACE.search(said)
    if place is None:
        return said
    return f"line {toml_lines.line_of(toml_lines.path_of(place['path']), lines)}: {said}"


def _told(one: Misplaced, lines: Mapping[toml_lines.Path, int]) -> str:
    return f"line {toml_lines.line_of(one.path, lines)}: {one.problem}"
