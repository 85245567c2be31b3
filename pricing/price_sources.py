"""The thin shell around the daily calculation: references and rates imported, a day calculated, its list drafted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import caps, markup_rates, wholesale
from db.cap_lists import NewCapList
from domain.errors import NotFound, RuleViolation
from domain.price_cap import Channel
from domain.wholesale import MarkupRate, WholesaleReference
from pricing import publishing
from pricing.daily_caps import Calculation, Sources, calculate
from pricing.list_comparison import Change, ListedItem, compare, said_of

_DAY: Final = timedelta(days=1)
#: What every page shows beside the list, in both languages: it is kept as it is.
_SOURCE: Final = "按 {day} 批发参考价测算 · calculated from the wholesale references of {day}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOf:
    """A day of an area and channel. `references_day` None: the day before."""

    area: str
    channel: Channel
    day: date
    references_day: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CalculatedDay:
    """A calculation, when its list would hold, and what it would change against the list it takes over from."""

    of: DayOf
    begins: datetime
    ends: datetime
    calculation: Calculation
    before: int | None
    changes: tuple[Change, ...]


def import_references(
    conn: Connection,
    area: str,
    day: date,
    references: Sequence[WholesaleReference],
    *,
    by: str,
    at: datetime,
    may_replace: bool = False,
) -> bool:
    """Keep the references of an area's day; return False where exactly these are kept already.

    Raise RuleViolation where no market has the area, and where the day has others, unless they may be replaced.
    """
    with conn.transaction():
        timezone_of(conn, area)
        kept = wholesale.references_of(conn, area, day)
        if sorted(kept, key=_goods) == sorted(references, key=_goods):
            return False
        if kept and not may_replace:
            raise RuleViolation(
                f"{area} has {len(kept)} references of {day.isoformat()} already, and other ones;"
                " say that they are to be replaced",
                problem="other_references",
                facts={"count": len(kept), "day": day.isoformat()},
            )
        wholesale.put(conn, area, day, references, by=by, at=at)
    return True


def import_rates(conn: Connection, area: str, rates: Sequence[MarkupRate], *, by: str, at: datetime) -> None:
    """Keep new rates. Raise RuleViolation, naming each, where a category has a rate on some of their days."""
    with conn.transaction():
        timezone_of(conn, area)
        backwards = [one for one in rates if one.valid_until is not None and one.valid_until <= one.valid_from]
        if backwards:
            day = backwards[0].valid_from.isoformat()
            raise RuleViolation(
                f"the rates would end before they begin on {day}", problem="rates_end_first", facts={"day": day}
            )
        taken = [
            f"{new.category}: {span_of(old)} has a rate already ({old.source})"
            for new in rates
            for old in markup_rates.rates(conn, area)
            if old.category == new.category and _overlap(old, new)
        ]
        if taken:
            raise RuleViolation(
                "a category has one rate a day; end the old one first. " + "; ".join(taken), problem="rate_taken"
            )
        markup_rates.insert(conn, area, rates, by=by, at=at)


def end_rate(conn: Connection, area: str, category: str, last_day: date) -> None:
    """Make `last_day` the last day of a category's rate. Raise NotFound where none holds then and goes on after it."""
    if markup_rates.end(conn, area, category, last_day + _DAY) is None:
        day = last_day.isoformat()
        raise NotFound(
            f"no rate of {category} in {area} holds on {day} and goes on after it",
            problem="no_rate_then",
            facts={"day": day},
        )


def calculated_day(conn: Connection, of: DayOf) -> CalculatedDay:
    """Calculate a day. Raise RuleViolation where no market has the area and channel, or the references are of later."""
    references_day = of.references_day or of.day - _DAY
    if references_day >= of.day:
        raise RuleViolation(
            f"caps of {of.day.isoformat()} are calculated from a day before it", problem="references_too_late"
        )
    begins, ends = day_in(of.day, timezone_of(conn, of.area, of.channel))
    before = wholesale.list_before(conn, of.area, of.channel, begins)
    lines = [] if before is None else wholesale.items_of(conn, before)
    calculation = calculate(
        Sources(
            day=of.day,
            references_day=references_day,
            references=wholesale.references_of(conn, of.area, references_day),
            rates=markup_rates.rates(conn, of.area),
            species=wholesale.species(conn),
            before=lines,
            newest_days=wholesale.newest_days(conn, of.area, of.day - _DAY),
        )
    )
    changes = compare(
        [ListedItem(one.species, one.grade, said_of(one)) for one in lines],
        [ListedItem(one.item.species, one.item.grade, said_of(one.item)) for one in calculation.items],
    )
    return CalculatedDay(
        of=of, begins=begins, ends=ends, calculation=calculation, before=before, changes=tuple(changes)
    )


def draft_day(conn: Connection, of: DayOf, *, by: str, at: datetime, authority: str = "") -> int:
    """Draft the list of a day, which a second person publishes; return its cap_list_id.

    It holds on its day alone. Raise RuleViolation where a problem stops it.
    """
    with conn.transaction():
        calculated = calculated_day(conn, of)
        calculation = calculated.calculation
        if calculation.is_stopped:
            stopping = sum(problem.stops for problem in calculation.problems)
            day = of.day.isoformat()
            raise RuleViolation(
                f"{stopping} problem(s) stand in the way of a list of {day}",
                problem="day_stopped",
                facts={"count": stopping, "day": day},
            )
        new = NewCapList(
            area=of.area,
            channel=of.channel,
            source=_SOURCE.format(day=calculation.sources.references_day.isoformat()),
            authority=authority,
            effective_from=calculated.begins,
            effective_to=calculated.ends,
        )
        return publishing.draft(conn, new, [one.item for one in calculation.items], by=by, at=at)


def timezone_of(conn: Connection, area: str, channel: Channel | None = None) -> ZoneInfo:
    """Return the time zone of an area. Raise RuleViolation where no market has it, or its markets keep several."""
    scopes = caps.market_scopes(conn)
    zones = {zone for _, of_area, of_channel, zone in scopes if of_area == area and channel in (None, of_channel)}
    if len(zones) == 1:
        return ZoneInfo(zones.pop())
    if zones:
        raise RuleViolation(
            f"the markets of {area} keep several times: {', '.join(sorted(zones))}", problem="several_times"
        )
    known = ", ".join(sorted({f"{name} ({of_channel})" for _, name, of_channel, _ in scopes})) or "none yet"
    through = "" if channel is None else f" with the channel {channel}"
    raise RuleViolation(f"no market has the area {area!r}{through}; there are: {known}", problem="no_such_area")


def day_in(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day begins and ends at a place."""
    return datetime.combine(day, time(), zone), datetime.combine(day + _DAY, time(), zone)


def span_of(rate: MarkupRate) -> str:
    """Return the days of a rate, the last one included."""
    until = "" if rate.valid_until is None else (rate.valid_until - _DAY).isoformat()
    return f"{rate.valid_from.isoformat()} → {until or 'until it is ended'}"


def _overlap(one: MarkupRate, other: MarkupRate) -> bool:
    first_ends, other_ends = one.valid_until or date.max, other.valid_until or date.max
    return one.valid_from < other_ends and other.valid_from < first_ends


def _goods(reference: WholesaleReference) -> tuple[str, str]:
    return reference.species, reference.grade
