"""`steelyard simulate fleet`: thousands of scales that speak MQTT themselves."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import RuleViolation, Unavailable
from domain.ids import ID_EXPECTATION, MarketId, is_id
from steelyard.resources import data_directory


def fleet(
    scales: Annotated[int, typer.Option(min=1, max=99_999, help="Scales in the fleet.")] = 10_000,
    rate: Annotated[float, typer.Option(min=0.1, help="Weighings a second, of all scales together.")] = 2000.0,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="How long; 60 where --weighings is not given.")] = None,
    weighings: Annotated[int | None, typer.Option(min=1, help="How many weighings in all.")] = None,
    connections: Annotated[int, typer.Option(min=1, max=2000, help="MQTT connections that share the scales.")] = 64,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Weighings in a message, at most.")] = 1,
    window: Annotated[int, typer.Option(min=1, help="Messages of a connection without their answer.")] = 100,
    storm: Annotated[bool, typer.Option("--storm", help="Drop all connections at once, again and again.")] = False,
    storm_every: Annotated[float, typer.Option(min=1, help="Seconds between two storms.")] = 10.0,
    storm_jitter: Annotated[
        float, typer.Option(min=0, help="Seconds over which connections come back; 0: all at once.")
    ] = 0.0,
    receipts: Annotated[bool, typer.Option("--receipts", help="Wait for the service's receipts too.")] = False,
    settle: Annotated[float, typer.Option(min=0, help="Seconds to wait for the last answers, at most.")] = 60.0,
    market: Annotated[str, typer.Option(help="The market the scales are in.")] = "sanya-1",
    truth: Annotated[
        Path | None, typer.Option(help="File for what was made; else truth.jsonl in a new folder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed weighs the same goods.")] = 1,
) -> None:
    """Run a fleet against the broker of the STEELYARD_MQTT_… settings, and print what it reached as JSON."""
    from simulators.fleet.fleet_connection import FleetBroker
    from simulators.fleet.fleet_plan import FleetPlan
    from simulators.fleet.fleet_tls import fleet_tls
    from simulators.fleet.running import run_fleet
    from simulators.market.goods import read_goods
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals

    if not is_id(market):
        raise RuleViolation(f"--market is {market!r}; expected {ID_EXPECTATION}")
    folder = Path(tempfile.mkdtemp(prefix="steelyard-fleet-")) if truth is None else truth.absolute().parent
    path = folder / "truth.jsonl" if truth is None else truth.absolute()
    plan = FleetPlan(
        market_id=MarketId(market),
        truth=path,
        scales=scales,
        rate=rate,
        weighings=weighings,
        seconds=60.0 if seconds is None and weighings is None else seconds,
        connections=connections,
        batch=batch,
        window=window,
        storm_every_s=storm_every if storm else None,
        storm_jitter_s=storm_jitter,
        waits_for_receipts=receipts,
        settle_s=settle,
        seed=seed,
    )
    settings = read_settings()
    broker = FleetBroker(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=settings.mqtt_username or "",
        password=settings.mqtt_password or "",
        tls=None if settings.mqtt_ca_file is None else fleet_tls(settings.mqtt_ca_file),
    )
    goods = read_goods(data_directory() / "goods.csv", data_directory() / "cap_list_sanya_2013-08-26.csv")
    summary = run_fleet(plan, broker, goods, stop_on_signals())
    typer.echo(json.dumps(asdict(summary) | {"truth": str(path)}))
    if not summary.is_complete:
        raise Unavailable(f"{summary.unanswered} weighings are without their answer")
