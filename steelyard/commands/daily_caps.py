"""`steelyard caps references`, `rates`, `end-rate` and `calculate`: the daily calculation from the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain import days
from domain.errors import BadFile
from domain.price_cap import Channel

if TYPE_CHECKING:
    from psycopg import Connection

_Area = Annotated[str, typer.Option(help="Area, as the markets name it (sanya).")]
_As = Annotated[str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `steelyard caps`."""
    app.command("references")(references)
    app.command("rates")(rates)
    app.command("end-rate")(end_rate)
    app.command("calculate")(calculate)


def references(
    file: Annotated[Path, typer.Argument(help="CSV: name, grade, price_yuan_per_500g (or per_kg, or price and unit).")],
    area: _Area,
    day: Annotated[str, typer.Option(help="The day the prices are of: 2026-11-22.")],
    source: Annotated[str, typer.Option(help="Where they are from.")],
    is_replacing: Annotated[bool, typer.Option("--replace", help="In place of what the day has already.")] = False,
    username: _As = "",
) -> None:
    """Keep the wholesale references of a day; '/' where there was none. A file with a problem keeps nothing."""
    from db import caps
    from pricing.price_sources import import_references
    from pricing.reference_file import parse_references

    of_day, text = day_of(day, "--day"), text_of(file)
    with connection() as conn:
        found = parse_references(text, file.name, caps.species_names(conn), day=of_day, source=source)
        by, now = person(conn, username), datetime.now(UTC)
        is_new = import_references(conn, area, of_day, found, by=by, at=now, may_replace=is_replacing)
    if not is_new:
        typer.echo(f"{area} has exactly these {len(found)} references of {of_day} already")
        return
    without = sum(one.price_fen is None for one in found)
    typer.echo(f"{len(found)} references of {of_day} are kept for {area}, {without} of them '/'")


def rates(
    area: _Area,
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV: category, markup_rate_percent, purchase_allowance_percent, the ceiling. None: list."),
    ] = None,
    first_day: Annotated[str, typer.Option("--from", help="The first day they hold on: 2026-11-22.")] = "",
    last_day: Annotated[str, typer.Option("--until", help="The last day; left out: until they are ended.")] = "",
    source: Annotated[str, typer.Option(help="Where they are from, where the file does not say.")] = "",
    day: Annotated[str, typer.Option(help="List what holds on this day; left out: every rate.")] = "",
    username: _As = "",
    as_json: _Json = False,
) -> None:
    """Keep markup rates for a time that no others have; without a file, list those that are kept."""
    from pricing.price_sources import import_rates
    from pricing.rate_file import Validity, parse_rates

    if file is None:
        _list_rates(area, day_of(day, "--day") if day else None, as_json=as_json)
        return
    begins = day_of(first_day, "--from")
    ends = day_of(last_day, "--until") + timedelta(days=1) if last_day else None
    read = parse_rates(text_of(file), file.name, Validity(valid_from=begins, valid_until=ends, source=source))
    with connection() as conn:
        import_rates(conn, area, read.rates, by=person(conn, username), at=datetime.now(UTC))
    names = ", ".join(one.category for one in read.rates)
    typer.echo(f"{len(read.rates)} rates hold in {area} from {begins}{_until(ends)}: {names}")
    for category in read.without_rate:
        typer.echo(f"{category} has no rate in the file; nothing of it can be calculated before it has one")


def end_rate(
    category: Annotated[str, typer.Argument(help="fish, shrimp, crab, shellfish or other.")],
    area: _Area,
    last_day: Annotated[str, typer.Option("--last-day", help="The last day it holds on: 2026-11-21.")],
) -> None:
    """Say which day is the last of a rate, so that another can follow."""
    from pricing import price_sources

    last = day_of(last_day, "--last-day")
    with connection() as conn:
        price_sources.end_rate(conn, area, category, last)
    typer.echo(f"the rate of {category} in {area} holds until {last}, that day included")


