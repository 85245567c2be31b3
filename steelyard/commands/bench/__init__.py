"""`steelyard bench`: how fast it is, beside a reference in the same run."""

import typer

from steelyard.commands.bench import offices, weighings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """Measure this machine, beside a reference in the same run."""


app.command("latency")(weighings.latency)
app.command("ingest")(weighings.ingest)
app.command("chunks")(weighings.chunks)
app.command("backlog")(weighings.backlog)
app.command("flood")(weighings.flood)
app.command("rules")(weighings.rules)
app.command("handling")(offices.handling)
app.command("offices")(offices.offices)
app.command("risk")(offices.risk)
app.command("credit")(offices.credit)
app.command("reports")(offices.reports)
app.command("rejudge")(weighings.rejudge)
