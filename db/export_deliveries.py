"""The ledger of what destinations were given: batches, their records, and every attempt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.export import BatchState, DeliveryState, ExportForm, ExportRecord
from domain.ids import MarketId, VendorId

_SQL = load("export_deliveries")
#: No destination has a greater number.
LAST: Final = 2**63 - 1


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


def try_at_once(conn: Connection, destination_id: int, now: datetime) -> None:
    """Have what waits for a destination sent now, with all its attempts before it."""
    conn.execute(_SQL["try_at_once"], {"destination_id": destination_id, "now": now})


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
    conn: Connection,
    *,
    destination_id: int | None,
    state: DeliveryState | None,
    before: int,
    after: int = LAST,
    limit: int,
) -> list[Delivery]:
    """Return lines of the ledger, the newest first: below revision `before`, or of it and destinations `after` one."""
    return _deliveries(
        conn, "ledger", destination_id=destination_id, state=state, before=before, after=after, limit=limit
    )


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
