"""`steelyard complaints`: what was complained about, where it stands, and what is due as time goes by."""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from domain.complaint import Complaint, ComplaintChannel, ComplaintState
from domain.errors import NotFound
from domain.ids import MarketId, StallId
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from supervision.complaints.policy import ComplaintsPolicy

app = typer.Typer(help="Complaints.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def complaints() -> None:
    """Complaints about sales: from tickets, the fair scale, hotlines and the market's desk."""


@app.command("list")
def list_complaints(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    channel: Annotated[ComplaintChannel | None, typer.Option(help="Only what came this way.")] = None,
    stall: Annotated[str, typer.Option(help="Only about this stall.")] = "",
    state: Annotated[
        ComplaintState | None, typer.Option(help="Only what stands so, the newest first; else what awaits a step.")
    ] = None,
    before: Annotated[int, typer.Option(help="Go on after the one with this number: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: _Json = False,
) -> None:
    """List complaints that await a step, overdue first. Contacts are never listed."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from db import complaints as stored
    from messages.showing import show_text

    which = stored.Which(
        market_id=MarketId(market) if market else None,
        channel=channel,
        stall_id=StallId(stall) if stall else None,
        before=before or None,
    )
    with connection() as conn:
        found = stored.awaited(conn, which, limit) if state is None else stored.listed(conn, which, [state], limit)
    more = found[-1].complaint_id if len(found) == limit else None
    if as_json:
        rows = [_as_json(one) for one in found]
        typer.echo(json.dumps({"complaints": rows, "next_before": more}, ensure_ascii=False))
        return
    now = datetime.now(UTC)
    table = Table("id", "market", "stall", "vendor", "about", "came by", "received", "state", "due")
    for one in found:
        due = "—" if one.due_at is None else one.due_at.isoformat(timespec="minutes")
        came = " ".join(filter(None, (one.channel, one.channel_no)))
        cells = (
            *(str(one.complaint_id), one.market_id, one.stall_id or "—", one.vendor_name or "—", one.reason, came),
            *(one.received_at.isoformat(timespec="minutes"), one.state),
            f"{due} overdue" if one.is_overdue(now) else due,
        )
        table.add_row(*(Text(show_text(cell, 80)) for cell in cells))
    Console().print(table)
    if more is not None:
        typer.echo(f"more: --before {more}")


@app.command("show")
def show(complaint_id: int, as_json: _Json = False) -> None:
    """Show one complaint with its trail."""
    from db import complaints as stored
    from messages.showing import show_text

    with connection() as conn:
        found = stored.by_id(conn, complaint_id)
        steps = stored.steps_of(conn, complaint_id)
        links = [] if found is None else stored.links_of(conn, found)
    if found is None:
        raise NotFound(f"there is no complaint {complaint_id}")
    values = _as_json(found)
    trail = [
        {
            "at": one.at.isoformat(),
            "actor": one.actor,
            "action": one.action,
            "from": one.from_state,
            "to": one.to_state,
            "reason": one.reason,
            "note": one.note,
            "settled_fen": one.settled_fen,
        }
        for one in steps
    ]
    sales = [
        {**one.key._asdict(), "weighed_at": one.key.weighed_at.isoformat(), "alert_id": one.alert_id} for one in links
    ]
    if as_json:
        typer.echo(json.dumps({**values, "sales": sales, "trail": trail}, ensure_ascii=False))
        return
    for name, value in values.items():
        typer.echo(f"{name:>18}  {show_text('—' if value is None else str(value), 2000)}")
    for sale in sales:
        typer.echo(f"{'sale':>18}  {sale['scale_id']} {sale['seq']} at {sale['weighed_at']}: alert {sale['alert_id']}")
    for step in trail:
        said = show_text(" ".join(filter(None, (str(step["reason"]), str(step["note"])))), 400)
        typer.echo(f"{'trail':>18}  {step['at']} {step['actor']} {step['action']} {said}".rstrip())


@app.command("figures")
def figures(
    market: Annotated[str, typer.Option(help="Only of this market.")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="What came in the last days.")] = 30,
    as_json: _Json = False,
) -> None:
    """Say how fast markets answer: median and ninth tenth, and how many were late."""
    from db import complaints as stored

    policy, now = _policy(), datetime.now(UTC)
    where = MarketId(market) if market else None
    with connection() as conn:
        found = stored.figures(
            conn, where, now - timedelta(days=days), now, close=timedelta(seconds=policy.clocks.close_s), now=now
        )
    if as_json:
        rows = [
            {name.name: getattr(one, name.name) for name in fields(one)} | {"late_permille": one.late_permille}
            for one in found
        ]
        typer.echo(json.dumps({"markets": rows}, ensure_ascii=False))
        return
    for one in found:
        answered = "nothing answered yet" if one.answer_s is None else f"answered in {_spans(one.answer_s)}"
        typer.echo(
            f"{one.market_id}: {one.received} received, {answered}, {one.late} late ({one.late_permille / 10} %)"
        )


@app.command("tend")
def tend_now(as_json: _Json = False) -> None:
    """Do what is due: close what can no longer be reopened, remove old contacts, link tickets that have arrived.

    Run it every hour (cron, a systemd timer); running it again changes nothing.
    """
    from supervision.complaints.tending import tend

    policy = _policy()
    with connection() as conn:
        done = tend(conn, datetime.now(UTC), policy)
    if as_json:
        typer.echo(json.dumps({name.name: getattr(done, name.name) for name in fields(done)}))
        return
    typer.echo(
        f"{done.closed} closed, {done.contacts_removed} contacts removed, {done.linked} sales linked, "
        f"{done.overdue_told} told of as overdue"
    )


def _policy() -> "ComplaintsPolicy":
    from steelyard.settings import read_settings
    from supervision.complaints.policy import read_complaints_policy

    return read_complaints_policy(read_settings().policy_file("complaints.toml"))


def _spans(seconds: tuple[int, int]) -> str:
    half, most = (str(timedelta(seconds=one)) for one in seconds)
    return f"{half} (median), {most} (ninth tenth)"


def _as_json(one: Complaint) -> dict[str, object]:
    values = {name: getattr(one, name) for name in Complaint.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
