"""A TOML file that people keep, as numbers that are policy: read whole, with everything that is wrong with it named."""

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from domain.errors import BadFile

_Kept = TypeVar("_Kept")


def read_toml(path: Path, shape: type[_Kept], problems: Callable[[_Kept], Iterable[str]]) -> _Kept:
    """Return a file as what it is the text of. `problems`: what its shape cannot say, a sentence each.

    Raise BadFile naming the first field that is not of the shape, or else every problem. A file that is not there or
    cannot be read raises OSError.
    """
    try:
        kept = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), shape)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(path.name, (str(error),)) from None
    found = tuple(problems(kept))
    if found:
        raise BadFile(path.name, found)
    return kept
