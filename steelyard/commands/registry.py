"""`steelyard registry`: registering markets, finding vendors, a vendor's file, and filling the register from files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import BadFile, NotAllowed, NotFound, RuleViolation
from domain.ids import ID_EXPECTATION, MarketId, is_id
from domain.price_cap import Channel
from domain.register.records import Source, as_texts
from steelyard.commands.daily_caps import connection
from steelyard.commands.public_codes import codes_command
from supervision.register.import_tables import ImportKind

if TYPE_CHECKING:
    from psycopg import Connection

    from supervision.register.import_plan import Plan
    from web.access import Viewer

app = typer.Typer(help="The register: vendors, stalls, scales, and who has which.", no_args_is_help=True)

_SHOWN = 50


@app.callback()
def registry() -> None:
    """The register."""


app.command("codes")(codes_command)


@app.command("market")
def market_command(
    market: Annotated[str, typer.Argument(help="Its id: letters, digits, '.', '_' or '-'. It stands in every topic.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    area: Annotated[str, typer.Option(help="Whose cap lists bind it, as sanya.")],
    channel: Annotated[Channel, typer.Option(help="Which of them: of eateries or of stalls.")],
    timezone: Annotated[str, typer.Option(help="By whose clock its days go.")] = "Asia/Shanghai",
    operator: Annotated[str | None, typer.Option(help="Who runs it; left out: as it is registered.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it is; left out: as it is registered.")] = None,
    phone: Annotated[str | None, typer.Option(help="Its telephone; left out: as it is registered.")] = None,
    because: Annotated[str, typer.Option(help="Why.")] = "steelyard registry market",
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who does it; left out: who is logged in.")] = "",
) -> None:
    """Register a market, or correct one. Area, channel and clock stay as they are once something was weighed there."""
    from db.register import markets
    from db.register.events import Change
    from steelyard.commands.acting import acting
    from supervision.register.entries import MARKET_FIELDS, read_market
    from supervision.register.fields import Unreadable
    from supervision.register.markets import correct_market, register_market
    from web.access import Permission

    if not is_id(market):
        raise RuleViolation(f"market is {market!r}; expected {ID_EXPECTATION}")
    given = dict(zip(MARKET_FIELDS, (name, area, channel.value, timezone, operator, address, phone), strict=True))
    market_id = MarketId(market)
    with connection() as conn:
        by = acting(conn, who, Permission.EDIT_MARKETS)
        change = Change(by=by, at=datetime.now(UTC), because=because, source=Source.COMMAND)
        known = markets.one(conn, market_id)
        registered = {} if known is None else as_texts(known.facts)
        entry = read_market(registered | {field: text for field, text in given.items() if text is not None})
        if entry.record is None:
            raise Unreadable(entry.problems)
        if known is None:
            register_market(conn, market_id, entry.record, change)
        else:
            correct_market(conn, market_id, entry.record, revision=known.revision, change=change)
    typer.echo(
        f"{market} {'is registered' if known is None else 'was registered; its name'}: {entry.record.market_name}"
    )


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="A part of a name, its pinyin or initials, a code, a stall or a scale.")],
    market: Annotated[str, typer.Option(help="Only this market.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find vendors."""
    from db.register import search
    from messages.showing import show_text

    with connection() as conn:
        found = search.vendors(conn, text, MarketId(market) if market else None, datetime.now(UTC), limit=_SHOWN)
    if as_json:
        told = [{name: getattr(one, name) for name in type(one).__slots__} for one in found]
        typer.echo(json.dumps({"vendors": told}, ensure_ascii=False, default=str))
        return
    for one in found:
        code = one.credit_code or "no code"
        typer.echo(f"{one.market_id}  {one.vendor_id}  {show_text(one.name, 60)}  {code}  {one.stalls or '-'}")
    if not found:
        typer.echo("nothing is found")


