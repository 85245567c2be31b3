"""`steelyard rejudge`: weighings judged again after what judged them changed."""

from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(help="Weighings judged again after what judged them changed.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Weighings judged again after a list, a binding, an exemption, a purchase or a name changed."""


@app.command("list")
def listed(
    market: Annotated[str | None, typer.Option(help="Only what touches this market.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each, a line each.")] = False,
) -> None:
    """Show what was asked for and how far it has come."""
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from db import rejudging
    from db.pool import connect
    from domain.ids import MarketId
    from steelyard.settings import read_settings

    with connect(read_settings().database_url_with_password) as conn:
        found = rejudging.recent(conn, None if market is None else MarketId(market), limit=limit)
    if as_json:
        for one in found:
            typer.echo(msgspec.json.encode(one).decode())
        return
    table = Table("no.", "because", "about", "state", "looked at", "changed", "raised", "taken back")
    for one in found:
        state = "done" if one.finished_at else "going on" if one.started_at else "waiting"
        progress = f"{one.looked_at:,} of {one.expected:,}" if one.started_at else ""
        figures = (f"{number:,}" for number in (one.changed, one.raised, one.withdrawn))
        table.add_row(str(one.rejudgement_id), one.cause, one.about, state, progress, *figures)
    Console().print(table)


@app.command()
def ask(
    who: Annotated[str, typer.Option("--as", help="Who asks for it: it is kept.")],
    market: Annotated[str | None, typer.Option(help="Only this market's weighings.")] = None,
    scale: Annotated[str | None, typer.Option(help="Only this scale's.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Only this vendor's.")] = None,
    since: Annotated[str, typer.Option(help="RFC 3339 time with offset; left out: from the first.")] = "",
    until: Annotated[
        str, typer.Option(help="RFC 3339 time with offset, itself not within; left out: to the last.")
    ] = "",
) -> None:
    """Ask by hand that weighings be judged again, after a change of the policy file, say. A worker does it."""
    from db import rejudging
    from db.pool import connect
    from domain.errors import RuleViolation
    from domain.ids import MarketId
    from steelyard.commands.moments import moment
    from steelyard.settings import read_settings

    begins = moment("--since", since) if since else None
    ends = moment("--until", until) if until else None
    if begins is not None and ends is not None and ends <= begins:
        raise RuleViolation(f"--until is {until}; expected a moment after --since, {since}")
    with connect(read_settings().database_url_with_password) as conn:
        number = rejudging.request(
            conn,
            market_id=None if market is None else MarketId(market),
            scale_id=scale,
            vendor_id=vendor,
            since=begins,
            until=ends,
            by=who,
            now=datetime.now(UTC),
        )
    typer.echo(f"asked for as number {number}; `steelyard rejudge list` shows how far it has come")
