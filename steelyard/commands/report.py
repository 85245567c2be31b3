"""`steelyard report`: credit reports issued, listed, written to files and verified from the command line."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from credit.reports.kinds import AboutWhom, Variant
from credit.reports.periods import Preset
from domain.errors import BadFile, NotFound
from domain.ids import MarketId
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from psycopg import Connection

    from db.credit_reports import IssuedReport

app = typer.Typer(help="Credit reports.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_FORMS = ("pdf", "xlsx", "csv", "json")


@app.callback()
def report() -> None:
    """Credit reports of a vendor, a market or the city: kept as issued, and verified later."""


@app.command("issue")
def issue_report(
    about: Annotated[AboutWhom, typer.Argument(help="About whom.")],
    market: Annotated[str, typer.Option(help="The market; not for the city.")] = "",
    vendor: Annotated[str, typer.Option(help="The vendor's number.")] = "",
    period: Annotated[Preset, typer.Option(help="A usual period; or --first and --last.")] = Preset.THIS_CYCLE,
    first: Annotated[str, typer.Option(help="First day, as 2026-10-01.")] = "",
    last: Annotated[str, typer.Option(help="Last day, as 2026-12-31.")] = "",
    public: Annotated[
        bool, typer.Option("--public", help="Final decisions only; else what is pending is marked.")
    ] = False,
    username: Annotated[str, typer.Option("--as", help="Who issues it; else whoever is logged in.")] = "",
    as_json: _Json = False,
) -> None:
    """Issue a report and keep it; print its number and the code it is verified by."""
    from credit.reports.codes import shown
    from credit.reports.issuing import issue
    from steelyard.commands.acting import acting
    from steelyard.report_words import asked_by_words, basis_of
    from steelyard.settings import read_settings
    from web.access import Permission

    now = datetime.now(UTC)
    settings = read_settings()
    with connection() as conn:
        needed = Permission.REPORT_ON_CITY if about is AboutWhom.CITY else Permission.SEE_CREDIT
        by = acting(conn, username, needed)
        variant = Variant.PUBLIC if public else Variant.INNER
        basis = basis_of(settings)
        asked = asked_by_words(conn, basis, about, market, vendor, (period, first, last), variant, now)
        conn.commit()
        issued, _report = issue(conn, asked, basis, by=by, now=now)
    if as_json:
        typer.echo(json.dumps(_as_json(issued), ensure_ascii=False))
    else:
        typer.echo(f"report {issued.report_id} issued, code {shown(issued.code)}, sha256 {issued.digest.hex()}")


@app.command("list")
def list_reports(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    before: Annotated[int, typer.Option(help="Go on after the one with this number: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List the reports that were issued, the newest first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from credit.reports.codes import shown
    from db import credit_reports as stored
    from messages.showing import show_text

    with connection() as conn:
        found = stored.listed(conn, MarketId(market) if market else None, limit=limit, before=before or None)
    if as_json:
        typer.echo(json.dumps({"reports": [_as_json(one) for one in found]}, ensure_ascii=False))
        return
    table = Table("id", "code", "about", "for", "first", "last", "issued", "by")
    for one in found:
        whom = one.vendor_name or one.market_name or "the city"
        issued = one.issued_at.isoformat(timespec="minutes")
        days = (str(one.first_day), str(one.last_day))
        cells = (str(one.report_id), shown(one.code), whom, one.variant, *days, issued, one.issued_by)
        table.add_row(*(Text(show_text(cell, 80)) for cell in cells))
    Console().print(table)


@app.command("write")
def write_file(
    report_id: int,
    out: Annotated[
        Path, typer.Argument(help="The file to write; what it ends with is its form: pdf, xlsx, csv, json.")
    ],
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    address: Annotated[str, typer.Option(help="Where people reach the console; else STEELYARD_PUBLIC_URL.")] = "",
) -> None:
    """Write a report to a file, which is known again from now on."""
    from credit.reports.shape import digest_of
    from steelyard.settings import read_settings
    from web.i18n import Language
    from web.report_handling import file_of

    form = out.suffix.removeprefix(".").lower()
    if form not in _FORMS:
        raise BadFile(str(out), (f"ends with {out.suffix or 'nothing'}; expected one of .{', .'.join(_FORMS)}",))
    if language not in set(Language):
        raise BadFile("--language", (f"is {language!r}; expected one of {', '.join(Language)}",))
    base = address or read_settings().public_url or ""
    if not base and form != "json":
        raise BadFile("--address", ("is missing: the QR code of the report opens its check there",))
    with connection() as conn:
        issued = _issued(conn, report_id)
        at = f"{base.rstrip('/')}/verify/{issued.code}"
        content = file_of(conn, issued, form, Language(language), address=at, now=datetime.now(UTC))
        try:
            out.write_bytes(content)
        except OSError as error:
            raise BadFile(str(out), (f"cannot be written: {error.strerror}",)) from None
    typer.echo(f"{out}: {len(content)} bytes, sha256 {digest_of(content)}")


@app.command("verify")
def verify_report(
    code: Annotated[str, typer.Argument(help="The code on the report.")],
    file: Annotated[Path | None, typer.Argument(help="A file that may be this report.")] = None,
    digest: Annotated[str, typer.Option(help="Or its SHA-256.")] = "",
) -> None:
    """Say whether a report was issued, whether a file is it, and what has changed since. Status 1: it is not."""
    from credit.reports.checking import Match, changed_since, check_digest, check_file
    from credit.reports.codes import normal
    from db import credit_reports as stored
    from steelyard.report_words import basis_of
    from steelyard.settings import read_settings

    content = b"" if file is None else _read(file)
    with connection() as conn:
        issued = stored.by_code(conn, normal(code)) if normal(code) else None
        if issued is None:
            raise NotFound(f"no report with the code {code} was issued here")
        checked = check_file(conn, issued, content) if file is not None else None
        if file is None and digest:
            checked = check_digest(conn, issued, digest)
        since = changed_since(conn, issued, basis_of(read_settings()), datetime.now(UTC))
    whom = issued.vendor_name or issued.market_name or "the city"
    days = f"{issued.first_day} to {issued.last_day}"
    typer.echo(
        f"report {issued.report_id} about {whom}, {days}, {issued.variant}, issued {issued.issued_at.isoformat()}"
    )
    typer.echo(f"sha256 {issued.digest.hex()}")
    if since.final_changed:
        typer.echo("final decisions about its days have been added or undone since")
    elif since.anything_changed:
        typer.echo("alerts of its days were handled or came in since; nothing of that is final")
    if checked is not None:
        typer.echo(f"{file or digest}: {checked.match}")
        if checked.match not in (Match.CONTENT, Match.FILE):
            sys.exit(1)


def _issued(conn: "Connection", report_id: int) -> "IssuedReport":
    from db import credit_reports as stored

    found = stored.by_id(conn, report_id)
    if found is None:
        raise NotFound(f"there is no report {report_id}")
    return found


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFile(str(file), (f"cannot be read: {error.strerror}",)) from None


def _as_json(one: "IssuedReport") -> dict[str, object]:
    return {
        "report_id": one.report_id,
        "code": one.code,
        "about": one.kind,
        "variant": one.variant,
        "market_id": one.market_id,
        "vendor_id": one.vendor_id,
        "first": one.first_day.isoformat(),
        "last": one.last_day.isoformat(),
        "rules_version": one.rules_version,
        "sha256": one.digest.hex(),
        "issued_at": one.issued_at.isoformat(),
        "issued_by": one.issued_by,
    }
