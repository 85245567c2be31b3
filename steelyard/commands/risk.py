"""`steelyard risk`: a month's risk classes computed, one explained, and the method tried on played histories."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from domain.risk import months_before
from steelyard.commands.daily_caps import connection

if TYPE_CHECKING:
    from psycopg import Connection

    from credit.risk.backtest import Backtest, Warned
    from credit.risk.computing import RiskPolicies
    from db.risk_classes import NewRun

app = typer.Typer(help="Risk classes of vendors, for regulators.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Month = Annotated[str, typer.Option(help="The month, as 2026-10; else the last one that is over.")]


@app.callback()
def risk() -> None:
    """Risk classes A to D: who is drawn for inspections how likely. They are no scores, and only for regulators."""


@app.command("compute")
def compute_month(
    market: Annotated[str, typer.Option(help="Only this market; else every market.")] = "",
    month: _Month = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compute, show, and keep nothing.")] = False,
    as_json: _Json = False,
) -> None:
    """Compute a month that is over, as the clerk does by itself; a month that was computed before stays as it is."""
    from credit.risk.computing import compute
    from db import registry

    now, policies = datetime.now(UTC), _policies()
    found: list[dict[str, object]] = []
    with connection() as conn:
        markets = [MarketId(market)] if market else [one.market_id for one in registry.markets(conn)]
        for market_id in markets:
            asked = _month(month) if month else _last_month(now, _timezone(conn, market_id))
            run = compute(conn, market_id, asked, policies=policies, now=now)
            if dry_run:
                conn.rollback()
            else:
                conn.commit()
            found.append({"market_id": market_id, "month": f"{asked:%Y-%m}", **_came_to(run)})
    if as_json:
        typer.echo(json.dumps({"dry_run": dry_run, "markets": found}, ensure_ascii=False))
        return
    for one in found:
        said = ", ".join(f"{name} {value}" for name, value in one.items() if name not in ("market_id", "month"))
        typer.echo(f"{one['market_id']} {one['month']}: {said}")


@app.command("explain")
def explain(
    market: Annotated[str, typer.Option(help="The market's id.")],
    vendor: Annotated[str, typer.Option(help="The vendor's id.")],
    month: Annotated[str, typer.Option(help="The month, as 2026-10; else the last one that was computed.")] = "",
    as_json: _Json = False,
) -> None:
    """Say what a computed class is made of, part by part: alerts, complaints and promises by their numbers."""
    import msgspec

    from db import risk_classes

    asked = _month(month) if month else None
    with connection() as conn:
        months = risk_classes.of_vendor(conn, MarketId(market), VendorId(vendor), limit=600)
        holds = risk_classes.in_force(conn, MarketId(market), VendorId(vendor), datetime.now(UTC))
    found = next((one for one in months if asked in (None, one.month)), None)
    if found is None:
        of_month = "any month" if asked is None else f"{asked:%Y-%m}"
        raise NotFound(f"no class was computed of vendor {vendor} in market {market} for {of_month}")
    if as_json:
        typer.echo(json.dumps({**msgspec.to_builtins(found), "holds": holds}, ensure_ascii=False))
        return
    typer.echo(
        f"{found.vendor_name}: {found.risk_class} for {found.for_month:%Y-%m}, from {found.month:%Y-%m}; "
        f"{found.points} points ({found.by_points} by points), because of {found.because}, data {found.basis}; "
        f"policy {found.policy_version}; in force now: {holds or 'none'}"
    )
    for part in found.parts:
        most = f" (of {part.uncut})" if part.uncut > part.points else ""
        measured = "" if part.measured is None else f" {part.measured}" + ("" if part.of is None else f"‰ of {part.of}")
        typer.echo(f"{part.indicator:>14} {part.points:>4}{most}{measured}")
        for fact in part.facts:
            typer.echo(f"{'':>19} {fact.number} {fact.what}, {fact.age} months before: {fact.permille / 1000:.2f}")


@app.command("backtest")
def try_out(
    vendors: Annotated[int, typer.Option(help="How many vendors are played.")] = 2000,
    months: Annotated[int, typer.Option(help="How many months.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed, the same histories.")] = 1,
    as_json: _Json = False,
) -> None:
    """Try the classes and the early warning on played histories; needs no database, and touches none."""
    from credit.risk.backtest import backtest
    from credit.risk.policy import read_risk_policy
    from steelyard.settings import read_settings

    policy = read_risk_policy(read_settings().policy_file("risk.toml"))
    found = backtest(vendors=vendors, months=months, seed=seed, policy=policy)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        _print(found)


def _print(found: "Backtest") -> None:
    ranked = found.ranked
    typer.echo(f"{ranked.classed} classed, {ranked.later_offenders} later offenders; of these in thousandths")
    for said, share in (
        ("in the worst decile", ranked.in_worst_decile),
        ("in class D", ranked.in_class_d),
        ("  all vendors in D", ranked.class_d_share),
        ("in the worst decile by the last month's days", ranked.by_alerts_of_last_month),
        ("in a random decile", ranked.by_chance),
        ("if the hidden rate were known", ranked.by_hidden_rate),
    ):
        typer.echo(f"{said:>46} {share:>5}")
    for said, warned in (("vendors", found.of_vendors), ("by thumb", found.by_thumb), ("markets", found.of_markets)):
        typer.echo(f"{said}: {_of_warned(warned)}")
    typer.echo(f"a random vendor and month is right in {found.by_chance_precision} of 1000")


def _of_warned(warned: "Warned") -> str:
    precision, recall = ("none" if one is None else f"{one}‰" for one in (warned.precision, warned.recall))
    return (
        f"{warned.raised} warnings, {precision} right; {recall} of {warned.turns} turns warned of in time; "
        f"{warned.false_per_1000} wrong ones in 1000 months"
    )


def _came_to(run: "NewRun | None") -> dict[str, object]:
    if run is None:
        return {"computed": "before"}
    counts = {name: sum(one.risk_class == name for one in run.classes) for name in "ABCD"}
    return {"computed": "now", "vendors": len(run.classes), **counts, "warnings": len(run.turns)}


def _policies() -> "RiskPolicies":
    from credit.risk.computing import RiskPolicies
    from credit.risk.policy import read_risk_policy
    from pricing.policy import read_rules_policy
    from steelyard.settings import read_settings

    settings = read_settings()
    return RiskPolicies(
        risk=read_risk_policy(settings.policy_file("risk.toml")),
        rules=read_rules_policy(settings.policy_file("rules.toml")),
    )


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise FieldRefused("--month", text, "a month as 2026-10", problem="not_a_month") from None


def _timezone(conn: "Connection", market_id: MarketId) -> str:
    from db import registry

    found = next((one.timezone for one in registry.markets(conn) if one.market_id == market_id), None)
    if found is None:
        raise NotFound(f"there is no market {market_id}")
    return found


def _last_month(now: datetime, timezone: str) -> date:
    return months_before(now.astimezone(ZoneInfo(timezone)).date(), 1)
