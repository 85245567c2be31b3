"""The files an agent needs beside its configuration: looked at before the start, and left as they are."""

from pathlib import Path
from typing import Final

from edge_agent.journal.signing_key import signing_key_path

_SQLITE_BEGINS: Final = b"SQLite format 3\x00"  # sqlite.org/fileformat, 1.3.1


def outbox_problem(path: Path, held: Path | None = None) -> str | None:
    """Say why a file cannot be the outbox. One that is not there yet can, where its folder is; so can an empty one.

    One that is no database, but has an agent's signing key beside it, was an outbox: the start moves it aside.

    `held`: the outbox that this process has open. It is not looked into: to close it again would give up the locks that
    SQLite holds on it (POSIX gives up all of a process's), and another program's end would take its log away.
    """
    try:
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}; expected one for the outbox {path.name}"
        if not path.exists() or (held is not None and held.exists() and path.samefile(held)):
            return None
        if not path.is_file():
            return f"{path} is no file; expected an outbox, or nothing yet"
        # Not opened as a database: that would leave files beside one which a running agent uses.
        with path.open("rb") as file:
            begins = file.read(len(_SQLITE_BEGINS))
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    if begins in {b"", _SQLITE_BEGINS} or signing_key_path(path).is_file():
        return None
    return f"{path} is no SQLite file; expected an outbox, or nothing yet"
