"""To whom records are given, and what was done with them."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.export import DestinationAction, ExportForm

_SQL = load("export_destinations")


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Who is given records. `url` empty: it takes files; `market_ids` empty: of every market.

    `previous_until`: how long the secret before this one signs, too; `failing_since`: since when it takes nothing.
    """

    destination_id: int
    name: str
    url: str
    forms: frozenset[ExportForm]
    market_ids: tuple[str, ...]
    sees_identities: bool
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_because: str
    previous_until: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """Where to send, and what signs."""

    url: str
    secret: str
    previous_secret: str | None
    previous_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDestination:
    """A destination to register."""

    name: str
    url: str
    forms: frozenset[ExportForm]
    market_ids: tuple[str, ...] = ()
    sees_identities: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What somebody did with a destination or a batch of it."""

    at: datetime
    actor: str
    origin: str
    action: DestinationAction
    note: str
    batch_id: int | None


def register(conn: Connection, new: NewDestination, secret: str, *, by: str, now: datetime) -> int | None:
    """Add a destination; return its id, None where the name is taken."""
    values = {
        "name": new.name,
        "url": new.url,
        "forms": sorted(new.forms),
        "market_ids": list(new.market_ids),
        "sees_identities": new.sees_identities,
    }
    row = conn.execute(_SQL["register"], {**values, "secret": secret, "by": by, "now": now}).fetchone()
    return None if row is None else int(row[0])


def destinations(conn: Connection, destination_id: int | None = None) -> list[Destination]:
    """Return destinations, the oldest first; one where it is named."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["destinations"], {"destination_id": destination_id}).fetchall()
    return [
        Destination(
            **{**row, "forms": frozenset(map(ExportForm, row["forms"])), "market_ids": tuple(row["market_ids"])}
        )
        for row in rows
    ]


def lock_destination(conn: Connection, destination_id: int) -> None:
    """Hold a destination for the length of the transaction."""
    conn.execute(_SQL["lock_destination"], {"destination_id": destination_id})


def secrets_of(conn: Connection, destination_id: int) -> Secrets:
    """Return where a destination is and what signs for it. Raise LookupError where there is none."""
    with conn.cursor(row_factory=class_row(Secrets)) as cursor:
        found = cursor.execute(_SQL["secrets"], {"destination_id": destination_id}).fetchone()
    if found is None:
        raise LookupError(f"there is no destination {destination_id}")
    return found


def change_secret(conn: Connection, destination_id: int, secret: str, previous_until: datetime) -> None:
    """Sign with another secret; the one until now signs beside it for a while."""
    values = {"destination_id": destination_id, "secret": secret, "previous_until": previous_until}
    conn.execute(_SQL["change_secret"], values)


def switch(conn: Connection, destination_id: int, *, off_at: datetime | None, because: str) -> bool:
    """Switch a destination off (`off_at`) or on (None); say whether it was the other way."""
    values = {"destination_id": destination_id, "at": off_at, "because": because}
    return conn.execute(_SQL["switch"], values).fetchone() is not None


def went_well(conn: Connection, destination_id: int) -> None:
    """Note that a destination answered for a batch."""
    conn.execute(_SQL["went_well"], {"destination_id": destination_id})


def went_wrong(conn: Connection, destination_id: int, now: datetime) -> datetime:
    """Note that a destination did not; return since when it has not."""
    row = conn.execute(_SQL["went_wrong"], {"destination_id": destination_id, "now": now}).fetchone()
    if row is None:
        raise LookupError(f"there is no destination {destination_id}")
    since: datetime = row[0]
    return since


def add_step(
    conn: Connection,
    destination_id: int,
    action: DestinationAction,
    *,
    actor: str,
    origin: str,
    at: datetime,
    note: str = "",
    batch_id: int | None = None,
) -> None:
    """Write down what somebody did."""
    values = {"destination_id": destination_id, "action": action, "actor": actor, "origin": origin}
    conn.execute(_SQL["add_step"], {**values, "at": at, "note": note, "batch_id": batch_id})


def steps(conn: Connection, destination_id: int) -> list[Step]:
    """Return what was done with a destination, the last first, at most 200."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["steps"], {"destination_id": destination_id}).fetchall()
    return [Step(**{**row, "action": DestinationAction(row["action"])}) for row in rows]
