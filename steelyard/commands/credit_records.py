"""`steelyard credit record`, `records` and `withdraw`: what no scale can tell, with its document."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.credit_record import CreditRecord
from domain.ids import MarketId, VendorId
from steelyard.commands.acting import acting_as
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from credit.rules.shape import CreditRules

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_As = Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who does it; left out: who is logged in here.")]


def record(
    market: str,
    vendor: str,
    name: Annotated[str, typer.Argument(help="Of a rule in policy/credit.toml, as no_price_tag.")],
    document: Annotated[str, typer.Option(help="The number of the document.")],
    evidence: Annotated[str, typer.Option(help="What the document says.")],
    day: Annotated[str, typer.Option(help="The day on which it counts, like 2026-11-27, of the running cycle.")],
    points: Annotated[str, typer.Option(help="Where the rule leaves a choice: as the document says.")] = "",
    who: _As = "",
    as_json: _Json = False,
) -> None:
    """Put something on record of a vendor. The same document, rule, vendor and day again changes nothing."""
    from credit.records.entry import Entry
    from credit.records.handling import put_on_record
    from web.access import Permission

    entry = Entry(name=name, document_no=document, evidence=evidence, happened_on=day, points=points)
    with connection() as conn:
        by = acting_as(conn, who, Permission.RECORD_CREDIT)
        done = put_on_record(
            conn, MarketId(market), VendorId(vendor), entry, by=by, shipped=shipped_rules(), now=datetime.now(UTC)
        )
    if as_json:
        typer.echo(json.dumps({**_as_json(done.record), "is_new": done.is_new}, ensure_ascii=False))
        return
    was = "put on record" if done.is_new else "was on record already"
    typer.echo(f"{done.record.record_id}  {was}: {done.record.name} {done.record.points:+} for {vendor}")


def withdraw(
    record_id: int,
    reason: Annotated[str, typer.Option(help="Why it should not stand.")],
    who: _As = "",
) -> None:
    """Withdraw what somebody else put on record; what it moved is given back."""
    from credit.records import handling
    from web.access import Permission

    with connection() as conn:
        by = acting_as(conn, who, Permission.DECIDE_CREDIT)
        done = handling.withdraw(conn, record_id, reason, by=by, shipped=shipped_rules(), now=datetime.now(UTC))
    typer.echo(f"{record_id}  withdrawn: {-done.points:+} for {done.vendor_id}")


def records(
    market: str,
    vendor: str,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List what stands on record of a vendor, and what was withdrawn, the newest first."""
    from db import credit_records
    from messages.showing import show_text

    with connection() as conn:
        found = credit_records.of_vendor(conn, MarketId(market), VendorId(vendor), limit=limit)
    if as_json:
        typer.echo(json.dumps({"records": [_as_json(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        gone = "" if one.withdrawn_at is None else f"  withdrawn by {one.withdrawn_by}"
        what = show_text(f"{one.name} {one.points:+} {one.document_no} {one.evidence}", 120)
        typer.echo(f"{one.record_id}  {one.happened_on}  {what}  {one.recorded_by}{gone}")
    if not found:
        typer.echo("nothing is on record")


def shipped_rules() -> "CreditRules":
    """Return the rules of the policy folder: those in force until others are."""
    from credit.rules.reading import read_credit_rules
    from steelyard.settings import read_settings

    return read_credit_rules(read_settings().policy_file("credit.toml"))


def _as_json(one: CreditRecord) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(one).items()}
