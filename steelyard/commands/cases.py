"""`steelyard cases`: whether an evidence bundle is what was frozen; without a database and a network."""

import sys
from base64 import b64decode
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
    public_key: Annotated[
        str, typer.Option(help="The agent's key (base64), from elsewhere: whatever is signed must be by it.")
    ] = "",
) -> None:
    """Say in one sentence whether a bundle is what was frozen. Status 1: it is not."""
    from messages.checkpoints import key_id_of
    from supervision.cases.verifying import verify

    try:
        content = bundle.read_bytes()
    except OSError as error:
        raise BadFile(str(bundle), (f"cannot be read: {error.strerror}",)) from None
    expected_key = key_id_of(_key(public_key)) if public_key else ""
    verdict = verify(content, bundle.name, sha256.strip())
    typer.echo(verdict.sentence)
    others = [one for one in verdict.signed.keys if one != expected_key] if expected_key else []
    if others:
        typer.echo(f"Key {', '.join(others)} signed too, and is not the one that was given ({expected_key}).")
    elif expected_key and not verdict.signed.keys:
        typer.echo("Nothing in it is signed by a key that came with it.")
    if verdict.problems or others:
        sys.exit(1)


def _key(text: str) -> bytes:
    from messages.checkpoints import PUBLIC_KEY_BYTES

    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise BadFile("--public-key", (f"is no key; expected {PUBLIC_KEY_BYTES} bytes in base64",))
    return key
