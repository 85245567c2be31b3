"""Stored weighings as the columns they were once read into, so that the same code judges them again. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from db.journals import JournalKey
from db.rejudging import JUDGED, STORED, Row
from domain.ids import JournalId, MarketId, ScaleId
from ingest.columns import Columns, Nullable, Source, microseconds
from ingest.moments import Moments
from pricing.rules_of_columns import Whole

_NO_BODY: Final = b""


class Stored(NamedTuple):
    """Stored weighings; `judged` is what each came to (`db.rejudging.JUDGED`). `voids`: the rows that void another."""

    columns: Columns
    judged: Sequence[tuple[Any, ...]]
    species: Sequence[str]
    voids: frozenset[int]
    received_us: Whole

    def moments(self, *, by_arrival: bool) -> Moments:
        """Return the moments that judge them: once said, which clock is believed stays so."""
        count = len(self.columns)
        return Moments(
            judged_us=self.received_us if by_arrival else self.columns.weighed_us,
            at_arrival=np.full(count, by_arrival),
            is_off=np.zeros(count, np.bool_),
            ahead_s=np.zeros(count, np.int64),
        )


class _Sent(msgspec.Struct):
    species: str = ""


_sent: Final = msgspec.json.Decoder(_Sent)


def stored_columns(market_id: MarketId, rows: Sequence[Row]) -> Stored:
    """Lay stored rows (`STORED`, then `JUDGED`) of a market out in columns.

    Where bodies were read, the species is again the one that was sent; else the one it was taken for.
    """
    fields: dict[str, Sequence[Any]] = dict(zip((*STORED, *JUDGED), zip(*rows, strict=True), strict=True))
    journals: dict[JournalKey, int] = {}
    source = np.fromiter(
        (
            journals.setdefault(JournalKey(market_id, ScaleId(scale), JournalId(journal)), len(journals))
            for scale, journal in zip(fields["scale_id"], fields["journal_id"], strict=True)
        ),
        np.int64,
        len(rows),
    )
    earliest: datetime = min(fields["received_at"])
    bodies = [_NO_BODY if body is None else bytes(body) for body in fields["body"]]
    sent = [
        species if body is _NO_BODY else _sent.decode(body).species
        for species, body in zip(fields["species_code"], bodies, strict=True)
    ]
    per_kg = _nullable(fields["unit_price_fen_per_kg"])
    columns = Columns(
        sources=[Source(topic="", journal=journal, received_at=earliest) for journal in journals],
        source=source,
        body=bodies,
        digest=[_NO_BODY] * len(rows),
        seq=_whole(fields["seq"]),
        weighed_at=fields["weighed_at"],
        weighed_us=microseconds(fields["weighed_at"]),
        clock_synced=np.array(fields["clock_synced"], np.bool_),
        plu=fields["plu"],
        species=sent,
        grade=fields["grade"],
        name=fields["name"],
        ticket_no=[""] * len(rows),
        gross_g=_nullable(fields["gross_g"]),
        tare_g=_nullable(fields["tare_g"]),
        net_g=_whole(fields["net_g"]),
        stable=_nullable(fields["stable"]),
        zero_offset_g=_nullable(fields["zero_offset_g"]),
        pieces=_nullable(fields["pieces"]),
        unit_price_fen=_whole(fields["unit_price_fen"]),
        price_unit=fields["price_unit"],
        per_kg_fen=per_kg,
        amount_fen=_whole(fields["amount_fen"]),
        discount_fen=_whole(fields["discount_fen"]),
        paid_fen=_whole(fields["paid_fen"]),
        fee_fen=_whole(fields["fee_fen"]),
        voids_seq=_nullable(fields["voids_seq"]),
    )
    return Stored(
        columns=columns,
        judged=[row[len(STORED) :] for row in rows],
        species=fields["species_code"],
        voids=frozenset(n for n, verdict in enumerate(fields["verdict"]) if verdict is None),
        received_us=microseconds(fields["received_at"]),
    )


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, np.int64)


def _nullable(values: Sequence[int | None]) -> Nullable:
    there = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return Nullable(np.array([value or 0 for value in values], np.int64), there)
