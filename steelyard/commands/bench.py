"""`steelyard bench`: how fast it is, beside a reference in the same run."""

import json
from typing import Annotated

import typer

_SUBJECTS = {
    "batched": "100 weighings a message",
    "single_paho": "one a message, paho-mqtt",
    "single_fast": "one a message, the fastest client",
}

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """Measure this machine, beside a reference in the same run."""


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def handling(
    alerts: Annotated[int, typer.Option(min=1_000, help="Alerts that are stored; one in fifty is open.")] = 1_000_000,
    vendors: Annotated[int, typer.Option(min=1, help="Vendors they are about.")] = 100_000,
    steps: Annotated[int, typer.Option(min=100, help="Steps to take, a multiple of four.")] = 8_000,
    people: Annotated[int, typer.Option(min=1, max=16, help="People who act at once.")] = 4,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure steps with alerts a second, and how fast lists of alerts answer, with a million of them stored."""
    from steelyard.bench.handling import HandlingPlan, measure_handling
    from steelyard.services import policies_of
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals

    plan = HandlingPlan(alerts=alerts, vendors=vendors, steps=steps, people=people)
    found = measure_handling(plan, policies_of(read_settings()), server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"{found['steps']:,} steps by {people} people in {found['seconds']} s: {found['steps_per_s']:,}/s, "
        f"{found['of_bare']:.2f} of bare commits ({found['bare_commits_per_s']:,}/s)"
    )
    for name, ms in found["lists_p95_ms"].items():
        typer.echo(f"  {name}: p95 {ms} ms")


@app.command()
def offices(
    alerts: Annotated[int, typer.Option(min=1_000, help="Alerts, and what came of them.")] = 1_000_000,
    vendors: Annotated[int, typer.Option(min=100, help="Vendors, shared by the markets.")] = 100_000,
    markets: Annotated[int, typer.Option(min=2, help="Markets.")] = 40,
    repeats: Annotated[int, typer.Option(min=1, help="How often each page is asked for.")] = 10,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how fast pages of approvals, promises, cases, the publicity list, exports and visits answer."""
    from credit.portrait.policy import read_portrait_policy
    from steelyard.bench.offices import OfficesPlan, OfficesPolicies, measure_offices
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals
    from supervision.inspections.policy import read_inspection_policy

    plan = OfficesPlan(alerts=alerts, vendors=vendors, markets=markets, repeats=repeats)
    settings = read_settings()
    policies = OfficesPolicies(
        inspections=read_inspection_policy(settings.policy_file("inspections.toml")),
        portraits=read_portrait_policy(settings.policy_file("portrait.toml")),
    )
    found = measure_offices(plan, policies, server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(f"{alerts:,} alerts, {vendors:,} vendors of {markets} markets, made up in {found['filled_s']} s")
    for name, ms in found["pages_ms"].items():
        typer.echo(f"  {name}: p50 {ms['p50']} ms, p95 {ms['p95']} ms, {ms['kib']} KiB")


@app.command()
def risk(
    vendors: Annotated[int, typer.Option(min=20, help="Vendors of one market.")] = 100_000,
    alerts: Annotated[int, typer.Option(min=0, help="Alerts of a year; one in five stands.")] = 1_000_000,
    a_day: Annotated[int, typer.Option(min=1, help="Weighings of each vendor on each day of the month.")] = 1,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how long it takes to compute the risk classes of a market's month."""
    from credit.risk.computing import RiskPolicies
    from credit.risk.policy import read_risk_policy
    from pricing.policy import read_rules_policy
    from steelyard.bench.risk import RiskPlan, measure_risk
    from steelyard.resources import policy_directory
    from steelyard.stopping import stop_on_signals

    policies = RiskPolicies(
        risk=read_risk_policy(policy_directory() / "risk.toml"),
        rules=read_rules_policy(policy_directory() / "rules.toml"),
    )
    plan = RiskPlan(vendors=vendors, alerts=alerts, a_day=a_day)
    found = measure_risk(plan, policies, server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(
            f"{found['weighings']:,} weighings counted in {found['counted_s']} s, {found['vendors']:,} vendors "
            f"with {found['alerts']:,} alerts of a year classed in {found['classed_s']} s "
            f"(deciding {found['of_these_deciding_s']} s); a page of the list {found['first_page_ms']} ms"
        )


@app.command()
def credit(
    vendors: Annotated[int, typer.Option(min=100, help="Vendors, shared by forty markets.")] = 100_000,
    lines: Annotated[int, typer.Option(min=100, help="Lines of their ledgers, of a year.")] = 1_000_000,
    stalls: Annotated[int, typer.Option(min=10, help="Stalls of one market in a rotation.")] = 3_000,
    city: Annotated[int, typer.Option(min=100, help="Vendors of the city's report.")] = 10_000,
    alerts: Annotated[int, typer.Option(min=100, help="Alerts about them.")] = 200_000,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure scores from nothing, one vendor's report explained and as PDF, the city's report, and a rotation."""
    from credit.reports.asking import Basis
    from steelyard.bench.credit import CreditPlan, measure_credit
    from steelyard.bench.credit_reports import ReportsPlan, measure_credit_reports
    from steelyard.services import policies_of
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals

    policies, stop = policies_of(read_settings()), stop_on_signals()
    plan = CreditPlan(vendors=vendors, lines=lines, stalls=stalls)
    found = measure_credit(plan, policies.credit, server, stop)
    basis = Basis(shipped=policies.credit, supervision=policies.supervision)
    reports = measure_credit_reports(ReportsPlan(vendors=city, alerts=alerts), basis, server, stop)
    found |= {
        "pdf_ms": reports["pdf_ms"]["median"],
        "city_report_seconds": round(reports["city_s"]["issued"] + reports["city_s"]["pdf"], 2),
        "reports": reports,
    }
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(f"{vendors:,} vendors with {lines:,} lines, made up in {found['filled_seconds']} s")
    for name in (
        "recompute_seconds",
        "recompute_of_reading",
        "vendor_ms",
        "vendor_p95_ms",
        "rotation_seconds",
        "pdf_ms",
        "city_report_seconds",
    ):
        typer.echo(f"  {name}: {found[name]}")


@app.command()
def reports(
    vendors: Annotated[int, typer.Option(min=100, help="Vendors, shared by twenty markets.")] = 10_000,
    alerts: Annotated[int, typer.Option(min=100, help="Alerts about them, the newest of today.")] = 200_000,
    server: Annotated[str | None, typer.Option(help="URL of a server; else the embedded PostgreSQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how long a vendor's credit report takes as PDF, and the city's over all its vendors."""
    from credit.reports.asking import Basis
    from steelyard.bench.credit_reports import ReportsPlan, measure_credit_reports
    from steelyard.services import policies_of
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals

    policies = policies_of(read_settings())
    basis = Basis(shipped=policies.credit, supervision=policies.supervision)
    plan = ReportsPlan(vendors=vendors, alerts=alerts)
    found = measure_credit_reports(plan, basis, server, stop_on_signals())
    if as_json:
        typer.echo(json.dumps(found))
        return
    pdf = found["pdf_ms"]
    typer.echo(f"a vendor's report as PDF, from asking: {pdf['median']} ms, at worst {pdf['worst']} ms")
    forms = ", ".join(f"{name} {seconds} s" for name, seconds in found["city_s"].items())
    typer.echo(f"the city's over {vendors:,} vendors: {forms}")


@app.command()
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
