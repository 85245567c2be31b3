"""`steelyard caps`: the price book from the command line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadFile
from domain.price_cap import Channel
from steelyard.commands import daily_caps

app = typer.Typer(help="Cap lists.", no_args_is_help=True)


@app.callback()
def caps() -> None:
    """Cap lists."""


@app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="CSV with the columns name, grade, cap_yuan_per_500g.")],
    area: Annotated[str, typer.Option(help="Area the list binds, as the markets name it (sanya).")],
    source: Annotated[str, typer.Option(help="Where the list is from: what the page shows beside it.")],
    channel: Annotated[Channel, typer.Option(help="Channel the list binds.")] = Channel.EATERY,
    authority: Annotated[str, typer.Option(help="Who published it.")] = "",
    document_no: Annotated[str, typer.Option(help="Number of the document.")] = "",
    legal_basis: Annotated[str, typer.Option(help="The rule it rests on.")] = "",
    demonstration: Annotated[bool, typer.Option("--demonstration", help="Mark it as not today's law.")] = False,
    effective_from: Annotated[str, typer.Option(help="RFC 3339 time with offset; left out: now.")] = "",
    drafted_by: Annotated[str, typer.Option(help="Who drafted it.")] = "system",
    published_by: Annotated[str, typer.Option(help="Who publishes it: a second person.")] = "system",
) -> None:
    """Publish a list: in force from its effective moment until the next list's; one of the same moment is replaced.

    A file with a problem publishes nothing, and neither does a list for an area and channel that no market has.
    """
    from db.cap_lists import NewCapList
    from db.caps import heading
    from db.pool import connect
    from pricing import publishing
    from steelyard.settings import read_settings

    now = datetime.now(UTC)
    new = NewCapList(
        area=area,
        channel=channel,
        source=source,
        authority=authority,
        document_no=document_no,
        legal_basis=legal_basis,
        is_demonstration=demonstration,
        effective_from=_moment(effective_from) if effective_from else now,
    )
    with connect(read_settings().database_url_with_password) as conn:
        with conn.transaction():
            cap_list_id = publishing.draft_file(conn, file, new, by=drafted_by, at=now)
            publishing.publish(conn, cap_list_id, by=published_by, at=now)
        published = heading(conn, cap_list_id)
    until = published.effective_to if published else None
    end = "until another takes over" if until is None else f"until {until.isoformat()}, when the next one begins"
    typer.echo(f"list {cap_list_id} is in force in {area} ({channel}) from {new.effective_from.isoformat()}, {end}")


daily_caps.add_to(app)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadFile("--effective-from", (f"is {text!r}; expected a time with its offset: 2026-11-22T00:00:00+08:00",))
    return moment
