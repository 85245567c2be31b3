"""A TOML table being checked: each answer is usable, and each problem is noted with its place for the whole list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from domain.errors import show_value
from domain.ids import ID_EXPECTATION, is_id

_MAX_TEXT: Final = 120
_MISSING: Final = object()


class Table:
    """Reads one table. After a problem it returns a stand-in, so that the rest is checked too."""

    def __init__(self, values: Mapping[str, Any], place: str, problems: list[str]) -> None:
        self._values, self._place, self._problems = values, place, problems
        self._read: set[str] = set()

    def problem(self, key: str, sentence: str) -> None:
        """Note a problem of `key`."""
        self._problems.append(f"{self._path(key)}: {sentence}")

    def text(self, key: str, *, default: str | None = None, longest: int = _MAX_TEXT) -> str:
        """Return a text of at most `longest` characters; it may be empty only where there is a default."""
        value = self._take(key, default)
        if value is _MISSING:
            return ""
        least = 1 if default is None else 0
        if not isinstance(value, str) or not least <= len(value) <= longest or "\x00" in value:
            self._expect(key, value, f"a text of {least} to {longest} characters")
            return ""
        return value

    def name(self, key: str) -> str:
        """Return an id that may stand in a topic."""
        value = self._take(key, None)
        if value is _MISSING:
            return ""
        if not isinstance(value, str) or not is_id(value):
            self._expect(key, value, ID_EXPECTATION)
            return ""
        return value

    def number(self, key: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number between `least` and `most`."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._expect(key, value, f"a whole number from {least} to {most}")
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self._expect(key, value, "true or false")
            return default
        return value

    def optional_date(self, key: str) -> date | None:
        """Return a date; None where nothing is said."""
        self._read.add(key)
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self._expect(key, value, "a date, as 2027-03-01 without quotes")
            return None
        return value

    def optional_flag(self, key: str) -> bool | None:
        """Return true or false; None where nothing is said."""
        self._read.add(key)
        return self.flag(key, default=False) if key in self._values else None

    def choice(self, key: str, choices: Collection[str], *, default: str | None = None) -> str:
        """Return one of `choices`."""
        value = self._take(key, default)
        if value is _MISSING:
            return ""
        if not isinstance(value, str) or value not in choices:
            self._expect(key, value, "one of " + ", ".join(repr(choice) for choice in choices))
            return ""
        return value

    def table(self, key: str) -> "Table":
        """Return the table `[key]`."""
        value = self._take(key, None)
        if value is not _MISSING and not isinstance(value, Mapping):
            self._expect(key, value, f"a table, [{self._path(key)}]")
        return Table(value if isinstance(value, Mapping) else {}, self._path(key), self._problems)

    def optional_table(self, key: str) -> "Table | None":
        """Return the table `[key]`; None where there is none."""
        self._read.add(key)
        return self.table(key) if key in self._values else None

    def texts(self, key: str, *, longest: int = _MAX_TEXT) -> list[str]:
        """Return a list of texts of 1 to `longest` characters; empty where nothing is said."""
        value = self._take(key, ())
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not all(_is_text(one, longest) for one in value)
        ):
            self._expect(key, value, f"a list of texts of 1 to {longest} characters")
            return []
        return list(value)

    def tables(self, key: str, *, default: Sequence[Mapping[str, Any]] | None = None) -> list["Table"]:
        """Return the tables `[[key]]`."""
        value = self._take(key, default)
        if value is _MISSING:
            return []
        if not isinstance(value, Sequence) or not all(isinstance(entry, Mapping) for entry in value):
            self._expect(key, value, f"tables, [[{self._path(key)}]]")
            return []
        return [Table(entry, f"{self._path(key)}[{n}]", self._problems) for n, entry in enumerate(value, start=1)]

    def refuse_unknown(self) -> None:
        """Note what nobody asked for: a misspelt key must not be silently without effect."""
        for key in sorted(self._values.keys() - self._read):
            self.problem(key, f"not known here; expected one of {', '.join(sorted(self._read))}")

    def _take(self, key: str, default: Any) -> Any:
        self._read.add(key)
        value = self._values.get(key, default)
        if value is None:
            self.problem(key, "missing")
            return _MISSING
        return value

    def _expect(self, key: str, value: object, expected: str) -> None:
        self.problem(key, f"is {show_value(value)}; expected {expected}")

    def _path(self, key: str) -> str:
        return f"{self._place}.{key}".lstrip(".")


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest and "\x00" not in value
