"""Records for departments that take files: written once, and noted in the same ledger."""

import os
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from db import export_deliveries
from db.export_deliveries import Batch
from domain.errors import BadFile, FieldRefused, IllegalTransition
from domain.export import BatchState, DeliveryState, DestinationAction, ExportForm
from supervision.exports.batching import FileKind, destination_of, fill
from supervision.exports.destinations import By, note


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is there, with the batch that it holds."""

    path: Path
    batch: Batch


def write(
    conn: Connection,
    destination_id: int,
    form: ExportForm,
    folder: Path,
    *,
    kind: FileKind,
    after: int,
    limit: int,
    by: By,
) -> list[WrittenFile]:
    """Write what a destination was not given yet; return the files, none where there is nothing new.

    A batch is in the ledger before its file is, and the file has the name of the batch: who dies in between is followed
    by the same bytes under the same name. Raise FieldRefused, BadFile where a file cannot be written.
    """
    destination = destination_of(conn, destination_id)
    if destination.url:
        raise FieldRefused("destination", destination.name, "one that takes files, not one with a URL", problem="url")
    if form not in destination.forms:
        raise FieldRefused("form", form, " or ".join(sorted(destination.forms)), problem="form")
    if destination.disabled_at is not None:
        raise IllegalTransition(f"{destination.name} is switched off")
    written: list[WrittenFile] = []
    while True:
        batch = export_deliveries.waiting_file(conn, destination_id, form)
        if batch is None:
            if fill(conn, destination, form, limit=limit, now=by.at, after=after, kind=kind) is None:
                return written
            continue
        written.append(WrittenFile(_write(conn, batch, folder, by), batch))


def _write(conn: Connection, batch: Batch, folder: Path, by: By) -> Path:
    now = by.at
    ending = "csv" if batch.media_type.startswith("text/csv") else "json"
    path = folder / f"{batch.form}-{batch.batch_id:06}.{ending}"
    with conn.transaction():
        attempt = export_deliveries.begin_attempt(conn, batch.batch_id, now)
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as file:
            file.write(batch.body)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise BadFile(str(path), (f"cannot be written: {error.strerror}",)) from None
    with conn.transaction():
        export_deliveries.add_answer(conn, batch.batch_id, attempt, status=None, said=path.name, error="", now=now)
        if export_deliveries.settle(conn, batch.batch_id, attempt, BatchState.WRITTEN, next_attempt_at=None, now=now):
            export_deliveries.settle_all(conn, batch.batch_id, DeliveryState.WRITTEN, path.name, now)
            note(conn, batch.destination_id, DestinationAction.WRITTEN, by, path.name, batch.batch_id)
    return path
