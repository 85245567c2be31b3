"""`steelyard bench`, from a weighing to its alert: what ingest, judging and the store can take."""

import json
from typing import Annotated

import typer

_SUBJECTS = {
    "batched": "100 weighings a message",
    "single_paho": "one a message, paho-mqtt",
    "single_fast": "one a message, the fastest client",
}


def latency(
    rate: Annotated[float, typer.Option(min=1, help="Weighings a second.")] = 500.0,
    seconds: Annotated[float, typer.Option(min=1, help="For how long.")] = 20.0,
    scales: Annotated[int, typer.Option(min=1, max=99_999, help="Scales that send them.")] = 500,
    server: Annotated[
        str | None, typer.Option(help="URL of a server with track_commit_timestamp on; else the embedded PostgreSQL.")
    ] = None,
    broker: Annotated[str, typer.Option(help="embedded, or mosquitto where it is installed.")] = "embedded",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure from a weighing to its commit, and to the manager's page: the list that shows its alert has arrived."""
    from rich.console import Console

    from steelyard.bench.latency import LatencyPlan, measure_latency
    from steelyard.bench.report import latency_table
    from steelyard.bench.stand import BrokerKind
    from steelyard.stopping import stop_on_signals

    plan = LatencyPlan(rate=rate, seconds=seconds, scales=scales)
    found = measure_latency(plan, server, BrokerKind(broker), stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
    else:
        Console().print(latency_table(found))


def ingest(
    weighings: Annotated[int, typer.Option(min=1000, help="Weighings sent in batches of 100.")] = 500_000,
    singles: Annotated[int, typer.Option(min=100, help="Weighings sent one a message, with each client.")] = 100_000,
    scales: Annotated[int, typer.Option(min=1, max=99_999, help="Scales that send them.")] = 500,
    server: Annotated[
        str | None, typer.Option(help="URL of a server to make databases on; else the embedded PostgreSQL.")
    ] = None,
    broker: Annotated[str, typer.Option(help="embedded, or mosquitto where it is installed.")] = "embedded",
    only: Annotated[str | None, typer.Option(help="Only one of batched, single_paho, single_fast.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure ingest: broker, worker and database on this machine, until the last weighing is committed.

    Exit status 1 where a weighing was lost or doubled.
    """
    from rich.console import Console

    from steelyard.bench.comparison import compare
    from steelyard.bench.report import as_table
    from steelyard.bench.stand import BrokerKind
    from steelyard.stopping import stop_on_signals

    found = compare(weighings, singles, scales, server, BrokerKind(broker), only, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
    else:
        Console().print(as_table(found, _SUBJECTS))
    if any(one and (one["lost"] or one["doubled"]) for one in (found[name] for name in _SUBJECTS)):
        raise typer.Exit(1)


def chunks(
    server: Annotated[str, typer.Option(help="URL of a server with TimescaleDB to make databases on.")],
    days: Annotated[int, typer.Option(min=30, help="Days of trade in the table.")] = 365,
    busy_days: Annotated[int, typer.Option(min=1, help="Days of a busy market's trade.")] = 14,
    busy_a_day: Annotated[int, typer.Option(min=500, help="Its weighings a day, a multiple of 500.")] = 40_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure storing and the hot queries with chunks of several lengths, and with a plain table."""
    from rich.console import Console

    from steelyard.bench.chunks import ChunksPlan, measure_chunks
    from steelyard.bench.report import chunks_as_object, chunks_table
    from steelyard.stopping import stop_on_signals

    plan = ChunksPlan(days=days, busy_days=busy_days, busy_a_day=busy_a_day)
    engine, found = measure_chunks(plan, server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(chunks_as_object(engine, found)))
    else:
        Console().print(chunks_table(engine, found))


def backlog(
    messages: Annotated[int, typer.Option(min=100, help="Messages that the broker holds.")] = 1_000_000,
    batch: Annotated[int, typer.Option(min=1, max=500, help="Weighings in each.")] = 1,
    scales: Annotated[int, typer.Option(min=1, max=99_999, help="Scales that sent them.")] = 500,
    client: Annotated[str, typer.Option(help="paho, or mqtt5 where the extra `fast` is installed.")] = "paho",
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a worker's memory while Mosquitto holds a backlog for it, until it has drained by itself.

    Exit status 1 where a weighing was lost or doubled.
    """
    from steelyard.bench.backlog import measure_backlog
    from steelyard.bench.load import Load
    from steelyard.stopping import stop_on_signals

    load = Load(name="backlog", weighings=messages * batch, scales=scales, batch=batch)
    found = measure_backlog(load, server, stop_on_signals(), {"MQTT_CLIENT": client})
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(
            f"{found['messages']:,} messages drained in {found['seconds']} s, {found['worker_peak_mib']} MiB at most; "
            f"lost {found['lost']}, doubled {found['doubled']}"
        )
    if found["lost"] or found["doubled"]:
        raise typer.Exit(1)


def flood(
    rate: Annotated[float, typer.Option(min=1, help="Weighings a second of all others together.")] = 400.0,
    seconds: Annotated[float, typer.Option(min=1, help="For how long, five times.")] = 15.0,
    scales: Annotated[int, typer.Option(min=1, max=9_999, help="The others.")] = 200,
    times: Annotated[float, typer.Option(min=1, help="How many times its share the one device sends.")] = 1000.0,
    client: Annotated[str, typer.Option(help="paho, or mqtt5 where the extra `fast` is installed.")] = "paho",
    server: Annotated[
        str | None, typer.Option(help="URL of a server with track_commit_timestamp on; else the embedded PostgreSQL.")
    ] = None,
    broker: Annotated[str, typer.Option(help="embedded, or mosquitto where it is installed.")] = "mosquitto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure what one device that floods does to the others: their time from a weighing to its commit."""
    from rich.console import Console

    from steelyard.bench.flood import FloodPlan, measure_flood
    from steelyard.bench.report import flood_table
    from steelyard.bench.stand import BrokerKind
    from steelyard.stopping import stop_on_signals

    plan = FloodPlan(rate=rate, seconds=seconds, scales=scales, times=times)
    found = measure_flood(plan, server, BrokerKind(broker), stop_on_signals(), {"MQTT_CLIENT": client})
    if as_json:
        typer.echo(json.dumps(found))
    else:
        Console().print(flood_table(found))


def rules(
    markets: Annotated[int, typer.Option(min=1, max=200, help="Markets that are played.")] = 10,
    honest: Annotated[
        int, typer.Option(min=20, max=400, help="Honest vendors in each, beside a cheat of each trick.")
    ] = 110,
    seed: Annotated[int, typer.Option(help="The first market's seed.")] = 1,
    festival: Annotated[float, typer.Option(min=0.1, max=10, help="Times as many customers as on a usual day.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the rules on played market days: false alarms on honest vendors, and how many of each trick are found.

    Nothing is timed: the same seed gives the same figures. Exit status 1 where a rule does not keep what it promises.
    """
    from pricing.policy import read_rules_policy
    from steelyard.bench.report import rules_lines
    from steelyard.bench.rules import RulesPlan, broken_promises, measure_rules
    from steelyard.resources import data_directory
    from steelyard.settings import read_settings

    data = data_directory()
    plan = RulesPlan(
        goods=data / "goods.csv",
        cap_list=data / "cap_list_sanya_2013-08-26.csv",
        markets=markets,
        honest=honest,
        seed=seed,
        festival=festival,
    )
    found = measure_rules(plan, read_rules_policy(read_settings().policy_file("rules.toml")))
    typer.echo(json.dumps(found) if as_json else "\n".join(rules_lines(found)))
    broken = broken_promises(found)
    for promise in broken:
        typer.echo(promise, err=True)
    if broken:
        raise typer.Exit(1)


def rejudge(
    weighings: Annotated[
        int, typer.Option(min=40_000, help="Weighings of one market, a multiple of 40 000.")
    ] = 1_000_000,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how long it takes to judge weighings again after their list was corrected: each of them is written."""
    from pricing.policy import read_rules_policy
    from steelyard.bench.rejudge import RejudgePlan, measure_rejudging
    from steelyard.resources import policy_directory
    from steelyard.stopping import stop_on_signals

    policy = read_rules_policy(policy_directory() / "rules.toml")
    found = measure_rejudging(RejudgePlan(weighings=weighings), policy, server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(
            f"{found['weighings']:,} weighings judged again in {found['seconds']} s ({found['weighings_per_s']:,}/s); "
            f"{found['changed']:,} changed, {found['raised']:,} occurrences raised, {found['withdrawn']:,} taken back"
        )
