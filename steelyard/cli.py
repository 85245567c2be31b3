"""`steelyard`: every part of the product is started from here."""

import sys
from typing import Annotated

import typer

from domain.errors import SteelyardError
from steelyard.commands import (
    approvals,
    bench,
    caps,
    cases,
    clerk,
    complaints,
    conform,
    credit,
    credit_records,
    credit_repairs,
    db,
    demo,
    edge,
    exemptions,
    exports,
    ingest,
    inspections,
    items,
    journal,
    migrate,
    portraits,
    purchases,
    quarantine,
    registry,
    rejudge,
    report,
    reweigh,
    risk,
    rotation,
    scale,
    scale_facts,
    simulate,
    tokens,
    trends,
    user,
    web,
)

app = typer.Typer(
    name="steelyard",
    help="Steelyard (海秤): watches the scales of seafood markets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command("demo")(demo.demo)
app.command("migrate")(migrate.migrate)
app.command("ingest")(ingest.ingest)
app.command("web")(web.web)
app.command("clerk")(clerk.clerk)
app.command("trends")(trends.trends)
app.command("reweigh")(reweigh.reweigh)
app.command("conform")(conform.conform)
app.add_typer(edge.app, name="edge")
scale.app.command("journal")(journal.journal)
scale.app.command("facts")(scale_facts.facts)
app.add_typer(scale.app, name="scale")
app.add_typer(simulate.app, name="simulate")
app.add_typer(caps.app, name="caps")
app.add_typer(rejudge.app, name="rejudge")
app.add_typer(purchases.app, name="purchases")
app.add_typer(exemptions.app, name="exemptions")
app.add_typer(complaints.app, name="complaints")
app.add_typer(approvals.app, name="approvals")
app.add_typer(cases.app, name="cases")
app.add_typer(registry.app, name="registry")
app.add_typer(items.app, name="items")
credit.app.command("record")(credit_records.record)
credit.app.command("withdraw")(credit_records.withdraw)
credit.app.command("records")(credit_records.records)
credit.app.command("repairs")(credit_repairs.repairs)
credit.app.command("repairable")(credit_repairs.repairable)
credit.app.command("repair")(credit_repairs.repair)
credit.app.command("decide")(credit_repairs.decide)
app.add_typer(credit.app, name="credit")
app.add_typer(inspections.app, name="inspections")
app.add_typer(rotation.app, name="rotation")
app.add_typer(portraits.app, name="portraits")
app.add_typer(risk.app, name="risk")
app.add_typer(exports.app, name="exports")
app.add_typer(report.app, name="report")
app.add_typer(tokens.app, name="tokens")
app.add_typer(user.app, name="user")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(bench.app, name="bench")
app.add_typer(db.app, name="db")


def _say_version(wanted: bool) -> None:
    from importlib.metadata import version

    if wanted:
        typer.echo(version("steelyard"))
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Steelyard (海秤): watches the scales of seafood markets."""


def main() -> None:
    """Run the command line; an error that says whose fault it is ends with its sentence and status 2."""
    try:
        app()
    except SteelyardError as error:
        typer.secho("steelyard:", fg=typer.colors.RED, nl=False, err=True)
        typer.echo(f" {error}", err=True)
        sys.exit(2)
