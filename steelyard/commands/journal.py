"""`steelyard scale journal`: reads a scale's journal back, and says whether it is what was recorded."""

import sys
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadFile


def journal(
    file: Annotated[Path, typer.Argument(help="The agent's outbox, or a copy of it.")],
    scale: Annotated[str, typer.Option(help="Only this scale's journal.")] = "",
    begin: Annotated[
        str, typer.Option("--from", help="From this seq (or event number) on, or from this RFC 3339 time on.")
    ] = "",
    last: Annotated[
        int | None, typer.Option(min=1, help="At most so many, the last ones; 20 where nothing is said.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="An object a line, with the text as recorded.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    events: Annotated[
        bool, typer.Option("--events", help="What happened beside weighing, in place of the weighings: zero, case…")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Say only whether it is what was recorded.")] = False,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint message from elsewhere that the journal must agree with.")
    ] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="What the agent noted of its journals' ends, as a copy kept elsewhere; else FILE.heads."),
    ] = None,
    public_key: Annotated[
        str, typer.Option(help="The agent's public key, base64; left out: of the key file beside FILE.")
    ] = "",
) -> None:
    """Read a scale's journal back: what was weighed, and whether anything was altered, removed or reordered since.

    The whole chain is checked, whatever is shown. Status 1 says that the journal is not what was recorded.
    """
    from edge_agent.journal.head_keeping import heads_path
    from edge_agent.journal.signing_key import known_public_key
    from steelyard.journal_lines import Layout
    from steelyard.journal_readback import Wanted, read_back

    if heads is not None and not heads.is_file():
        raise BadFile("--heads", (f"{heads} is not there; expected what an agent noted of its journals",))
    if json and csv:
        raise BadFile("--json", ("goes without --csv; expected one of them",))
    wanted = Wanted(
        scale_id=scale,
        from_seq=int(begin) if begin.isascii() and begin.isdigit() else None,
        since=None if not begin or begin.isdigit() else _moment(begin),
        last=last or (None if begin else 20),
        layout=Layout.JSON if json else Layout.CSV if csv else Layout.TABLE,
        is_shown=not verify,
        shows_events=events,
        checkpoints=tuple(_read(path) for path in checkpoint or ()),
        public_key=_key(public_key) if public_key else known_public_key(file),
        heads=heads or heads_path(file),
        now=datetime.now(UTC),
    )
    is_sound = read_back(file, wanted, show=typer.echo, tell=lambda says: typer.echo(says, err=True))
    if not is_sound:
        sys.exit(1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(str(path), (f"cannot be read: {error.strerror}",)) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        expected = "expected a seq, or a time with its offset: 2026-11-22T00:00:00+08:00"
        raise BadFile("--from", (f"is {text!r}; {expected}",))
    return moment


def _key(text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        key = b""
    if len(key) != 32:  # noqa: PLR2004 - an Ed25519 public key
        raise BadFile("--public-key", (f"is {text!r}; expected base64 of 32 bytes",))
    return key
