"""`steelyard cases`: whether an evidence bundle is what was frozen; without a database and a network."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadFile

app = typer.Typer(help="Cases.", no_args_is_help=True)


@app.callback()
def cases() -> None:
    """Cases and their evidence."""


@app.command("verify")
def verify_bundle(
    bundle: Annotated[Path, typer.Argument(help="The ZIP as it was downloaded.")],
    sha256: Annotated[str, typer.Option(help="What the whole must be, from the case's page or a document.")] = "",
) -> None:
    """Say in one sentence whether a bundle is what was frozen. Status 1: it is not."""
    from supervision.cases.verifying import verify

    try:
        content = bundle.read_bytes()
    except OSError as error:
        raise BadFile(str(bundle), (f"cannot be read: {error.strerror}",)) from None
    verdict = verify(content, bundle.name, sha256.strip())
    typer.echo(verdict.sentence)
    if verdict.problems:
        sys.exit(1)
