"""`steelyard exports`: records for departments that take files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from steelyard.commands.acting import acting

app = typer.Typer(help="Records for other systems, as files.", no_args_is_help=True)


@app.callback()
def exports() -> None:
    """Records for other systems, as files."""


@app.command("write")
def write(
    destination: Annotated[int, typer.Option(help="Number of a destination that takes files.")],
    form: Annotated[Literal["penalty", "credit_record"], typer.Option(help="Which records.")],
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path(),
    since: Annotated[int, typer.Option(help="Nothing up to this revision, now or later.", min=0)] = 0,
    kind: Annotated[Literal["json", "csv"], typer.Option(help="How they are written.")] = "csv",
    username: Annotated[
        str, typer.Option("--as", help="Who does it: a regulator's or administrator's name. Left out: you.")
    ] = "",
) -> None:
    """Write what a destination was not given yet, and note it in the ledger; each version is written once."""
    from credit.exporting import RecordingExports
    from credit.rules.reading import read_credit_rules
    from db.pool import connect, translate_absence
    from domain.export import ExportForm
    from steelyard.settings import read_settings
    from supervision.exports import files
    from supervision.exports.destinations import By
    from supervision.exports.policy import read_exports_policy
    from web.access import Permission

    settings = read_settings()
    policy = read_exports_policy(settings.policy_file("exports.toml"))
    recording = RecordingExports(read_credit_rules(settings.policy_file("credit.toml")))
    with translate_absence(), connect(settings.database_url_with_password) as conn:
        # Each step is committed before the next: a file follows its line in the ledger.
        conn.autocommit = True
        name, now = acting(conn, username, Permission.MANAGE_EXPORTS), datetime.now(UTC)
        while recording.run_once(conn, now) is not None:
            pass
        written = files.write(
            conn,
            destination,
            ExportForm(form),
            folder,
            kind=kind,
            after=since,
            limit=policy.batch_records,
            by=By(username=name, origin="command", at=now),
        )
    for one in written:
        typer.echo(f"{one.path}: {one.batch.records} records")
    if not written:
        typer.echo("nothing new")
