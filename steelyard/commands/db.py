"""`steelyard db`: the database, looked at from outside, and how long it keeps weighings."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from db.keeping import DuePortion, Keeping

_WHY_KEPT = {
    "undecided_alert": "stays: an alert about it is not decided",
    "arrived_lately": "stays: some of it arrived lately",
}

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """The database: how large it is, and how long it keeps weighings."""


@app.command()
def size(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Show how much disk the tables take, and how many bytes one weighing."""
    from rich.console import Console
    from rich.table import Table

    from db.migrate import engine_of
    from db.pool import connect
    from db.sizes import WEIGHINGS, sizes
    from steelyard.settings import read_settings

    url = read_settings().database_url_with_password
    with connect(url) as conn:
        found = sizes(conn)
    a_weighing = next(one.bytes_a_row for one in found if one.name == WEIGHINGS)
    if as_json:
        tables = [asdict(one) | {"bytes_a_row": one.bytes_a_row} for one in found]
        typer.echo(json.dumps({"bytes_a_weighing": a_weighing, "tables": tables, "database": str(engine_of(url))}))
        return
    table = Table("table", "rows", "MiB of rows", "MiB of indexes", "bytes a row", title=str(engine_of(url)))
    for one in found:
        mean = "" if one.bytes_a_row is None else f"{one.bytes_a_row:,.0f}"
        table.add_row(one.name, f"{one.rows:,}", _mib(one.table_bytes), _mib(one.index_bytes), mean)
    Console().print(table)


def _mib(count: int) -> str:
    return f"{count / 2**20:,.1f}"


@app.command()
def keep(
    days: Annotated[int | None, typer.Option(min=1, help="Keep weighings for so many days.")] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Keep all weighings, as it is from the start.")] = False,
    compress_after: Annotated[
        int | None, typer.Option(min=1, help="Compress chunks that are so many days old (Timescale licence).")
    ] = None,
    no_compression: Annotated[bool, typer.Option("--no-compression", help="Compress no chunks to come.")] = False,
) -> None:
    """Say how long weighings are kept, or decide it. What alerts are about is kept in any case."""
    from db import keeping
    from db.migrate import migrate
    from db.pool import connect
    from domain.errors import BadFile
    from steelyard.settings import read_settings

    if (forever and days) or (no_compression and compress_after):
        raise BadFile("steelyard db keep", ("asks for two things at once that exclude each other",))
    settings = read_settings()
    if days is not None:
        _refuse_too_few(days, settings.policy_file("rules.toml"))
    url = settings.database_url_with_password
    with connect(url) as conn:
        if days is not None or forever:
            keeping.set_keep_days(conn, days)
        if compress_after is not None or no_compression:
            keeping.set_compress_after(conn, compress_after)
        conn.commit()
        decided = keeping.read(conn)
    typer.echo(_said(decided, str(migrate(url) if compress_after is not None or no_compression else "")))


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="With --dry-run: as if so many days were kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Let weighings go that are older than they are to be kept (`steelyard db keep`), now; or show which would."""
    from db import keeping
    from db.pool import connect
    from domain.errors import BadFile
    from steelyard.settings import read_settings

    if days is not None and not dry_run:
        raise BadFile("--days", ("is for --dry-run; `steelyard db keep --days` decides how long they are kept",))
    settings, now = read_settings(), datetime.now(UTC)
    with connect(settings.database_url_with_password) as conn:
        conn.autocommit = True
        kept_days = days or keeping.read(conn).keep_days
        if kept_days is None:
            typer.echo(json.dumps({"keep_days": None, "due": []}) if as_json else "all weighings are kept")
            return
        due = keeping.due(conn, kept_days, now)
        if not dry_run:
            _refuse_too_few(kept_days, settings.policy_file("rules.toml"))
            keeping.let_go(conn, now, tell=lambda _what: None)
            left = {(one.market_id, one.since) for one in keeping.due(conn, kept_days, now)}
            due = [one for one in due if (one.market_id, one.since) not in left]
    if as_json:
        found = {"keep_days": kept_days, "dry_run": dry_run, "due": [asdict(one) for one in due]}
        typer.echo(json.dumps(found, default=datetime.isoformat))
    else:
        _print_portions(due, f"older than {kept_days} days" if dry_run else "gone")


def _refuse_too_few(days: int, rules: Path) -> None:
    """A weighing that is still taken when it arrives must not be one that goes at once."""
    from domain.errors import BadFile
    from ingest.keeper import shortest
    from pricing.policy import read_rules_policy

    acceptance = read_rules_policy(rules).acceptance
    least = shortest(acceptance.oldest)
    if days < least:
        why = (
            f"weighings are taken up to an age of {acceptance.oldest_days} days ({rules.name}, acceptance.oldest_days)"
        )
        raise BadFile("--days", (f"is {days}; expected at least {least}, since {why}",))


def _said(decided: "Keeping", engine: str) -> str:
    kept = "all weighings are kept" if decided.keep_days is None else f"weighings are kept for {decided.keep_days} days"
    after = decided.compress_after_days
    compressed = "chunks are not compressed" if after is None else f"chunks are compressed after {after} days"
    last = "" if decided.last_run_at is None else f"; last looked at {decided.last_run_at.isoformat()}"
    return f"{kept}{last}; with the Timescale licence, {compressed}" + (f" ({engine})" if engine else "")


def _print_portions(due: Sequence["DuePortion"], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("market", "from", "to", "weighings", "set aside for alerts", "", title=f"weighings {title}")
    for one in due:
        why = "" if one.why_kept is None else _WHY_KEPT[one.why_kept]
        span = (f"{one.since:%Y-%m-%d %H:%M}", f"{one.until:%Y-%m-%d %H:%M}")
        table.add_row(one.market_id or "all", *span, f"{one.weighings:,}", f"{one.alerted:,}", why)
    Console().print(table)
