"""Weighings, when and whose they were, and the price book → the rows to store and what the rules saw. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from db.registry import Binding
from db.weighing_columns import Shared, WeighingColumns
from domain.alert import AlertKind
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import PriceCap, Verdict
from domain.units import PriceUnit
from ingest.columns import Columns
from ingest.holding import Holding
from ingest.instants import microseconds
from ingest.moments import Moments
from pricing.cap_book import CapBook
from pricing.caps_of_columns import CapsOf, Fallen, Sold, cap_stored
from pricing.leads import Occurrence
from pricing.policy import Judging
from pricing.rules_of_columns import (
    VERDICTS,
    Flags,
    JudgedColumns,
    SaleColumns,
    Whole,
    judge_columns,
)

_UNITS: Final = tuple(unit.value for unit in PriceUnit)
_DAY_US: Final = 86_400_000_000
#: Every offset from UTC in use changes at a whole quarter of an hour.
_QUARTER_US: Final = 900_000_000
_PERMILLE: Final = 1000
#: What `Judged.occurrences` may see: what judging again raises and takes back.
JUDGED_KINDS: Final = (AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP, AlertKind.UNBOUND_SCALE)
_OVER: Final = VERDICTS.index(Verdict.OVER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goods:
    """What the weighings of a batch were of, each told apart once: species (as the book knows it), grade, PLU, name."""

    told: Sequence[tuple[SpeciesCode, str, str, str]]
    of: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A batch with the rows to store, and the occurrences to raise of those that prove to be new."""

    columns: Columns
    rows: WeighingColumns
    _holding: Holding
    _moments: Moments
    _found: JudgedColumns
    _caps: CapsOf
    #: Where a weighing is a sale, and not the void of another.
    is_sale: Flags

    def occurrences(self, rows: NDArray[np.int64]) -> Iterator[Occurrence]:
        """Yield what the rules saw in some of the weighings."""
        over = self._found.is_over & self.is_sale
        unbound = np.array([holder.vendor_id is None for holder in self._holding.holders], np.bool_)[self._holding.of]
        for row in rows[(over | unbound)[rows]].tolist():
            if over[row]:
                yield self._over_cap(row)
            if unbound[row]:
                yield self._about_the_scale(row, AlertKind.UNBOUND_SCALE, "the scale is bound to no stall and vendor")

    def over_caps(self, rows: NDArray[np.int64], since_us: int) -> Iterator[tuple[int, Fallen]]:
        """Yield which of some sales were above their cap, of those made at `since_us` or later, and the cap."""
        found = self._found.is_over & self.is_sale & (self._moments.judged_us >= since_us)
        for row in rows[found[rows]].tolist():
            yield row, self._caps.items[self._caps.of[row]]

    def verdict_of(self, row: int) -> Verdict | None:
        """Return the verdict on a weighing's declared price; None for a real void."""
        return VERDICTS[int(self._found.declared[row])] if self.is_sale[row] else None

    def verdicts(self, rows: NDArray[np.int64]) -> Counter[str]:
        """Return how many of some weighings' declared prices got which verdict; real voids have none."""
        counts = np.bincount(self._found.declared[rows][self.is_sale[rows]], minlength=len(VERDICTS)).tolist()
        return Counter({verdict.value: count for verdict, count in zip(VERDICTS, counts, strict=True) if count})

    def off_clocks(self, rows: NDArray[np.int64]) -> Iterator[Occurrence]:
        """Yield what is raised of some of the weighings because their scale's clock is further off than it may be."""
        yield from map(self._off_clock, rows[self._moments.is_off[rows]].tolist())

    def _off_clock(self, row: int) -> Occurrence:
        ahead_s = int(self._moments.ahead_s[row])
        note = f"the clock is {abs(ahead_s)} s {'ahead' if ahead_s > 0 else 'behind'}"
        return self._about_the_scale(row, AlertKind.CLOCK_DRIFT, note)

    def conflict(self, row: int) -> Occurrence:
        """What is raised when a journal's line arrives a second time with other content."""
        key = self.columns.key(row)
        note = f"seq {key.seq} of journal {key.journal_id} came again with other content"
        return self._about_the_scale(row, AlertKind.SEQUENCE_CONFLICT, note)

    def _over_cap(self, row: int) -> Occurrence:
        cap, holder, excess = (
            self._caps.items[self._caps.of[row]].cap,
            self._holder(row),
            int(self._found.excess_fen[row]),
        )
        cap_fen = 0 if cap is None or cap.cap_fen is None else cap.cap_fen
        # The declared price speaks first, what was paid only where that was within.
        declared_over = self._found.declared[row] == _OVER
        return Occurrence(
            key=self.columns.key(row),
            kind=AlertKind.PRICE_OVER_CAP if declared_over else AlertKind.EFFECTIVE_PRICE_OVER_CAP,
            vendor_id=holder.vendor_id,
            stall_id=holder.stall_id,
            species=self._species(row),
            business_day=self._business_day(row),
            excess_fen=excess,
            # Rounded up: one fen over is never shown as nothing.
            excess_permille=-(-excess * _PERMILLE // cap_fen) if cap_fen else 0,
            cap_fen=None if cap is None else cap.cap_fen,
            cap_unit=None if cap is None else cap.unit,
            overcharge_fen=int(self._found.overcharge_fen[row]),
        )

    def _about_the_scale(self, row: int, kind: AlertKind, note: str) -> Occurrence:
        return self.noticed(row, kind, note, of_goods=False)

    def noticed(
        self, row: int, kind: AlertKind, note: str, *, of_goods: bool, cap: PriceCap | None = None
    ) -> Occurrence:
        """Return what is raised of a weighing beside its price over the cap.

        `of_goods`: an alert for each species. `cap`: what it was held to, where that is what it is about.
        """
        holder = self._holder(row)
        return Occurrence(
            key=self.columns.key(row),
            kind=kind,
            vendor_id=holder.vendor_id,
            stall_id=holder.stall_id,
            species=self._species(row) if of_goods else SpeciesCode(""),
            business_day=self._business_day(row),
            cap_fen=None if cap is None else cap.cap_fen,
            cap_unit=None if cap is None or cap.cap_fen is None else cap.unit,
            note=note,
        )

    def _holder(self, row: int) -> Binding:
        return self._holding.holders[int(self._holding.of[row])]

    def _species(self, row: int) -> SpeciesCode:
        return SpeciesCode(str(self.rows.goods.rows[self.rows.goods.of[row]][0]))

    def _business_day(self, row: int) -> date:
        return date(1970, 1, 1) + timedelta(days=int(self.rows.numbers["business_day"][row]))


def goods_of(columns: Columns, book: CapBook) -> Goods:
    """Tell the goods of a batch apart, and say which species each is."""
    told, of = _told_apart(zip(columns.species, columns.grade, columns.plu, columns.name, strict=True))
    return Goods(
        told=[(book.species_of(SpeciesCode(code), name), grade, plu, name) for code, grade, plu, name in told], of=of
    )


def sold_of(columns: Columns, goods: Goods, holding: Holding, moments: Moments, book: CapBook) -> Sold:
    """Return what decides which cap each weighing falls under."""
    return Sold(
        markets=[MarketId(source.journal.market_id) for source in columns.sources],
        market_of=columns.source,
        goods=[(species, grade) for species, grade, _plu, _name in goods.told],
        goods_of=goods.of,
        vendors=[holder.vendor_id for holder in holding.holders],
        vendor_of=holding.of,
        judged_us=moments.judged_us,
        day=_business_days(columns, moments, book),
    )


def judge_batch(
    columns: Columns,
    goods: Goods,
    holding: Holding,
    moments: Moments,
    sold: Sold,
    caps: CapsOf,
    policy: Judging,
    voids: Collection[int] = (),
) -> Judged:
    """Judge each weighing by the cap it falls under.

    `voids`: the rows that really void another (`ingest.voids`), so they are no sale and there is nothing to judge.
    """
    is_sale = np.ones(len(columns), np.bool_)
    is_sale[list(voids)] = False
    found = _judge(columns, caps, policy)
    rows = WeighingColumns(
        origin=Shared(rows=[source.journal for source in columns.sources], of=columns.source),
        holder=Shared(rows=[(one.stall_id, one.vendor_id) for one in holding.holders], of=holding.of),
        goods=Shared(rows=list(goods.told), of=goods.of),
        outcome=_outcomes(columns, found, caps, is_sale),
        numbers=_numbers(columns, moments, sold, found, is_sale),
        nullables={
            "gross_g": columns.gross_g,
            "tare_g": columns.tare_g,
            "zero_offset_g": columns.zero_offset_g,
            "pieces": columns.pieces,
            "stable": columns.stable,
            "unit_price_fen_per_kg": columns.per_kg_fen,
            "voids_seq": columns.voids_seq,
        },
        ticket_no=columns.ticket_no,
        digest=columns.digest,
        body=columns.body,
    )
    return Judged(
        columns=columns, rows=rows, _holding=holding, _moments=moments, _found=found, _caps=caps, is_sale=is_sale
    )


def _told_apart(values: Iterator[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Return the different ones, and for each value which of them it is."""
    places: dict[tuple[str, ...], int] = {}
    of = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(of, np.int64)


def _judge(columns: Columns, caps: CapsOf, policy: Judging) -> JudgedColumns:
    sales = SaleColumns(
        net_g=columns.net_g,
        pieces=columns.pieces.values,
        unit_price_fen=columns.unit_price_fen,
        per_kg_fen=columns.per_kg_fen.values,
        by_piece=~columns.per_kg_fen.there,
        paid_fen=columns.paid_fen,
    )
    return judge_columns(sales, caps.columns(), policy.payment_rounding_fen)


def _outcomes(columns: Columns, found: JudgedColumns, caps: CapsOf, is_sale: Flags) -> Shared:
    """Return price unit, verdicts and cap of each weighing: few different ones in a batch."""
    unit = np.fromiter(map(_UNITS.index, columns.price_unit), np.int64, len(columns))
    code = caps.of
    for part, base in ((unit, len(_UNITS)), (found.declared, len(VERDICTS)), (found.paid, len(VERDICTS))):
        code = code * base + part
    codes, of = np.unique((code * 2 + found.compared) * 2 + is_sale, return_inverse=True)
    rows = []
    for one in codes.tolist():
        rest, is_a_sale = divmod(one, 2)
        rest, compared = divmod(rest, 2)
        rest, paid = divmod(rest, len(VERDICTS))
        rest, declared = divmod(rest, len(VERDICTS))
        rest, unit_no = divmod(rest, len(_UNITS))
        verdicts = (VERDICTS[declared].value, VERDICTS[paid].value) if is_a_sale else (None, None)
        cap = cap_stored(caps.items[rest], compared=bool(compared), is_sale=bool(is_a_sale))
        rows.append((_UNITS[unit_no], *verdicts, *cap))
    return Shared(rows=rows, of=of)


def _numbers(
    columns: Columns, moments: Moments, sold: Sold, found: JudgedColumns, is_sale: Flags
) -> dict[str, NDArray[np.int64]]:
    received = microseconds([source.received_at for source in columns.sources])
    return {
        "seq": columns.seq,
        "weighed_at": columns.weighed_us,
        "received_at": received[columns.source],
        "business_day": sold.day,
        "net_g": columns.net_g,
        "clock_synced": columns.clock_synced.astype(np.int64),
        "judged_at_arrival": moments.at_arrival.astype(np.int64),
        "unit_price_fen": columns.unit_price_fen,
        "amount_fen": columns.amount_fen,
        "discount_fen": columns.discount_fen,
        "paid_fen": columns.paid_fen,
        "fee_fen": columns.fee_fen,
        "excess_fen": np.where(is_sale, found.excess_fen, 0),
        "overcharge_fen": np.where(is_sale, found.overcharge_fen, 0),
    }


def _business_days(columns: Columns, moments: Moments, book: CapBook) -> Whole:
    """Return each weighing's day in its market, as days since 1970-01-01."""
    timezones, timezone_of = _told_apart(
        (book.markets[MarketId(source.journal.market_id)].timezone,) for source in columns.sources
    )
    quarters = moments.judged_us // _QUARTER_US
    pairs, pair_of = np.unique(quarters * len(timezones) + timezone_of[columns.source], return_inverse=True)
    offsets = []
    for pair in pairs.tolist():
        quarter, timezone = divmod(pair, len(timezones))
        moment = datetime.fromtimestamp(quarter * (_QUARTER_US // 1_000_000), ZoneInfo(timezones[timezone][0]))
        offset = moment.utcoffset() or timedelta()
        offsets.append(offset // timedelta(microseconds=1))
    return (moments.judged_us + np.array(offsets, np.int64)[pair_of]) // _DAY_US
