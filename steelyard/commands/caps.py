"""`steelyard caps`: the price book from the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import BadFile, NotAllowed, NotFound
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import Channel, ListStatus
from domain.units import PriceUnit
from steelyard.commands import daily_caps

if TYPE_CHECKING:
    from psycopg import Connection

    from pricing.list_import import ListFile

app = typer.Typer(help="Cap lists: import, look at, publish, withdraw.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_ListId = Annotated[int, typer.Argument(help="Number of the list: `steelyard caps list` tells it.")]


@app.callback()
def caps() -> None:
    """Cap lists."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="The list as published: CSV (UTF-8 or GB18030) or XLSX.")],
    area: Annotated[str, typer.Option(help="Area the list binds, as the markets name it (sanya).")],
    source: Annotated[str, typer.Option(help="Where the list is from: what the page shows beside it.")],
    unit: Annotated[
        PriceUnit | None, typer.Option(help="What its prices are for, where it does not say: 500g, kg or piece.")
    ] = None,
    channel: Annotated[Channel, typer.Option(help="Channel the list binds.")] = Channel.EATERY,
    market: Annotated[str, typer.Option(help="Only this market, before its area's list.")] = "",
    advisory: Annotated[bool, typer.Option("--advisory", help="Advisory prices, which bind nobody.")] = False,
    authority: Annotated[str, typer.Option(help="Who published it.")] = "",
    document_no: Annotated[str, typer.Option(help="Number of the document.")] = "",
    legal_basis: Annotated[str, typer.Option(help="The rule it rests on.")] = "",
    demonstration: Annotated[bool, typer.Option("--demonstration", help="Mark it as not today's law.")] = False,
    effective_from: Annotated[str, typer.Option(help="RFC 3339 time with offset; left out: now.")] = "",
    effective_to: Annotated[str, typer.Option(help="RFC 3339 time with offset; left out: until another begins.")] = "",
    accept: Annotated[
        list[str] | None, typer.Option(metavar="NAME=CODE", help="A name means this species from now on; may repeat.")
    ] = None,
    preview_only: Annotated[bool, typer.Option("--preview", help="Only show what it would be and do.")] = False,
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who drafts it.")] = "",
    as_json: _Json = False,
) -> None:
    """Show what a list would be and do, and keep it as a draft; a second person publishes it.

    A file with a problem, or with a name that nobody knows, keeps nothing; every problem is told at once.
    """
    from db.cap_lists import NewCapList
    from pricing.list_import import ListFile, keep_draft, preview
    from pricing.policy import read_rules_policy
    from steelyard.list_words import preview_json, preview_lines
    from steelyard.settings import read_settings

    now = datetime.now(UTC)
    new = NewCapList(
        area=area,
        channel=channel,
        source=source,
        market_id=MarketId(market) if market else None,
        is_advisory=advisory,
        authority=authority,
        document_no=document_no,
        legal_basis=legal_basis,
        is_demonstration=demonstration,
        effective_from=_moment(effective_from, "--effective-from") or now,
        effective_to=_moment(effective_to, "--effective-to"),
    )
    asked = ListFile(name=file.name, content=_bytes_of(file), new=new, unit=unit, accepted=_accepted(accept or []))
    policy = read_rules_policy(read_settings().policy_file("rules.toml"))
    with _database() as conn:
        drafter = _editor(conn, who) if who else "system"
        shown = preview(conn, asked, policy, now=now)
        cap_list_id = None
        if not preview_only and shown.may_be_kept:
            cap_list_id = keep_draft(conn, asked, by=drafter, at=now)
    if as_json:
        typer.echo(json.dumps({**preview_json(shown), "cap_list_id": cap_list_id}, ensure_ascii=False))
    else:
        typer.echo("\n".join(preview_lines(shown)))
        if cap_list_id is not None:
            typer.echo(
                f"kept as draft {cap_list_id}; a second person: steelyard caps publish {cap_list_id} --as USERNAME"
            )
    if not shown.may_be_kept and not preview_only:
        _refuse(asked, [*map(str, shown.problems), *(str(one.as_problem()) for one, _ in shown.unknown)])


