"""`steelyard purchases`: what vendors paid by their slips, as it was entered and decided on the web."""

import json
from datetime import date, datetime
from typing import Annotated

import typer

from domain.errors import NotFound
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.purchase import PurchaseRecord, PurchaseState
from steelyard.commands.daily_caps import connection

app = typer.Typer(help="Purchases of vendors.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def purchases() -> None:
    """Purchases of vendors: they make the cap of goods that are out of stock at the wholesale market."""


@app.command("list")
def list_purchases(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    vendor: Annotated[str, typer.Option(help="Only of this vendor.")] = "",
    species: Annotated[str, typer.Option(help="Only of this species (its code).")] = "",
    state: Annotated[PurchaseState | None, typer.Option(help="Only what stands so.")] = None,
    before: Annotated[int, typer.Option(help="Only what has a smaller number: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List purchases, the one entered last first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import purchase_records
    from messages.showing import show_text

    which = purchase_records.Which(
        market_id=MarketId(market) if market else None,
        vendor_id=VendorId(vendor) if vendor else None,
        species_code=SpeciesCode(species) if species else None,
        state=state,
    )
    with connection() as conn:
        found = purchase_records.listed(conn, which, before=before or None, limit=limit)
    more = found[-1].purchase_id if len(found) == limit else None
    if as_json:
        rows = [_as_json(one) for one in found]
        typer.echo(json.dumps({"purchases": rows, "next_before": more}, ensure_ascii=False))
        return
    table = Table("id", "day", "market", "vendor", "goods", "paid", "slip", "state", "entered", "decided", "note")
    for one in found:
        goods = f"{one.species_name}（{one.grade}）" if one.grade else one.species_name
        slip = " ".join(filter(None, (one.slip_no, "photo" if one.has_photo else "")))
        cells = (
            *(str(one.purchase_id), one.purchased_on.isoformat(), one.market_id, f"{one.vendor_id} {one.vendor_name}"),
            *(goods, one.published_as, slip, one.state, one.entered_by, one.decided_by or "—", one.note),
        )
        table.add_row(*(Text(show_text(cell, 80)) for cell in cells))
    Console().print(table)
    if more is not None:
        typer.echo(f"more: --before {more}")


@app.command("show")
def show(purchase_id: int, as_json: _Json = False) -> None:
    """Show one purchase."""
    from db import purchase_records
    from messages.showing import show_text

    with connection() as conn:
        found = purchase_records.one(conn, purchase_id)
    if found is None:
        raise NotFound(f"there is no purchase {purchase_id}")
    values = _as_json(found)
    if as_json:
        typer.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        typer.echo(f"{name:>16}  {show_text('—' if value is None else str(value), 2000)}")


def _as_json(one: PurchaseRecord) -> dict[str, object]:
    values = {name: getattr(one, name) for name in PurchaseRecord.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in values.items()}
