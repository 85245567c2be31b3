"""Destinations of records, and the ledger of what they were given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.export import BatchState, DeliveryState, DestinationAction, ExportForm, ExportRecord
from domain.ids import MarketId, VendorId

_SQL = load("export_deliveries")


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
class Batch:
    """Records that go together, as the bytes that are sent. `attempts_before`: those before somebody sent it again."""

    batch_id: int
    destination_id: int
    form: ExportForm
    idempotency_key: str
    body: bytes
    media_type: str
    records: int
    made_at: datetime
    state: BatchState
    attempts: int
    attempts_before: int
    next_attempt_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A line of the ledger."""

    destination_id: int
    revision: int
    form: ExportForm
    record_id: str
    version: int
    batch_id: int
    state: DeliveryState
    answer: str
    settled_at: datetime | None
    market_id: MarketId
    vendor_id: VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """An attempt, and its answer; `answered_at` None: nobody knows whether it arrived."""

    attempt: int
    sent_at: datetime
    answered_at: datetime | None
    status: int | None
    said: str | None
    error: str | None


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


def try_at_once(conn: Connection, destination_id: int, now: datetime) -> None:
    """Have what waits for a destination sent now, with all its attempts before it."""
    conn.execute(_SQL["try_at_once"], {"destination_id": destination_id, "now": now})


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


def position(conn: Connection, destination_id: int, form: ExportForm) -> int:
    """Return up to which revision everything of a form is in the ledger."""
    row = conn.execute(_SQL["position"], {"destination_id": destination_id, "form": form}).fetchone()
    return 0 if row is None else int(row[0])


def move_position(conn: Connection, destination_id: int, form: ExportForm, revision: int) -> None:
    """Say that everything of a form up to a revision is in the ledger, or is not to be; it never goes back."""
    conn.execute(_SQL["move_position"], {"destination_id": destination_id, "form": form, "revision": revision})


