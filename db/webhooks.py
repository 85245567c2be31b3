"""Other systems that are told: where they are, what they asked for, and what was done with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.alert import Severity
from domain.ids import MarketId
from domain.notice import NoticeKind, WebhookAction

_SQL = load("webhooks")


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An endpoint without its secret. `market_id` None: it is told of every market.

    `failing_since`: since when it has taken nothing; `previous_until`: how long the secret before this one signs, too.
    """

    endpoint_id: int
    name: str
    url: str
    market_id: MarketId | None
    market_name: str | None
    minimum: Severity
    kinds: frozenset[NoticeKind]
    window_s: int
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str
    previous_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEndpoint:
    """An endpoint to register."""

    name: str
    url: str
    market_id: MarketId | None
    minimum: Severity
    kinds: frozenset[NoticeKind]
    window_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """Where to send, and what signs."""

    url: str
    secret: str
    previous_secret: str | None
    previous_until: datetime | None
    is_disabled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What somebody did with an endpoint."""

    at: datetime
    actor: str
    action: WebhookAction
    note: str


def register(conn: Connection, new: NewEndpoint, secret: str, *, by: str, now: datetime) -> int:
    """Add an endpoint; return its endpoint_id."""
    values = {name: getattr(new, name) for name in NewEndpoint.__slots__}
    row = conn.execute(
        _SQL["register"], {**values, "kinds": sorted(new.kinds), "secret": secret, "by": by, "now": now}
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no endpoint_id")
    return int(row[0])


def endpoints(conn: Connection) -> list[Endpoint]:
    """Return every endpoint, the newest first."""
    return _read(conn, None)


def by_id(conn: Connection, endpoint_id: int) -> Endpoint | None:
    """Return one endpoint, or None."""
    return next(iter(_read(conn, endpoint_id)), None)


def by_id_locked(conn: Connection, endpoint_id: int) -> Endpoint | None:
    """Return one endpoint, held for the length of the transaction."""
    conn.execute(_SQL["lock"], {"endpoint_id": endpoint_id})
    return by_id(conn, endpoint_id)


def secrets_of(conn: Connection, endpoint_id: int) -> Secrets | None:
    """Return where an endpoint is and what signs for it, or None."""
    with conn.cursor(row_factory=class_row(Secrets)) as cursor:
        return cursor.execute(_SQL["secrets"], {"endpoint_id": endpoint_id}).fetchone()


def change_secret(conn: Connection, endpoint_id: int, secret: str, previous_until: datetime) -> None:
    """Sign with another secret; the one until now signs beside it for a while."""
    values = {"endpoint_id": endpoint_id, "secret": secret, "previous_until": previous_until}
    conn.execute(_SQL["change_secret"], values)


def went_well(conn: Connection, endpoint_id: int) -> None:
    """Note that an endpoint took something."""
    conn.execute(_SQL["went_well"], {"endpoint_id": endpoint_id})


def went_wrong(conn: Connection, endpoint_id: int, now: datetime) -> datetime:
    """Note that an endpoint did not take something; return since when it has taken nothing."""
    row = conn.execute(_SQL["went_wrong"], {"endpoint_id": endpoint_id, "now": now}).fetchone()
    if row is None:
        raise LookupError(f"there is no endpoint {endpoint_id}")
    since: datetime = row[0]
    return since


def disable(conn: Connection, endpoint_id: int, because: str, now: datetime) -> bool:
    """Tell an endpoint nothing any more; say whether it was told until now."""
    values = {"endpoint_id": endpoint_id, "because": because, "now": now}
    return conn.execute(_SQL["disable"], values).fetchone() is not None


def enable(conn: Connection, endpoint_id: int) -> bool:
    """Tell an endpoint again; say whether it was not."""
    return conn.execute(_SQL["enable"], {"endpoint_id": endpoint_id}).fetchone() is not None


def add_step(
    conn: Connection, endpoint_id: int, action: WebhookAction, *, actor: str, at: datetime, note: str = ""
) -> None:
    """Write down what somebody did."""
    values = {"endpoint_id": endpoint_id, "action": action, "actor": actor, "at": at, "note": note}
    conn.execute(_SQL["add_step"], values)


def steps_of(conn: Connection, endpoint_id: int) -> list[Step]:
    """Return what was done with an endpoint, the last first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["steps_of"], {"endpoint_id": endpoint_id}).fetchall()
    return [Step(**{**row, "action": WebhookAction(row["action"])}) for row in rows]


def _read(conn: Connection, endpoint_id: int | None) -> list[Endpoint]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["endpoints"], {"endpoint_id": endpoint_id}).fetchall()
    return [Endpoint(**{**row, "minimum": Severity(row["minimum"]), "kinds": _kinds(row["kinds"])}) for row in rows]


def _kinds(texts: Collection[str]) -> frozenset[NoticeKind]:
    return frozenset(map(NoticeKind, texts))
