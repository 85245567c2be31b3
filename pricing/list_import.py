"""A file → a preview of what it would be and do, and → a draft. The shell around the reading of lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from db import cap_list_files, judged_weighings
from db.cap_list_files import StoredFile
from db.cap_lists import NewCapItem, NewCapList
from domain.errors import BadFile, RuleViolation
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapList
from domain.units import PriceUnit
from pricing import publishing
from pricing.cap_book import CapBook
from pricing.list_comparison import Change, ListedItem, compare, said_of
from pricing.list_impact import Impact, book_as_if, impact_of, is_of_scope, sold_of
from pricing.list_reading.recognising import Recognised, UnknownName, recognise
from pricing.list_reading.understanding import ReadList, read_list
from pricing.name_suggestions import Suggestion, suggest
from pricing.policy import RulesPolicy
from pricing.price_book import caps_for, load_book
from tables.cells import MOST_PROBLEMS, Problem

#: Longer nobody waits for a preview; what was not counted by then is said to be left.
COUNTED_FOR_S: Final = 3.0
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListFile:
    """A file and the list it is to be. `unit`: what prices are for where the file does not say.

    `accepted`: which species a person says names mean that no species goes by yet.
    """

    name: str
    content: bytes
    new: NewCapList
    unit: PriceUnit | None = None
    accepted: Mapping[str, SpeciesCode] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a file was understood as, and what the list would change and do. Nothing is stored by it.

    `replaces`: the list in force at the new one's beginning. `impact` None: no sale of today falls under it.
    """

    file: ListFile
    read: ReadList
    items: Sequence[NewCapItem]
    problems: Sequence[Problem]
    unknown: Sequence[tuple[UnknownName, Sequence[Suggestion]]]
    markets: Sequence[MarketId]
    replaces: int | None
    changes: Sequence[Change]
    impact: Impact | None

    @property
    def may_be_kept(self) -> bool:
        """Whether it can become a draft as it is."""
        return not self.problems and not self.unknown and bool(self.items)


def preview(conn: Connection, file: ListFile, policy: RulesPolicy, *, now: datetime) -> Preview:
    """Return what a file would be and do.

    Raise BadFile for what is no table, RuleViolation for a list that would bind no market.
    """
    publishing.require_a_market(conn, file.new)
    book = load_book(conn)
    read, recognised, names = _understood(file, book)
    before = _list_before(book, file.new)
    items = recognised.items
    return Preview(
        file=file,
        read=read,
        items=items,
        problems=_problems(read, recognised),
        unknown=[(one, suggest(one.name, one.aliases, names)) for one in recognised.unknown],
        markets=_bound(book, file.new),
        replaces=None if before is None else before.cap_list_id,
        changes=compare(_listed(before), [_item(item) for item in items]),
        impact=_impact(conn, book, file.new, items, names, policy, now=now) if items else None,
    )


def keep_draft(conn: Connection, file: ListFile, *, by: str, at: datetime, file_id: int | None = None) -> int:
    """Make a file a draft, with the names that were accepted and the file itself, all or nothing; return cap_list_id.

    Raise BadFile with every problem and every name nobody knows, and what `publishing.draft` raises.
    `file_id`: where the file is kept already.
    """
    with conn.transaction():
        publishing.require_a_market(conn, file.new)
        read, recognised, _names = _understood(file, load_book(conn))
        problems = [*_problems(read, recognised), *(one.as_problem() for one in recognised.unknown)]
        if problems:
            ordered = sorted(problems, key=lambda one: (one.row, one.column))
            raise BadFile(file.name, tuple(map(str, ordered[:MOST_PROBLEMS])))
        for name, species in file.accepted.items():
            if not cap_list_files.add_name(conn, name, species, by=by, at=at):
                raise RuleViolation(
                    f"{name!r} means a species already; look at the preview again",
                    problem="name_taken",
                    facts={"name": name},
                )
        new = file.new if read.unit is None else replace(file.new, published_unit=read.unit)
        cap_list_id = publishing.draft(conn, new, recognised.items, by=by, at=at)
        if file_id is None:
            cap_list_files.put(conn, stored(file), by=by, at=at, cap_list_id=cap_list_id)
        else:
            cap_list_files.became(conn, file_id, cap_list_id)
        return cap_list_id


def stored(file: ListFile) -> StoredFile:
    """Return a file as the database keeps it; what was accepted is not kept."""
    return StoredFile(name=file.name, content=file.content, unit=file.unit, asked=msgspec.to_builtins(file.new))


