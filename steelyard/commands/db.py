"""`steelyard db`: the database, looked at from outside."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """The database, looked at from outside."""


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
