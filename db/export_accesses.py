"""The log of what was asked for with tokens, and with what is none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from db.time_spans import EVER

_SQL = load("export_accesses")


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What was asked. `token_id` None: with a token that is none; `identities`: individuals were named in full."""

    access_id: int = 0
    at: datetime
    token_id: int | None
    department: str | None = None
    address: str
    asked: str
    status: int
    records: int = 0
    identities: bool = False
    problem: str = ""


class Place(NamedTuple):
    """A place in the log: lists go on with what is before it."""

    at: datetime
    access_id: int


NEWEST = Place(EVER[1], 2**63 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Which lines are looked for, from `since` on and before `until`.

    `market_id`: those that were given records of that market; `answered`: below 400; `refused`: the others.
    """

    token_id: int | None = None
    market_id: str | None = None
    status: int | None = None
    answered: bool = False
    refused: bool = False
    since: datetime = EVER[0]
    until: datetime = EVER[1]


def add(conn: Connection, access: Access, market_ids: Collection[str]) -> None:
    """Write down what was asked, and of which markets records were given."""
    named = ("at", "token_id", "address", "asked", "status", "records", "identities", "problem")
    row = conn.execute(_SQL["add"], {name: getattr(access, name) for name in named}).fetchone()
    if market_ids and row is not None:
        given = {"at": access.at, "access_id": row[0], "market_ids": sorted(market_ids)}
        conn.execute(_SQL["add_markets"], given)


def page(conn: Connection, where: Where, *, before: Place = NEWEST, limit: int) -> list[Access]:
    """Return lines of the log, the last first."""
    values = {name: getattr(where, name) for name in Where.__slots__}
    values |= {"before_at": before.at, "before_id": before.access_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Access)) as cursor:
        return cursor.execute(_SQL["page" if where.market_id is None else "page_of_market"], values).fetchall()