def calculate(
    area: _Area,
    day: Annotated[str, typer.Option(help="The day the caps are for: 2026-11-23.")],
    channel: Annotated[Channel, typer.Option(help="Channel the list binds.")] = Channel.EATERY,
    references_of: Annotated[str, typer.Option(help="Another day's references than the day before's.")] = "",
    authority: Annotated[str, typer.Option(help="Who issues the list.")] = "",
    is_preview: Annotated[bool, typer.Option("--preview", help="Show the working and draft nothing.")] = False,
    username: _As = "",
    as_json: _Json = False,
) -> None:
    """Calculate a day's caps, show the working and what it changes, and draft the list; a second person publishes it.

    Ends with status 1 where a problem stops it: then nothing is drafted.
    """
    from pricing.price_sources import DayOf, calculated_day, draft_day
    from steelyard.daily_caps_words import as_json as told_as_json
    from steelyard.daily_caps_words import lines

    of = DayOf(
        area=area,
        channel=channel,
        day=day_of(day, "--day"),
        references_day=day_of(references_of, "--references-of") if references_of else None,
    )
    drafted: int | None = None
    with connection() as conn:
        calculated = calculated_day(conn, of)
        is_stopped = calculated.calculation.is_stopped
        if not is_preview and not is_stopped:
            drafted = draft_day(conn, of, by=person(conn, username), at=datetime.now(UTC), authority=authority)
    if as_json:
        typer.echo(json.dumps(told_as_json(calculated, drafted), ensure_ascii=False))
    else:
        for line in lines(calculated):
            typer.echo(line)
        if drafted is not None:
            typer.echo(f"draft {drafted}: a second person publishes it")
        elif not is_stopped:
            typer.echo("a preview: nothing is drafted")
    if is_stopped:
        raise typer.Exit(1)


@contextmanager
def connection() -> Iterator["Connection"]:
    """Lend a connection; what was done on it is committed at the end."""
    from db.pool import connect, translate_absence
    from steelyard.settings import read_settings

    with translate_absence(), connect(read_settings().database_url_with_password) as conn:
        yield conn


def person(conn: "Connection", username: str) -> str:
    """Return who does it. Raise NotAllowed where the named person may not keep the price book."""
    from steelyard.commands.acting import acting
    from web.access import Permission

    return acting(conn, username, Permission.EDIT_CAPS)


def day_of(text: str, option: str) -> date:
    """Return the day an option names. Raise BadFile where it names none."""
    day = days.day_of(text)
    if day is None:
        raise BadFile(option, (f"is {text!r}; expected a day: 2026-11-22",))
    return day


def text_of(file: Path) -> str:
    """Return the text of a file, UTF-8 or GB18030. Raise BadFile where it is none, or not there."""
    from tables import texts

    try:
        return texts.text_of(file.read_bytes(), file.name)
    except OSError as error:
        raise BadFile(file.name, (f"cannot be read: {error.strerror}",)) from None


def _list_rates(area: str, day: date | None, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from db import markup_rates
    from domain.units import yuan_per_500g
    from pricing.price_sources import span_of
    from steelyard.daily_caps_words import percent, rate_as_json

    with connection() as conn:
        found = [one for one in markup_rates.rates(conn, area) if day is None or one.holds_on(day)]
    if as_json:
        typer.echo(json.dumps({"area": area, "rates": [rate_as_json(one) for one in found]}, ensure_ascii=False))
        return
    table = Table("category", "rate", "allowance", "ceiling, yuan/500 g", "days", "source")
    for one in found:
        numbers = (percent(one.markup_permille), percent(one.allowance_permille), yuan_per_500g(one.ceiling_fen_per_kg))
        table.add_row(one.category, *numbers, span_of(one), one.source)
    Console().print(table)


def _until(ends: date | None) -> str:
    return ", until they are ended" if ends is None else f" until {ends - timedelta(days=1)}, that day included"
