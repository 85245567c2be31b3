"""Stored weighings as the columns they were once read into, so that the same code judges them again. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from db.journals import JournalKey
from db.rejudging import StoredColumns
from db.weighing_columns import Shared, WeighingColumns
from domain.ids import JournalId, MarketId, ScaleId
from domain.weighing import WeighingKey
from ingest.columns import Columns, Nullable, Source
from ingest.instants import datetimes, microseconds
from ingest.moments import Moments
from pricing.rules_of_columns import Flags, Whole

_NO_BODY: Final = b""


class Stored(NamedTuple):
    """Stored weighings and what they came to. `voids`: the rows that void another."""

    columns: Columns
    holder: Shared
    species: Shared
    outcome: Shared
    excess_fen: Whole
    overcharge_fen: Whole
    voids: frozenset[int]
    received_us: Whole

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the first and the last of them was made."""
        weighed_us = self.columns.weighed_us
        return self.columns.weighed_at[int(weighed_us.argmin())], self.columns.weighed_at[int(weighed_us.argmax())]

    def moments(self, *, by_arrival: bool) -> Moments:
        """Return the moments that judge them: once said, which clock is believed stays so."""
        count = len(self.columns)
        return Moments(
            judged_us=self.received_us if by_arrival else self.columns.weighed_us,
            at_arrival=np.full(count, by_arrival),
            is_off=np.zeros(count, np.bool_),
            ahead_s=np.zeros(count, np.int64),
        )

    def differing(self, now: WeighingColumns) -> NDArray[np.int64]:
        """Return the rows that come out as something else: whose, which species, verdicts, cap, money."""
        differs = (
            _differ(self.holder, now.holder)
            | _differ(self.species, now.goods.fields(slice(1)))
            | _differ(self.outcome, now.outcome.fields(slice(1, None)))
            | (self.excess_fen != now.numbers["excess_fen"])
            | (self.overcharge_fen != now.numbers["overcharge_fen"])
        )
        return np.flatnonzero(differs)

    def those_of(self, keys: Iterable[WeighingKey]) -> frozenset[WeighingKey]:
        """Return those of some keys, of weighings of the same market, that are among these weighings."""
        asked = list(keys)
        if not asked:
            return frozenset()
        columns = self.columns
        journals = [source.journal for source in columns.sources]
        places = {journal: place for place, journal in enumerate(journals)}
        there = set(zip(columns.source.tolist(), columns.seq.tolist(), columns.weighed_us.tolist(), strict=True))
        asked_us = microseconds([key.weighed_at for key in asked]).tolist()
        return frozenset(
            key
            for key, weighed_us in zip(asked, asked_us, strict=True)
            if (places.get(JournalKey(*key[:3])), key.seq, weighed_us) in there
        )


class _Sent(msgspec.Struct):
    species: str = ""


_sent: Final = msgspec.json.Decoder(_Sent)


def stored_columns(market_id: MarketId, stored: StoredColumns) -> Stored:
    """Lay stored weighings of a market out in the columns that judge.

    Where bodies were read, the species is again the one that was sent; else the one it was taken for.
    """
    count = len(stored["seq"])
    origin = _told_apart(zip(stored["scale_id"], stored["journal_id"], strict=True))
    journals = [JournalKey(market_id, ScaleId(str(scale)), JournalId(str(name))) for scale, name in origin.rows]
    earliest = datetimes(stored["received_at"])[int(stored["received_at"].argmin())]
    bodies = stored["body"]
    outcome = ("verdict", "paid_verdict", "cap_list_id", "cap_unit", "cap_fen")
    columns = Columns(
        sources=[Source(topic="", journal=journal, received_at=earliest) for journal in journals],
        source=origin.of,
        body=[_NO_BODY] * count if bodies is None else bodies,
        digest=[_NO_BODY] * count,
        seq=stored["seq"],
        weighed_at=datetimes(stored["weighed_at"]),
        weighed_us=stored["weighed_at"],
        clock_synced=stored["clock_synced"],
        plu=stored["plu"],
        species=stored["species_code"] if bodies is None else [_sent.decode(body).species for body in bodies],
        grade=stored["grade"],
        name=stored["name"],
        ticket_no=[""] * count,
        gross_g=_nullable(stored, "gross_g"),
        tare_g=_nullable(stored, "tare_g"),
        net_g=stored["net_g"],
        stable=_nullable(stored, "stable"),
        zero_offset_g=_nullable(stored, "zero_offset_g"),
        pieces=_nullable(stored, "pieces"),
        unit_price_fen=stored["unit_price_fen"],
        price_unit=stored["price_unit"],
        per_kg_fen=_nullable(stored, "unit_price_fen_per_kg"),
        amount_fen=stored["amount_fen"],
        discount_fen=stored["discount_fen"],
        paid_fen=stored["paid_fen"],
        fee_fen=stored["fee_fen"],
        voids_seq=_nullable(stored, "voids_seq"),
    )
    return Stored(
        columns=columns,
        holder=_told_apart(zip(stored["stall_id"], stored["vendor_id"], strict=True)),
        species=_told_apart(zip(stored["species_code"], strict=True)),
        outcome=_told_apart(zip(*(_or_none(stored, name) for name in outcome), strict=True)),
        excess_fen=stored["excess_fen"],
        overcharge_fen=stored["overcharge_fen"],
        voids=frozenset(row for row, verdict in enumerate(stored["verdict"]) if verdict is None),
        received_us=stored["received_at"],
    )


def _told_apart(values: Iterator[tuple[Any, ...]]) -> Shared:
    places: dict[tuple[Any, ...], int] = {}
    of = [places.setdefault(value, len(places)) for value in values]
    return Shared(rows=list(places), of=np.array(of, np.int64))


def _differ(one: Shared, other: Shared) -> Flags:
    """Say of each row whether its values differ."""
    places: dict[tuple[Any, ...], int] = {}
    one_of, other_of = (
        np.array([places.setdefault(row, len(places)) for row in shared.rows], np.int64)[shared.of]
        for shared in (one, other)
    )
    differs: Flags = one_of != other_of
    return differs


def _nullable(stored: StoredColumns, name: str) -> Nullable:
    return Nullable(stored[name].astype(np.int64), stored[f"has_{name}"])


def _or_none(stored: StoredColumns, name: str) -> Sequence[Any]:
    there = stored.get(f"has_{name}")
    if there is None:
        texts: Sequence[Any] = stored[name]
        return texts
    return [value if is_there else None for value, is_there in zip(stored[name].tolist(), there.tolist(), strict=True)]