@app.command("publish")
def publish(
    cap_list_id: _ListId,
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who publishes it: not who drafted it.")],
) -> None:
    """Put a draft in force: from its moment until the next list's; one of the same moment is corrected by it."""
    from db.caps import heading
    from pricing import publishing

    with _database() as conn:
        one = publishing.publish(conn, cap_list_id, by=_editor(conn, who), at=datetime.now(UTC))
        published = heading(conn, cap_list_id)
    until = published.effective_to if published else None
    end = "until another takes over"
    if until is not None:
        why = "as it says itself" if until == one.declared_to else "when the next one begins"
        end = f"until {until.isoformat()}, {why}"
    where = one.market_id or f"{one.area} ({one.channel})"
    typer.echo(f"list {cap_list_id} is in force in {where} from {one.declared_from.isoformat()}, {end}")


@app.command("withdraw")
def withdraw(
    cap_list_id: _ListId,
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who withdraws it.")],
    because: Annotated[str, typer.Option(help="Why: stands beside the list for good.")],
) -> None:
    """Take a published list out of force from its very beginning; the one before it holds again."""
    from pricing import publishing

    with _database() as conn:
        publishing.withdraw(conn, cap_list_id, by=_editor(conn, who), at=datetime.now(UTC), because=because)
    typer.echo(f"list {cap_list_id} is withdrawn")


@app.command("list")
def list_lists(
    status: Annotated[ListStatus | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List the lists, the newest beginning first."""
    from db import cap_list_pages
    from steelyard.list_words import list_json, list_line

    with _database() as conn:
        found = cap_list_pages.lists(conn, None, status=status, limit=limit)
    if as_json:
        typer.echo(json.dumps({"lists": [list_json(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        typer.echo(list_line(one))
    if not found:
        typer.echo("no list")


@app.command("show")
def show(cap_list_id: _ListId, as_json: _Json = False) -> None:
    """Show a list with its items, and what it changed against the one before."""
    from pricing.list_pages import look_at
    from steelyard.list_words import looked_at_json, looked_at_lines

    with _database() as conn:
        found = look_at(conn, cap_list_id, None)
    if found is None:
        raise NotFound(f"there is no cap list {cap_list_id}")
    typer.echo(json.dumps(looked_at_json(found), ensure_ascii=False) if as_json else "\n".join(looked_at_lines(found)))


daily_caps.add_to(app)


def _database() -> "Connection":
    from db.pool import connect
    from steelyard.settings import read_settings

    return connect(read_settings().database_url_with_password)


def _editor(conn: "Connection", username: str) -> str:
    """Return the name of an account that may edit the price book. Raise NotFound, NotAllowed."""
    from db import accounts
    from web.access import PERMISSIONS, Permission, Role

    user = accounts.user_by_name(conn, username)
    if user is None or user.is_disabled:
        raise NotFound(f"there is no account {username!r} that may sign in")
    if Permission.EDIT_CAPS not in PERMISSIONS[Role(user.role)]:
        raise NotAllowed(f"{username} is a {user.role}; expected a regulator or an admin")
    return user.username


def _moment(text: str, option: str) -> datetime | None:
    from steelyard.commands.moments import moment

    return moment(option, text) if text else None


def _bytes_of(file: Path) -> bytes:
    """No more than is read of a list: a device or a huge file is not loaded whole."""
    from tables.cells import LIST_LIMITS

    try:
        with file.open("rb") as opened:
            return opened.read(LIST_LIMITS.most_bytes + 1)
    except OSError as error:
        raise BadFile(file.name, (f"cannot be read: {error.strerror or error}",)) from None


def _accepted(pairs: list[str]) -> dict[str, SpeciesCode]:
    accepted = {}
    for pair in pairs:
        name, equals, code = pair.rpartition("=")
        if not (equals and name and code):
            raise BadFile("--accept", (f"is {pair!r}; expected NAME=CODE: 东兴斑=F01",))
        accepted[name] = SpeciesCode(code)
    return accepted


def _refuse(file: "ListFile", problems: list[str]) -> Any:
    raise BadFile(file.name, tuple(problems) or ("has no items",))
