"""`steelyard credit repairable`, `repair`, `repairs`, `decide`: a part of a deduction is asked back, and decided."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.repair import CreditRepair, Effort, RepairAction, RepairState
from steelyard.commands.acting import acting_as
from steelyard.commands.credit_records import shipped_rules
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from psycopg import Connection

    from credit.repairs.handling import Party
    from web.access import Permission

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_As = Annotated[str, typer.Option("--as", metavar="USERNAME", help="Who does it; left out: who is logged in here.")]


def repairs(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    state: Annotated[RepairState, typer.Option(help="Only what stands so.")] = RepairState.APPLIED,
    before: Annotated[int, typer.Option(help="Go on after the one with this number: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List applications for repair, the newest first."""
    from db import credit_repairs
    from messages.showing import show_text

    with connection() as conn:
        found = credit_repairs.listed(
            conn, MarketId(market) if market else None, [state], limit=limit, before=before or None
        )
    if as_json:
        typer.echo(json.dumps({"repairs": [_as_json(one.repair) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        what = show_text(f"{one.vendor_name} {one.deducted_for} {one.deducted:+}", 80)
        typer.echo(f"{one.repair.repair_id}  {one.repair.applied_at:%Y-%m-%d}  {what}  {one.repair.effort}")
    if not found:
        typer.echo("nothing stands so")


def repairable(market: str, vendor: str, as_json: _Json = False) -> None:
    """Say of each deduction that counts what of it may come back, condition by condition."""
    from zoneinfo import ZoneInfo

    from credit.repairs.handling import judge, subjects_of
    from credit.rules.book import rules_now
    from credit.scoring import score_at
    from db import credit, registry

    now = datetime.now(UTC)
    with connection() as conn:
        zones = {one.market_id: one.timezone for one in registry.markets(conn)}
        timezone = zones.get(MarketId(market))
        if timezone is None:
            raise NotFound(f"there is no market {market}")
        rules = rules_now(conn, shipped_rules(), now)
        ledger = credit.of_vendor(conn, MarketId(market), VendorId(vendor))
        score = score_at(ledger, rules, now.astimezone(ZoneInfo(timezone)).date(), timezone)
        events = [one for one in score.counted if one.points < 0]
        judged = [
            judge(one, None, rules=rules, now=now)
            for one in subjects_of(conn, MarketId(market), VendorId(vendor), ledger, events)
        ]
    if as_json:
        rows = [
            {
                "event_id": one.subject.event.event_id,
                "points": one.subject.event.points,
                "reason": one.subject.event.reason,
                "most": one.most,
                "conditions": [
                    {"name": each.name, "found": each.found, "is_met": each.is_met, "from_day": each.from_day}
                    for each in one.conditions
                ],
            }
            for one in judged
        ]
        typer.echo(json.dumps({"repairable": rows}, ensure_ascii=False, default=str))
        return
    for one in judged:
        typer.echo(f"{one.subject.event.event_id}  {one.subject.event.reason} {one.subject.event.points:+}")
        for each in one.conditions:
            from_day = "" if each.from_day is None else f", from {each.from_day} on"
            typer.echo(f"    {'yes' if each.is_met else 'no '}  {each.name}: {each.found}{from_day}")
    if not judged:
        typer.echo("no deduction counts")


def repair(
    market: str,
    vendor: str,
    event_id: Annotated[int, typer.Argument(help="Of the deduction, as the ledger numbers it.")],
    effort: Annotated[Effort, typer.Option(help="Which effort is shown.")],
    document: Annotated[str, typer.Option(help="Training: the number of the certificate.")] = "",
    about: Annotated[str, typer.Option(help="Training: by whom, in what, when.")] = "",
    promise: Annotated[str, typer.Option(help="The number of the promise that was made and kept so far.")] = "",
    words: Annotated[str, typer.Option(help="What the vendor says to it.")] = "",
    who: _As = "",
) -> None:
    """File what a vendor asks for. The same again changes nothing."""
    from credit.repairs.entry import Application
    from credit.repairs.handling import apply
    from web.access import Permission

    typed = Application(
        event_id=event_id, effort=effort, document_no=document, document=about, promise_id=promise, words=words
    )
    with connection() as conn:
        by = _party(conn, who, Permission.RECORD_CREDIT)
        now = datetime.now(UTC)
        filed = apply(conn, MarketId(market), VendorId(vendor), typed, by=by, shipped=shipped_rules(), now=now)
    typer.echo(f"{filed.repair_id}  {filed.state}")


def decide(
    repair_id: int,
    action: RepairAction,
    reason: Annotated[str, typer.Option(help="Why it is decided so.")] = "",
    points: Annotated[str, typer.Option(help="With a grant: how many; left out, as many as may be given back.")] = "",
    who: _As = "",
) -> None:
    """Grant, refuse or withdraw an application."""
    from credit.repairs import handling
    from credit.repairs.entry import Verdict
    from web.access import Permission

    verdict = Verdict(action=action, reason=reason, points=points)
    with connection() as conn:
        by = _party(conn, who, Permission.RECORD_CREDIT)
        done = handling.decide(conn, repair_id, verdict, by=by, shipped=shipped_rules(), now=datetime.now(UTC))
    typer.echo(f"{repair_id}  {done.state}" + (f": {done.points:+}" if done.points else ""))


def _party(conn: "Connection", username: str, permission: "Permission") -> "Party":
    from credit.repairs.handling import Party
    from supervision.alerts.states import Authority

    by = acting_as(conn, username, permission)
    decides = by.authority is Authority.REGULATOR
    return Party(username=by.username, origin=by.origin, market_id=by.market_id, decides=decides)


def _as_json(one: CreditRepair) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(one).items()}