@app.command("file")
def vendor_file_command(
    market: Annotated[str, typer.Argument(help="The vendor's market.")],
    vendor: Annotated[str, typer.Argument(help="The vendor's number.")],
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who asks: their role decides what is shown.")],
    in_full_because: Annotated[
        str, typer.Option("--in-full-because", help="Personal data in full, and why: it is logged.")
    ] = "",
) -> None:
    """Print a vendor's whole file as one JSON object (docs/registry.md), personal data masked."""
    from domain.ids import VendorId
    from steelyard.services import web_config
    from steelyard.settings import read_settings
    from web.vendor_file.exports import as_json
    from web.vendor_file.sections import ROWS_IN_AN_EXPORT, vendor_file, vendor_file_in_full

    settings, now = read_settings(), datetime.now(UTC)
    config = web_config(settings)
    with connection() as conn:
        viewer = _viewer(conn, who, MarketId(market))
        whose = (conn, config, viewer, MarketId(market), VendorId(vendor))
        if in_full_because:
            file = vendor_file_in_full(
                *whose, how="command", because=in_full_because, now=now, most_rows=ROWS_IN_AN_EXPORT
            )
        else:
            file = vendor_file(*whose, now=now, most_rows=ROWS_IN_AN_EXPORT)
    typer.echo(json.dumps(as_json(file), ensure_ascii=False))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX.")],
    market: Annotated[str, typer.Option(help="The market it is of.")],
    kind: Annotated[ImportKind | None, typer.Option(help="What it holds; left out: as its columns tell.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    who: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who applies it.")] = "",
    because: Annotated[str, typer.Option(help="Why; left out: the name of the file.")] = "",
    past_is_meant: Annotated[
        bool, typer.Option("--past-is-meant", help="Rows that begin in the past judge again what was sold since.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what a file would do to the register, and apply it as a whole. The same file again changes nothing."""
    from db.register.events import Change
    from supervision.register.importing import RegisterFile, apply, kind_of_file, preview
    from web.register_imports import require_kind

    asked = RegisterFile(name=file.name, content=_bytes_of(file), market_id=MarketId(market), kind=kind)
    now = datetime.now(UTC)
    with connection() as conn:
        if not dry_run:
            require_kind(_viewer(conn, who, MarketId(market)), kind_of_file(asked))
        plan = preview(conn, asked, now=now)
        _tell(plan, as_json=as_json)
        if not plan.may_be_applied:
            raise BadFile(file.name, tuple(map(str, plan.problems)))
        if dry_run:
            return
        change = Change(by=who, at=now, because=because, source=Source.COMMAND)
        done = apply(conn, asked, change, expected=plan.digest, past_is_meant=past_is_meant)
    if not as_json:
        typer.echo(f"applied: {done.added} new, {done.changed} changed, {done.unchanged} unchanged")


def _tell(plan: "Plan", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"row": row.number, "id": row.subject_id, "outcome": row.outcome, "changes": row.shown} for row in plan.rows
        ]
        told = {"kind": plan.kind, "counts": plan.counts, "digest": plan.digest, "in_the_past": plan.in_the_past}
        problems = list(map(str, plan.problems))
        typer.echo(json.dumps({**told, "problems": problems, "rows": rows}, ensure_ascii=False))
        return
    counted = ", ".join(f"{count} {outcome}" for outcome, count in plan.counts.items())
    typer.echo(f"{plan.kind}: {counted}")
    for one in plan.ignored:
        typer.echo(f"  column {one.title!r} means nothing here" + (f"; perhaps {one.perhaps}" if one.perhaps else ""))
    for row in [row for row in plan.rows if row.changes][:_SHOWN]:
        changes = "; ".join(f"{field}: {was or '-'} -> {holds or '-'}" for field, (was, holds) in row.shown.items())
        typer.echo(f"  row {row.number} {row.subject_id} {row.outcome}: {changes}")
    if plan.in_the_past:
        typer.echo(f"  {plan.in_the_past} rows begin in the past: what was sold since would be judged again")


def _viewer(conn: "Connection", username: str, market_id: MarketId) -> "Viewer":
    """Return an account as the console would see it. Raise where there is none, or it does not see the market."""
    from db import accounts
    from web.access import Role, Viewer, scope_of

    if not username:
        raise RuleViolation("--as is missing: name the account that does it")
    user = accounts.user_by_name(conn, username)
    if user is None or user.is_disabled:
        raise NotFound(f"there is no account {username!r} that may sign in")
    role = Role(user.role)
    scope = scope_of(role, user.market_id)
    viewer = Viewer(username=username, display_name=username, role=role, scope=scope, csrf_token="")
    if not viewer.sees(market_id):
        raise NotAllowed(f"{username} sees only {scope}")
    return viewer


def _bytes_of(file: Path) -> bytes:
    from supervision.register.import_tables import REGISTER_LIMITS

    try:
        with file.open("rb") as opened:
            return opened.read(REGISTER_LIMITS.most_bytes + 1)
    except OSError as error:
        raise BadFile(file.name, (f"cannot be read: {error.strerror}",)) from None