def restored(file: StoredFile, accepted: Mapping[str, SpeciesCode]) -> ListFile:
    """Return a kept file with what a person accepts."""
    new = msgspec.convert(file.asked, NewCapList)
    return ListFile(name=file.name, content=file.content, new=new, unit=file.unit, accepted=accepted)


def _understood(file: ListFile, book: CapBook) -> tuple[ReadList, Recognised, dict[str, SpeciesCode]]:
    names = dict(book.species_by_name)
    for name, species in file.accepted.items():
        if species not in book.species:
            raise RuleViolation(
                f"{name!r} cannot mean {species!r}: there is no such species",
                problem="name_means_nothing",
                facts={"name": name, "species": species},
            )
        if names.setdefault(name, species) != species:
            raise RuleViolation(
                f"{name!r} means {names[name]} already, not {species}", problem="name_taken", facts={"name": name}
            )
    read = read_list(file.content, file.name, file.unit)
    unused = set(file.accepted) - {name for line in read.lines for name in line.names}
    if unused:
        raise RuleViolation(
            f"the list names nothing {', '.join(sorted(map(repr, unused)))}",
            problem="name_not_in_list",
            facts={"names": ", ".join(sorted(unused))},
        )
    return read, recognise(read.lines, names, is_advisory=file.new.is_advisory), names


def _problems(read: ReadList, recognised: Recognised) -> list[Problem]:
    problems = sorted([*read.problems, *recognised.problems], key=lambda one: (one.row, one.column))
    return problems[:MOST_PROBLEMS]


def _bound(book: CapBook, new: NewCapList) -> list[MarketId]:
    return [
        market_id
        for market_id, scope in sorted(book.markets.items())
        if (scope.area, scope.channel) == (new.area, new.channel) and new.market_id in (None, market_id)
    ]


def _list_before(book: CapBook, new: NewCapList) -> CapList | None:
    """The list of the same scope at the new one's beginning; a market's first list of its own takes over its area's."""
    lists = book.lists.get((new.area, new.channel), ())
    own = (one for one in lists if is_of_scope(one, new) and one.in_force_at(new.effective_from))
    found = next(own, None)
    if found is None and new.market_id is not None and not new.is_advisory:
        return book.list_in_force(new.market_id, new.effective_from)
    return found


def _impact(
    conn: Connection,
    today: CapBook,
    new: NewCapList,
    items: Sequence[NewCapItem],
    names: Mapping[str, SpeciesCode],
    policy: RulesPolicy,
    *,
    now: datetime,
) -> Impact | None:
    """Judge today's sales of each bound market as if the list had been in force all day; as many as time allows."""
    ends = monotonic() + COUNTED_FOR_S
    until = _until(today, new)
    book = book_as_if(today, new, items, names)
    total: Impact | None = None
    by_timezone: dict[str, list[MarketId]] = {}
    for market_id in _bound(book, new):
        by_timezone.setdefault(book.markets[market_id].timezone, []).append(market_id)
    for timezone, markets in by_timezone.items():
        day = now.astimezone(ZoneInfo(timezone)).date()
        begins = datetime.combine(day, datetime.min.time(), ZoneInfo(timezone))
        # The cursor that reads in parts needs a transaction.
        with conn.transaction():
            for sales in judged_weighings.of_day(conn, markets, day, begins - _DAY, begins + 2 * _DAY):
                sold = sold_of(sales, day, book)
                part = impact_of(
                    sales,
                    sold,
                    caps_for(conn, sold, book, policy.purchases),
                    day=day,
                    since=new.effective_from,
                    until=until,
                    payment_rounding_fen=policy.judging.payment_rounding_fen,
                )
                total = part if total is None else total.plus(part)
                if monotonic() > ends:
                    return replace(total, is_whole=False)
    return total


def _until(book: CapBook, new: NewCapList) -> datetime | None:
    """When the list would end: by itself, or where the next of its scope begins."""
    lists = book.lists.get((new.area, new.channel), ())
    later = [one.effective_from for one in lists if is_of_scope(one, new) and one.effective_from > new.effective_from]
    return min([*later, *([] if new.effective_to is None else [new.effective_to])], default=None)


def _listed(cap_list: CapList | None) -> list[ListedItem]:
    if cap_list is None:
        return []
    return [ListedItem(one.species, one.grade, said_of(one)) for one in cap_list.items]


def _item(item: NewCapItem) -> ListedItem:
    return ListedItem(item.species, item.grade, said_of(item))
