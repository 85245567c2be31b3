"""`steelyard exemptions`: who may price freely for a time, by which document."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.exemption_record import ExemptionRecord
from domain.ids import MarketId, VendorId
from steelyard.commands.daily_caps import connection, day_of, person

app = typer.Typer(help="Exemptions of vendors from the caps.", no_args_is_help=True)

_As = Annotated[str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")]


@app.callback()
def exemptions() -> None:
    """Exemptions of vendors from the caps."""


@app.command("grant")
def grant(
    market: Annotated[str, typer.Argument(help="The vendor's market.")],
    vendor: Annotated[str, typer.Argument(help="The vendor.")],
    first_day: Annotated[str, typer.Option("--from", help="The first day: 2026-11-22.")],
    reason: Annotated[str, typer.Option(help="Why: a five-star stall, say.")],
    document: Annotated[str, typer.Option(help="Number of the document it rests on.")],
    last_day: Annotated[str, typer.Option("--until", help="The last day; left out: until it is revoked.")] = "",
    username: _As = "",
) -> None:
    """Exempt a vendor from the caps, on whole days of the market."""
    from pricing import exempting

    new = exempting.Grant(
        market_id=MarketId(market),
        vendor_id=VendorId(vendor),
        first_day=day_of(first_day, "--from"),
        last_day=day_of(last_day, "--until") if last_day else None,
        reason=reason,
        document_no=document,
    )
    with connection() as conn:
        exemption_id = exempting.grant(conn, new, by=person(conn, username), at=datetime.now(UTC))
    typer.echo(f"exemption {exemption_id}: {vendor} in {market} from {first_day}, {_until(last_day)}")


@app.command("revoke")
def revoke(
    exemption_id: int,
    because: Annotated[str, typer.Option(help="Why it ends.")],
    username: _As = "",
) -> None:
    """End an exemption now. What was sold until now was sold freely and stays so."""
    from pricing import exempting

    with connection() as conn:
        by, now = person(conn, username), datetime.now(UTC)
        exempting.revoke(conn, exemption_id, by=by, at=now, because=because)
    typer.echo(f"exemption {exemption_id} has ended at {now.isoformat()}")


@app.command("list")
def list_exemptions(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    is_current: Annotated[bool, typer.Option("--now", help="Only those that hold now.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List exemptions, the one granted last first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import exemptions as kept
    from messages.showing import show_text

    with connection() as conn:
        found = kept.listed(conn, market_id=MarketId(market) if market else None)
    now = datetime.now(UTC)
    if is_current:
        found = [one for one in found if one.holds_at(now)]
    if as_json:
        typer.echo(json.dumps({"exemptions": [_as_json(one, now) for one in found]}, ensure_ascii=False))
        return
    table = Table("id", "market", "vendor", "since", "until", "now", "reason", "document", "granted by", "revoked")
    for one in found:
        revoked = "" if one.revoked_by is None else f"{one.revoked_by}: {one.revoked_because}"
        cells = (
            *(str(one.exemption_id), one.market_id, f"{one.vendor_id} {one.vendor_name}", one.since.isoformat()),
            *("it is revoked" if one.until is None else one.until.isoformat(), "yes" if one.holds_at(now) else "no"),
            *(one.reason, one.document_no, one.granted_by, revoked),
        )
        table.add_row(*(Text(show_text(cell, 80)) for cell in cells))
    Console().print(table)


def _as_json(one: ExemptionRecord, now: datetime) -> dict[str, object]:
    values = {name: getattr(one, name) for name in ExemptionRecord.__slots__}
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    return {**told, "holds_now": one.holds_at(now)}


def _until(last_day: str) -> str:
    return f"until {last_day}, that day included" if last_day else "until it is revoked"
