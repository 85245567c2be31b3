"""`steelyard simulate market` and `register`: a whole market, and its place in the database."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from domain.errors import RuleViolation
from simulators.market.day import Day
from simulators.market.plan import (
    FIRST_HOST_PORT,
    LARGEST_PORT,
    SHORTEST_FRAME_INTERVAL_S,
    USUAL_PROTOCOL,
    MarketPlan,
    stall_scale,
)
from simulators.market.vendors import Shares, Trick
from simulators.scales.registry import SIMULATED_SCALES
from steelyard.resources import data_directory

_TRICKS: Final = tuple(trick.value for trick in Trick if trick is not Trick.NONE)
_TRICKS_HELP: Final = f"What careless and cheating vendors do, or all: {', '.join(_TRICKS)}."
_PROTOCOLS_HELP: Final = f"Which scales there are, as name or name:profile: {', '.join(SIMULATED_SCALES)}."


def market(
    directory: Annotated[
        Path | None,
        typer.Option(help="Where the scales' lines (SC-001.tty …) appear; else a new folder."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="File for the record of what was sold; else truth.jsonl beside the lines."),
    ] = None,
    agents: Annotated[
        int, typer.Option(min=0, help="Edge agents to run on the lines; they publish to STEELYARD_MQTT_HOST.")
    ] = 0,
    stalls: Annotated[int, typer.Option(min=1, help="Stalls in the market.")] = 40,
    weighings: Annotated[int | None, typer.Option(min=1, help="Sales in all; left out: until stopped.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sales.")] = 1,
    frame_interval: Annotated[
        float, typer.Option(min=SHORTEST_FRAME_INTERVAL_S, help="Seconds between two frames of a scale.")
    ] = 0.1,
    shortest_pause: Annotated[float, typer.Option(min=0, help="Seconds between two sales of a stall, at least.")] = 1.0,
    longest_pause: Annotated[float, typer.Option(min=0, help="Seconds between two sales of a stall, at most.")] = 6.0,
    caps: Annotated[Path | None, typer.Option(help="Cap list (CSV) the vendors know; else the shipped one.")] = None,
    goods: Annotated[Path | None, typer.Option(help="Goods keys (CSV) of the scales; else the shipped ones.")] = None,
    careless: Annotated[int, typer.Option(min=0, max=100, help="Percent of the vendors who are careless.")] = 15,
    heed: Annotated[
        int, typer.Option(min=0, max=100, help="Percent of the warnings at which a careless vendor lowers the price.")
    ] = 0,
    cheats: Annotated[int, typer.Option(min=0, max=100, help="Percent of the vendors who cheat.")] = 5,
    tricks: Annotated[str, typer.Option(help=_TRICKS_HELP)] = "slip,over_cap",
    protocols: Annotated[str, typer.Option(help=_PROTOCOLS_HELP)] = USUAL_PROTOCOL,
    first_host_port: Annotated[
        int,
        typer.Option(min=1, max=LARGEST_PORT, help="Where scales that call their agent (dp401) do: port + stall."),
    ] = FIRST_HOST_PORT,
    day_speed: Annotated[
        float | None,
        typer.Option(min=0.1, max=10_000, help="Play a day, so many of its seconds in one of ours; left out: no day."),
    ] = None,
    opens: Annotated[int, typer.Option(min=0, max=23, help="Hour at which a day opens.")] = 5,
    closes: Annotated[int, typer.Option(min=1, max=24, help="Hour at which a day closes.")] = 21,
    customers: Annotated[int, typer.Option(min=1, help="Customers a stall has in a day.")] = 50,
    festival: Annotated[float, typer.Option(min=0.1, max=20, help="How many times as many on this day.")] = 1.0,
    breakdown_every: Annotated[
        float | None, typer.Option(min=1, help="Seconds of the market between two scales that break down, on average.")
    ] = None,
    rotate_every: Annotated[
        float | None, typer.Option(min=1, help="Seconds of the market between two exchanges of scales, on average.")
    ] = None,
) -> None:
    """Run a market whose scales speak real serial protocols on pseudo-terminals."""
    from simulators.market import running as simulated_market
    from steelyard.demo.gateways import running_agents
    from steelyard.stopping import stop_on_signals

    if day_speed is not None and opens >= closes:
        raise RuleViolation(f"--opens is {opens}; expected before --closes, {closes}")
    if first_host_port + stalls - 1 > LARGEST_PORT:
        raise RuleViolation(f"--first-host-port is {first_host_port}; expected at most {LARGEST_PORT + 1 - stalls}")
    if shortest_pause > longest_pause:
        raise RuleViolation(f"--shortest-pause is {shortest_pause}; expected at most --longest-pause, {longest_pause}")
    folder = Path(tempfile.mkdtemp(prefix="steelyard-market-")) if directory is None else directory.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    plan = MarketPlan(
        directory=folder,
        goods=goods or data_directory() / "goods.csv",
        cap_list=caps or data_directory() / "cap_list_sanya_2013-08-26.csv",
        truth=truth.absolute() if truth else folder / "truth.jsonl",
        stalls=stalls,
        weighings=weighings,
        seed=seed,
        frame_interval_s=frame_interval,
        pause_s=(shortest_pause, longest_pause),
        shares=Shares(careless=careless, cheat=cheats, heeded_warnings=heed),
        tricks=_tricks(tricks),
        protocols=_protocols(protocols),
        first_host_port=first_host_port,
        day=None
        if day_speed is None
        else Day(opens_h=opens, closes_h=closes, customers=customers, festival=festival, speed=day_speed),
        breakdown_every_s=breakdown_every,
        rotate_every_s=rotate_every,
    )
    stop = stop_on_signals()
    with running_agents(plan, agents, lambda what: typer.echo(what, err=True)) as wait_until_sent:
        summary = simulated_market.run(plan, stop)
        wait_until_sent(stop)
    typer.echo(json.dumps(asdict(summary)))


def _tricks(named: str) -> tuple[Trick, ...]:
    """Read `--tricks`; `all` leaves out none."""
    if named == "all":
        return tuple(trick for trick in Trick if trick is not Trick.NONE)
    names = _names(named)
    unknown = [name for name in names if name not in _TRICKS]
    if unknown or not names:
        raise RuleViolation(f"--tricks: {', '.join(map(repr, unknown or ['']))} is none; expected {', '.join(_TRICKS)}")
    return tuple(Trick(name) for name in names)


def _protocols(named: str) -> tuple[str, ...]:
    names = _names(named)
    try:
        for name in names or [named]:
            stall_scale(name)
    except ValueError as error:
        raise RuleViolation(f"--protocols: {error}") from None
    return tuple(names)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def register(
    stalls: Annotated[int, typer.Option(min=1, help="Stalls in the market, as `simulate market` has them.")] = 40,
    seed: Annotated[int, typer.Option(help="The seed that `simulate market` has: it decides the vendors' names.")] = 1,
    fleet: Annotated[
        int, typer.Option(min=0, max=99_999, help="Scales of `simulate fleet` to register in this market too.")
    ] = 0,
) -> None:
    """Put the simulated market into the database: stalls, vendors, scales, the list of caps, and people to sign in."""
    import secrets
    from datetime import UTC, datetime

    from db.pool import connect
    from steelyard.demo.register import register_market
    from steelyard.demo.register_fleet import register_fleet
    from steelyard.settings import read_settings

    plan = MarketPlan(
        directory=Path(),
        goods=data_directory() / "goods.csv",
        cap_list=data_directory() / "cap_list_sanya_2013-08-26.csv",
        truth=Path(),
        stalls=stalls,
        seed=seed,
    )
    password = secrets.token_urlsafe(12)
    with connect(read_settings().database_url_with_password) as conn:
        people = register_market(conn, plan, datetime.now(UTC), password=password)
        new = register_fleet(conn, fleet, datetime.now(UTC)) if fleet else 0
    typer.echo(f"{stalls} stalls are registered in market {plan.market_id}")
    if fleet:
        typer.echo(f"{fleet} scales of a fleet are registered there too, {new} of them new")
    if people:
        typer.echo(f"sign in as {', '.join(people)} with the password {password}")
