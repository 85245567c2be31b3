"""The thin shell around the price book: read it from the database, publish a list into it."""

from datetime import datetime
from pathlib import Path

from psycopg import Connection

from db import caps
from db.caps import NewCapList
from domain.errors import BadFile, RuleViolation
from domain.price_cap import CapList, Channel
from pricing.cap_book import CapBook, MarketScope
from pricing.cap_list_file import parse_cap_list


class BookKeeper:
    """Hands out the current CapBook and reads it anew only when its revision has moved."""

    def __init__(self) -> None:
        self._book: CapBook | None = None

    def current(self, conn: Connection) -> CapBook:
        """Return the book as the caller's transaction sees it."""
        revision = caps.revision(conn)
        if self._book is None or self._book.revision != revision:
            self._book = load_book(conn)
        return self._book


def load_book(conn: Connection) -> CapBook:
    """Read all published lists, the markets' scopes and the species' names."""
    revision = caps.revision(conn)
    lists: dict[tuple[str, Channel], list[CapList]] = {}
    for cap_list in caps.published_lists(conn):
        lists.setdefault((cap_list.area, cap_list.channel), []).append(cap_list)
    return CapBook(
        revision=revision,
        lists=lists,
        markets={
            market_id: MarketScope(area=area, channel=channel, timezone=timezone)
            for market_id, area, channel, timezone in caps.market_scopes(conn)
        },
        species=caps.species_codes(conn),
        species_by_name=caps.species_names(conn),
    )


def publish_file(conn: Connection, path: Path, new: NewCapList, now: datetime) -> int:
    """Publish a list from a CSV file, in one transaction. Return its cap_list_id.

    Raise BadFile where the file cannot be used, RuleViolation where the list would bind no market.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(path.name, (f"cannot be read as UTF-8: {error}",)) from None
    with conn.transaction():
        _require_a_market(conn, new)
        items = parse_cap_list(text, path.name, caps.species_names(conn))
        return caps.publish(conn, new, items, now)


def _require_a_market(conn: Connection, new: NewCapList) -> None:
    """A mistyped area would publish a list that judges nothing, and nobody would be told."""
    scopes = {(area, channel) for _, area, channel, _ in caps.market_scopes(conn)}
    if (new.area, new.channel) not in scopes:
        known = ", ".join(f"{area} ({channel})" for area, channel in sorted(scopes)) or "none yet"
        raise RuleViolation(f"no market has the area {new.area!r} with the channel {new.channel}; there are: {known}")
