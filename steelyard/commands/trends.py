"""`steelyard trends`: what a market trades, at what prices, from the command line."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from db.trends import TradedPrices


class By(StrEnum):
    """How long a span of the trend is."""

    HOUR = "hour"
    DAY = "day"


_WIDTHS = {By.HOUR: timedelta(hours=1), By.DAY: timedelta(days=1)}


def trends(
    market: Annotated[str, typer.Option(help="The market's id.")],
    species: Annotated[str | None, typer.Option(help="Only this species, by its code (F01).")] = None,
    by: Annotated[By, typer.Option(help="A line an hour, or a line a day.")] = By.HOUR,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days back, today among them.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what was traded: median price, quartiles and volume of each species, on the market's own clock."""
    from db import registry
    from db import trends as queries
    from db.pool import connect
    from domain.errors import BadFile
    from domain.ids import MarketId, SpeciesCode
    from steelyard.settings import read_settings

    now = datetime.now(UTC)
    with connect(read_settings().database_url_with_password) as conn:
        zone = next((one.timezone for one in registry.markets(conn) if one.market_id == market), None)
        if zone is None:
            known = ", ".join(sorted(one.market_id for one in registry.markets(conn))) or "none"
            raise BadFile("--market", (f"is {market!r}; expected one that is registered: {known}",))
        found = queries.prices(
            conn,
            MarketId(market),
            since=midnight(now, ZoneInfo(zone), days - 1),
            until=now,
            width=_WIDTHS[by],
            species=None if species is None else SpeciesCode(species),
        )
    if as_json:
        prices = [asdict(one) for one in found]
        typer.echo(json.dumps({"market_id": market, "by": by, "prices": prices}, default=datetime.isoformat))
    else:
        _print(found, ZoneInfo(zone), market, by)


def midnight(now: datetime, zone: ZoneInfo, days_back: int) -> datetime:
    """Return when the day began, so many days back, on the clocks of a zone."""
    day = now.astimezone(zone).date() - timedelta(days=days_back)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _print(found: Sequence["TradedPrices"], zone: ZoneInfo, market: str, by: By) -> None:
    from rich.console import Console
    from rich.table import Table

    heads = ("species", "grade", "weighings", "kg", "yuan", "lower quartile", "median", "upper quartile", "over cap")
    table = Table(title=f"{market}: traded prices, yuan/kg (or a piece)")
    for head in (f"{by} ({zone.key})", *heads):
        table.add_column(head, overflow="fold")  # a narrow terminal breaks a figure, and never leaves half of it out
    shown = "%Y-%m-%d %H:%M" if by is By.HOUR else "%Y-%m-%d"
    for one in found:
        prices = (_yuan(fen) for fen in (one.lower_fen, one.median_fen, one.upper_fen))
        unit = "" if one.unit == "kg" else f" ({one.unit})"
        volume = (f"{one.weighings:,}", f"{one.net_g / 1000:,.1f}", _yuan(one.paid_fen))
        since = f"{one.since.astimezone(zone):{shown}}"
        table.add_row(since, one.species_code + unit, one.grade, *volume, *prices, str(one.over_cap))
    Console().print(table)


def _yuan(fen: int | None) -> str:
    return "—" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"
