"""On which line of a TOML file a field stands, for messages that a person can follow in an editor."""

import re
from collections.abc import Mapping
from typing import Final

#: `[[deduction]]`, `[repair]`, `points = …`: what a policy file is made of. What stands inside an inline table or a
#: list is told by the line of its key.
_HEADER: Final = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<name>[A-Za-z0-9_.\-]+)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r'^\s*(?P<key>[A-Za-z0-9_\-]+|"[^"]+")\s*=')
_STEP: Final = re.compile(r"\.?(?P<name>[A-Za-z0-9_\-]+)|\[(?P<index>\d+|\.\.\.)\]")

Path = tuple[str | int, ...]


def lines_of(text: str) -> Mapping[Path, int]:
    """Return the line, counted from 1, of every table and key of a TOML text, by path: ("deduction", 3, "points")."""
    found: dict[Path, int] = {(): 1}
    counts: dict[str, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _within(header["name"], counts)
            if header["open"] == "[[":
                counts[header["name"]] = counts.get(header["name"], -1) + 1
                found.setdefault(table, number)
                table = (*table, counts[header["name"]])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key["key"].strip('"')), number)
    return found


def _within(name: str, counts: Mapping[str, int]) -> Path:
    """Return the path of a table: `[tier.follows]` is in the tier that was begun last."""
    first, dot, rest = name.partition(".")
    return (first, counts[first], *rest.split(".")) if dot and first in counts else tuple(name.split("."))


def path_of(dotted: str) -> Path:
    """Return `$.deduction[3].points` (as msgspec names a place) as a path."""
    steps: list[str | int] = []
    for step in _STEP.finditer(dotted.removeprefix("$")):
        if step["name"] is not None:
            steps.append(step["name"])
        elif step["index"] != "...":
            steps.append(int(step["index"]))
    return tuple(steps)


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """Return the line of a path, or of what is nearest around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]
