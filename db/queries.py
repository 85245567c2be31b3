"""Named, commented SQL files, read once. `-- name: x` opens a statement; the lines below it are its words.

A statement is handed to psycopg as bytes: it can only have come from a file in this folder.
"""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (?P<name>\w+)\s*$", re.MULTILINE)


@cache
def load(subject: str) -> dict[str, bytes]:
    """Return the statements of `db/sql/{subject}.sql` by name."""
    text = (files("db") / "sql" / f"{subject}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    statements = {name: body.strip().encode() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    if len(statements) != len(parts) // 2:
        raise ValueError(f"db/sql/{subject}.sql names a statement twice")
    return statements


def subjects() -> list[str]:
    """Return the subjects there are files for."""
    return sorted(p.name.removesuffix(".sql") for p in (files("db") / "sql").iterdir() if p.name.endswith(".sql"))
