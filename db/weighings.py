"""Stored weighings, with the judgement of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, errors
from psycopg.rows import class_row

from db.journals import JournalKey
from db.queries import load
from db.time_spans import EVER, spans_of
from db.weighing_columns import WeighingColumns, copy_data
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId
from domain.weighing import WeighingKey

_SQL = load("weighings")
#: A sale is voided on the spot, or on the day.
_LATELY: Final = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class VoidTarget:
    """What a void may refer to. `voided_by` is the seq of the record that voids it already."""

    net_g: int
    amount_fen: int
    is_void: bool
    voided_by: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertedWeighing:
    """One occurrence of an alert, as its page shows it. Money in fen, weight in grams."""

    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    weighed_at: datetime
    received_at: datetime
    judged_at_arrival: bool
    stall_id: StallId | None
    species_code: SpeciesCode
    grade: str
    name: str
    net_g: int
    pieces: int | None
    unit_price_fen: int
    price_unit: str
    unit_price_fen_per_kg: int | None
    amount_fen: int
    paid_fen: int
    verdict: str
    paid_verdict: str
    cap_unit: str | None
    cap_fen: int | None
    cap_list_id: int | None
    excess_fen: int
    overcharge_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSale:
    """What was stored of one sale, to be held against a simulator's own record."""

    scale_id: ScaleId
    seq: int
    weighed_at: datetime
    species_code: SpeciesCode
    grade: str
    plu: str
    net_g: int
    unit_price_fen: int
    price_unit: str
    amount_fen: int
    verdict: str | None
    paid_verdict: str | None


def store(conn: Connection, columns: WeighingColumns, rows: NDArray[np.int64]) -> set[WeighingKey] | None:
    """Store some rows of a batch, in the caller's transaction. Return None where all were new, else the keys that were.

    Ingest asks for those only that are new by their journals, so they go straight in; where the journals do not know
    of what is stored (a restored backup), all take the slower way that asks of each.
    """
    if not len(rows):
        return None
    data = copy_data(columns, rows)
    try:
        with conn.transaction(), conn.cursor() as cursor, cursor.copy(_SQL["copy_weighings"]) as copy:
            copy.write(data)
    except errors.UniqueViolation:
        return _store_new(conn, data)
    return None


def _store_new(conn: Connection, data: bytes) -> set[WeighingKey]:
    conn.execute(_SQL["create_staging"])
    with conn.cursor() as cursor:
        with cursor.copy(_SQL["copy_to_staging"]) as copy:
            copy.write(data)
        cursor.execute(_SQL["store_staged"])
        return {WeighingKey(*row) for row in cursor}


def stored_digests(conn: Connection, keys: Sequence[WeighingKey]) -> dict[WeighingKey, bytes]:
    """Return the digests of those of `keys` that are stored."""
    found: dict[WeighingKey, bytes] = {}
    for span in spans_of([key.weighed_at for key in keys]):
        asked = [keys[place] for place in span.places]
        rows = conn.execute(
            _SQL["stored_digests"],
            {
                "market_ids": [key.market_id for key in asked],
                "scale_ids": [key.scale_id for key in asked],
                "journal_ids": [key.journal_id for key in asked],
                "seqs": [key.seq for key in asked],
                "moments": [key.weighed_at for key in asked],
                "made_from": span.first,
                "made_to": span.last,
            },
        )
        found.update((asked[n - 1], digest) for n, digest in rows)
    return found


def void_targets(
    conn: Connection, asked: Sequence[tuple[JournalKey, int, datetime]]
) -> dict[tuple[JournalKey, int], VoidTarget]:
    """Return the stored ones of the asked lines, as targets of a void made at the moment given with each.

    What is voided was nearly always made shortly before; what is not found there is looked for everywhere.
    """
    found: dict[int, tuple[int, int, bool]] = {}
    for span in spans_of([moment for _, _, moment in asked]):
        found |= _made_between(conn, asked, span.places, span.first - _LATELY, span.last + _LATELY)
    if absent := [place for place in range(len(asked)) if place not in found]:
        found |= _made_between(conn, asked, absent, *EVER)
    places = list(found)
    rows = conn.execute(_SQL["voided_already"], _line_columns(asked, places)) if places else ()
    voided_by = {places[n - 1]: seq for n, seq in rows}
    return {
        asked[place][:2]: VoidTarget(
            net_g=net_g, amount_fen=amount_fen, is_void=is_void, voided_by=voided_by.get(place)
        )
        for place, (net_g, amount_fen, is_void) in found.items()
    }


def _made_between(
    conn: Connection,
    asked: Sequence[tuple[JournalKey, int, datetime]],
    places: Sequence[int],
    made_from: datetime,
    made_until: datetime,
) -> dict[int, tuple[int, int, bool]]:
    span = {"made_from": made_from, "made_until": made_until}
    rows = conn.execute(_SQL["void_targets"], {**_line_columns(asked, places), **span})
    return {places[n - 1]: (net_g, amount_fen, is_void) for n, net_g, amount_fen, is_void in rows}


def _line_columns(asked: Sequence[tuple[JournalKey, int, datetime]], places: Sequence[int]) -> dict[str, list[Any]]:
    lines = [asked[place] for place in places]
    return {
        "market_ids": [journal.market_id for journal, _, _ in lines],
        "scale_ids": [journal.scale_id for journal, _, _ in lines],
        "journal_ids": [journal.journal_id for journal, _, _ in lines],
        "seqs": [seq for _, seq, _ in lines],
    }


def of_alert(conn: Connection, alert_id: int, limit: int = 200) -> list[AlertedWeighing]:
    """Return the weighings of an alert, newest first: also where retention has let the others of their day go."""
    first, last = conn.execute(_SQL["span_of_alert"], {"alert_id": alert_id}).fetchone() or (None, None)
    if first is None:
        return []
    parameters = {"alert_id": alert_id, "made_from": first, "made_to": last, "limit": limit}
    with conn.cursor(row_factory=class_row(AlertedWeighing)) as cursor:
        return cursor.execute(_SQL["of_alert"], parameters).fetchall()


def sales_since(conn: Connection, market_id: MarketId, since: datetime) -> list[StoredSale]:
    """Return what was stored of a market since a moment, in each scale's order."""
    with conn.cursor(row_factory=class_row(StoredSale)) as cursor:
        return cursor.execute(_SQL["sales_since"], {"market_id": market_id, "since": since}).fetchall()


def count_since(conn: Connection, market_id: MarketId, since: datetime) -> int:
    """Return how many weighings of a market made since a moment are stored."""
    row = conn.execute(_SQL["count_since"], {"market_id": market_id, "since": since}).fetchone()
    return int(row[0]) if row else 0


def newest(conn: Connection, market_id: MarketId | None, now: datetime) -> datetime | None:
    """Return when the newest weighing of a market (None: of all) up to `now` was made."""
    row = conn.execute(_SQL["newest"], {"market_id": market_id, "now": now}).fetchone()
    return row[0] if row else None