def add_batch(
    conn: Connection,
    destination_id: int,
    form: ExportForm,
    records: Sequence[ExportRecord],
    *,
    key: str,
    body: bytes,
    media_type: str,
    now: datetime,
    is_again: bool = False,
) -> int:
    """Put records into the ledger, waiting, in one batch; return its id. `is_again`: refused ones, in another batch."""
    batch = {"destination_id": destination_id, "form": form, "idempotency_key": key, "body": body}
    row = conn.execute(
        _SQL["add_batch"], {**batch, "media_type": media_type, "records": len(records), "now": now}
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no batch_id")
    lines = [
        {
            "destination_id": destination_id,
            "revision": one.revision,
            "form": form,
            "record_id": one.record_id,
            "version": one.version,
            "batch_id": row[0],
        }
        for one in records
    ]
    with conn.cursor() as cursor:
        cursor.executemany(_SQL["move_delivery" if is_again else "add_delivery"], lines)
    move_position(conn, destination_id, form, max(one.revision for one in records))
    return int(row[0])


def claim(conn: Connection, *, now: datetime, lease: timedelta, limit: int, only_well: bool = False) -> list[Batch]:
    """Take what is due for a while, each destination's oldest, and write down that it is being sent.

    `only_well`: nothing for who did not answer the last time.
    """
    with conn.transaction():
        batches = _batches(conn, "claim", now=now, lease=lease, limit=limit, only_well=only_well)
        for one in batches:
            _begin(conn, one.batch_id, one.attempts, now)
    return batches


def begin_attempt(conn: Connection, batch_id: int, now: datetime) -> int:
    """Write down that a batch is being written to a file; return which attempt it is."""
    row = conn.execute(_SQL["count_attempt"], {"batch_id": batch_id}).fetchone()
    if row is None:
        raise LookupError(f"there is no batch {batch_id}")
    _begin(conn, batch_id, int(row[0]), now)
    return int(row[0])


def settle(
    conn: Connection, batch_id: int, attempt: int, state: BatchState, *, next_attempt_at: datetime | None, now: datetime
) -> bool:
    """Say what became of a batch; False where somebody else took it over meanwhile."""
    values = {"batch_id": batch_id, "attempt": attempt, "state": state, "next_attempt_at": next_attempt_at, "now": now}
    return conn.execute(_SQL["settle_batch"], values).fetchone() is not None


def add_answer(
    conn: Connection, batch_id: int, attempt: int, *, status: int | None, said: str, error: str, now: datetime
) -> None:
    """Write down how an attempt went."""
    values = {"batch_id": batch_id, "attempt": attempt, "status": status, "said": said, "error": error, "now": now}
    conn.execute(_SQL["add_answer"], values)


def settle_records(conn: Connection, became: Collection[tuple[Delivery, DeliveryState, str]], now: datetime) -> None:
    """Say what became of records of a batch."""
    with conn.cursor() as cursor:
        cursor.executemany(
            _SQL["settle_delivery"],
            [
                {
                    "destination_id": one.destination_id,
                    "revision": one.revision,
                    "state": state,
                    "answer": answer,
                    "now": now,
                }
                for one, state, answer in became
            ],
        )


def settle_all(conn: Connection, batch_id: int, state: DeliveryState, answer: str, now: datetime) -> None:
    """Say the same of every record of a batch."""
    conn.execute(_SQL["settle_all"], {"batch_id": batch_id, "state": state, "answer": answer, "now": now})


def wait_again(conn: Connection, batch_id: int, now: datetime) -> bool:
    """Have a batch that was given up sent again; False where it is not given up."""
    if conn.execute(_SQL["wait_again"], {"batch_id": batch_id, "now": now}).fetchone() is None:
        return False
    conn.execute(_SQL["wait_again_deliveries"], {"batch_id": batch_id})
    return True


def next_due(conn: Connection, *, only_well: bool = False) -> datetime | None:
    """Return when the next batch is due; None where none waits."""
    row = conn.execute(_SQL["next_due"], {"only_well": only_well}).fetchone()
    due: datetime | None = None if row is None else row[0]
    return due


def batch(conn: Connection, batch_id: int) -> Batch | None:
    """Return a batch, or None."""
    return next(iter(_batches(conn, "batch", batch_id=batch_id)), None)


def waiting_file(conn: Connection, destination_id: int, form: ExportForm) -> Batch | None:
    """Return what is in the ledger and was not written to a file yet, the oldest of it."""
    return next(iter(_batches(conn, "waiting_file", destination_id=destination_id, form=form)), None)


def of_batch(conn: Connection, batch_id: int) -> list[Delivery]:
    """Return the lines of a batch."""
    return _deliveries(conn, "of_batch", batch_id=batch_id)


def ledger(
    conn: Connection, *, destination_id: int | None, state: DeliveryState | None, before: int, limit: int
) -> list[Delivery]:
    """Return lines of the ledger with a revision below `before`, the newest first."""
    return _deliveries(conn, "ledger", destination_id=destination_id, state=state, before=before, limit=limit)


def attempts(conn: Connection, batch_id: int) -> list[Attempt]:
    """Return the attempts of a batch, the first first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["attempts"], {"batch_id": batch_id}).fetchall()
    return [Attempt(**row) for row in rows]


def _begin(conn: Connection, batch_id: int, attempt: int, now: datetime) -> None:
    conn.execute(_SQL["begin_attempt"], {"batch_id": batch_id, "attempt": attempt, "now": now})


def _batches(conn: Connection, name: str, **values: object) -> list[Batch]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[name], values).fetchall()
    return [Batch(**{**row, "form": ExportForm(row["form"]), "state": BatchState(row["state"])}) for row in rows]


def _deliveries(conn: Connection, name: str, **values: object) -> list[Delivery]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[name], values).fetchall()
    return [Delivery(**{**row, "form": ExportForm(row["form"]), "state": DeliveryState(row["state"])}) for row in rows]
