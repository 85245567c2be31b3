"""`steelyard bench`, after an alert: what handling, pages, scores and reports take."""

import json
from typing import Annotated

import typer


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
