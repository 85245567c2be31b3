"""Tokens of departments that pull, and how often each was used."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.export import TokenScope

_SQL = load("export_tokens")


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A token without its secret. `market_ids` empty: every market; `networks` empty: from anywhere.

    `last_used_at`: when it was answered last; what it was refused does not count.
    """

    token_id: int
    key_id: str
    department: str
    contact: str
    scopes: frozenset[TokenScope]
    market_ids: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_because: str | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token to make."""

    department: str
    contact: str
    scopes: frozenset[TokenScope]
    expires_at: datetime
    market_ids: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def create(conn: Connection, new: NewToken, *, key_id: str, digest: bytes, by: str, now: datetime) -> int:
    """Add a token; return its id."""
    values = {
        "key_id": key_id,
        "digest": digest,
        "department": new.department,
        "contact": new.contact,
        "scopes": sorted(new.scopes),
        "market_ids": list(new.market_ids),
        "networks": list(new.networks),
        "expires_at": new.expires_at,
    }
    row = conn.execute(_SQL["create"], {**values, "by": by, "now": now}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no token_id")
    return int(row[0])


def tokens(conn: Connection, token_id: int | None = None) -> list[Token]:
    """Return tokens, the newest first; one where it is named."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["tokens"], {"token_id": token_id}).fetchall()
    return [
        Token(
            **{
                **row,
                "scopes": frozenset(map(TokenScope, row["scopes"])),
                "market_ids": tuple(row["market_ids"]),
                "networks": tuple(row["networks"]),
            }
        )
        for row in rows
    ]


def by_key(conn: Connection, key_id: str) -> tuple[int, bytes] | None:
    """Return a token's id and the digest of its secret, or None."""
    row = conn.execute(_SQL["by_key"], {"key_id": key_id}).fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def revoke(conn: Connection, token_id: int, because: str, *, by: str, now: datetime) -> bool:
    """End a token; say whether it was not ended so before."""
    values = {"token_id": token_id, "because": because, "by": by, "now": now}
    return conn.execute(_SQL["revoke"], values).fetchone() is not None


def lock(conn: Connection, whose: str) -> None:
    """Count one request of a token or an address after the other, for the length of the transaction."""
    conn.execute(_SQL["lock"], {"whose": whose})


def in_the_way(conn: Connection, token_id: int, *, since: datetime, most: int) -> datetime | None:
    """Return when the oldest of the last `most` requests since then was; None where there were fewer.

    Those that were turned away because there were too many do not count.
    """
    return _moment(conn, "in_the_way", {"token_id": token_id, "since": since, "most": most})


def turned_away(conn: Connection, token_id: int, *, since: datetime, most: int) -> datetime | None:
    """Return the same of those that were turned away."""
    return _moment(conn, "turned_away", {"token_id": token_id, "since": since, "most": most})


def stranger_in_the_way(conn: Connection, address: str, *, since: datetime, most: int) -> datetime | None:
    """Return the same of an address that shows tokens that are none."""
    return _moment(conn, "stranger_in_the_way", {"address": address, "since": since, "most": most})


def _moment(conn: Connection, name: str, values: dict[str, object]) -> datetime | None:
    row = conn.execute(_SQL[name], values).fetchone()
    found: datetime | None = None if row is None else row[0]
    return found
