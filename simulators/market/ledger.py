"""What a market notes of itself: the truth, sale by sale, and the sums at the end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from simulators.market.day import clock
from simulators.market.goods import is_over_cap
from simulators.market.incidents import Breakdown
from simulators.market.pitches import Pitch
from simulators.market.plan import MarketPlan
from simulators.market.selling import Shown, Sold
from simulators.market.truth import Sale, TruthFile
from simulators.market.vendors import Trick


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketSummary:
    """What was sold. `shown` of them had their total on the display; `over_cap` and `unlisted` count sales too.

    `warned` of them under a warning of the display, `lowered` after it.
    `off_scale` sales are in none of these: no scale showed them. `tricks` counts both kinds by what was done.
    """

    sales: int
    shown: int
    over_cap: int
    unlisted: int
    elapsed_s: float
    off_scale: int = 0
    tricks: dict[str, int] = field(default_factory=dict)
    warned: int = 0
    lowered: int = 0
    breakdowns: int = 0
    rotations: int = 0


class Ledger:
    """Writes the truth and counts. `on_sale` is called for each sale; `market_s` is the market's clock, in seconds."""

    def __init__(self, plan: MarketPlan, truth: TruthFile, on_sale: Callable[[Sale], None] | None) -> None:
        self._plan, self._truth, self._on_sale = plan, truth, on_sale
        self._numbers = count(1)
        self._sums: Counter[str] = Counter()
        self._tricks: Counter[str] = Counter()

    def summary(self, elapsed_s: float) -> MarketSummary:
        """Return the sums."""
        sums = self._sums
        return MarketSummary(
            sales=sums["sales"],
            shown=sums["shown"],
            over_cap=sums["over_cap"],
            unlisted=sums["unlisted"],
            elapsed_s=elapsed_s,
            off_scale=sums["off_scale"],
            tricks=dict(sorted(self._tricks.items())),
            warned=sums["warned"],
            lowered=sums["lowered"],
            breakdowns=sums["breakdowns"],
            rotations=sums["rotations"],
        )

    def note_sold(self, pitch: Pitch, sold: Sold, market_s: float) -> None:
        """Note a sale, on the scale or beside it."""
        lot = replace(sold.lot, trick=_trick(pitch, sold))
        sold = replace(sold, lot=lot)
        self._tricks[lot.trick.value] += 1
        if sold.shown is Shown.OFF_SCALE:
            self._sums["off_scale"] += 1
            facts = {"trick": lot.trick.value, "plu": lot.goods.plu, "species": lot.true_goods.species}
            prices = {"true_g": lot.true_g, "true_unit_price_fen": lot.true_price_fen}
            self._truth.note("off_scale", datetime.now(UTC), self._where(pitch, market_s) | facts | prices)
            return
        sale = self._sale(pitch, sold, market_s)
        self._truth.write(sale)
        self._sums.update(sales=1, shown=sale.shown, over_cap=sale.over_cap is True, unlisted=sale.over_cap is None)
        self._sums.update(warned=sale.warned, lowered=sale.lowered)
        if self._on_sale is not None:
            self._on_sale(sale)

    def note_breakdown(self, pitch: Pitch, breakdown: Breakdown, market_s: float) -> None:
        """Note that a scale breaks down, and for how many seconds of the market."""
        self._sums["breakdowns"] += 1
        fault = breakdown.fault
        facts = {"fault": fault.kind.value, "market_seconds": round(fault.lasts_s or 0.0)}
        self._truth.note("breakdown", datetime.now(UTC), self._where(pitch, market_s) | facts)

    def note_rotation(self, pitches: Sequence[Pitch], market_s: float) -> None:
        """Note which scales are on these stalls from now on."""
        self._sums["rotations"] += 1
        for pitch in pitches:
            self._truth.note("binding", datetime.now(UTC), self._where(pitch, market_s))

    def _where(self, pitch: Pitch, market_s: float) -> dict[str, object]:
        return {
            "scale_id": pitch.rig.scale_id,
            "stall_id": pitch.record.stall_id,
            "vendor_id": pitch.record.vendor_id,
            "market_time": self._market_time(market_s),
        }

    def _market_time(self, market_s: float) -> str:
        day = self._plan.day
        return "" if day is None else clock(day.opens_s + market_s)

    def _sale(self, pitch: Pitch, sold: Sold, market_s: float) -> Sale:
        lot, goods, true_goods = sold.lot, sold.lot.goods, sold.lot.true_goods
        return Sale(
            n=next(self._numbers),
            scale_id=pitch.rig.scale_id,
            stall_id=pitch.record.stall_id,
            vendor_id=pitch.record.vendor_id,
            plu=goods.plu,
            species=goods.species,
            grade=goods.grade,
            name=goods.name,
            net_g=sold.net_g,
            unit_price_fen=lot.unit_price_fen,
            price_unit=self._plan.price_unit.value,
            amount_fen=sold.amount_fen,
            over_cap=is_over_cap(goods, lot.unit_price_fen, self._plan.price_unit),
            sold_at=datetime.now(UTC),
            shown=sold.shown is Shown.TOTAL,
            trick=lot.trick.value,
            true_g=lot.true_g,
            true_species=true_goods.species,
            true_grade=true_goods.grade,
            true_unit_price_fen=lot.true_price_fen,
            voided=sold.voided,
            warned=sold.warned,
            lowered=sold.lowered,
            market_time=self._market_time(market_s),
        )


def _trick(pitch: Pitch, sold: Sold) -> Trick:
    """A cheating calibration is the scale's, wherever it stands; the other tricks are the vendor's."""
    if sold.lot.trick not in (Trick.NONE, Trick.GAIN):
        return sold.lot.trick
    return Trick.GAIN if pitch.rig.cheats else Trick.NONE
