"""Records that are not in a destination's ledger yet are put into it, in batches whose key and bytes never change."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from psycopg import Connection

from db import export_deliveries, export_destinations, export_records
from db.export_destinations import Destination
from domain.errors import NotFound
from domain.export import ExportForm, ExportRecord
from supervision.exports.forms import as_csv, as_json

FileKind = Literal["json", "csv"]
JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"
_KEY_BYTES: Final = 18


def new_key() -> str:
    """Return a key that a receiver knows a batch again by."""
    return f"exp_{secrets.token_urlsafe(_KEY_BYTES)}"


def fill(
    conn: Connection,
    destination: Destination,
    form: ExportForm,
    *,
    limit: int,
    now: datetime,
    after: int = 0,
    kind: FileKind = "json",
) -> int | None:
    """Put what comes next of a form into the ledger, in one transaction; return the batch's id, None: nothing new.

    `after`: nothing up to that revision, now or ever, also where there is nothing beyond it yet.
    """
    with conn.transaction():
        export_destinations.lock_destination(conn, destination.destination_id)
        seen = max(after, export_deliveries.position(conn, destination.destination_id, form))
        records = export_records.since(conn, form, seen, market_ids=destination.market_ids, limit=limit)
        if not records:
            if after:
                export_deliveries.move_position(conn, destination.destination_id, form, after)
            return None
        return add(conn, destination, form, records, now=now, kind=kind)


def add(
    conn: Connection,
    destination: Destination,
    form: ExportForm,
    records: Sequence[ExportRecord],
    *,
    now: datetime,
    kind: FileKind = "json",
    is_again: bool = False,
) -> int:
    """Put these records into the ledger, within the caller's transaction; return the batch's id."""
    key = new_key()
    if kind == "csv":
        body, media_type = as_csv(form, records, identities=destination.sees_identities), CSV
    else:
        body, media_type = as_json(form, records, identities=destination.sees_identities, batch=key), JSON
    return export_deliveries.add_batch(
        conn,
        destination.destination_id,
        form,
        records,
        key=key,
        body=body,
        media_type=media_type,
        now=now,
        is_again=is_again,
    )


def destination_of(conn: Connection, destination_id: int) -> Destination:
    """Return a destination. Raise NotFound."""
    found = next(iter(export_destinations.destinations(conn, destination_id)), None)
    if found is None:
        raise NotFound(f"there is no destination {destination_id}")
    return found
