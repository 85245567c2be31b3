"""A market's day as the rules of days read it: what was weighed, by whom, and what was usual before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from domain.alert import AlertKind
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import Verdict
from domain.weighing import WeighingKey
from pricing.findings.figures import Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """A stored weighing. `verdict` is None for one that really voids another (`voids_seq`), which is no sale.

    `per_kg_fen`: None where it was priced by the piece; 0 where the scale did not know the price.
    """

    key: WeighingKey
    vendor_id: VendorId
    stall_id: StallId | None
    species: SpeciesCode
    grade: str
    net_g: int
    per_kg_fen: int | None
    verdict: Verdict | None
    voids_seq: int | None = None

    @property
    def goods(self) -> tuple[SpeciesCode, str]:
        """What a price is compared for."""
        return self.species, self.grade


class Usual(NamedTuple):
    """What goods usually cost, in fen for a kg: the median and the quartiles of so many sales."""

    samples: int
    median_fen: int
    lower_fen: int
    upper_fen: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketDay:
    """The weighings of a business day up to `until`, oldest first, by vendor.

    `own_usual` and `market_usual`: of the days before. `counts`: each vendor's weighings in the days `low_use` looks at,
    this one included, of the vendors who had a scale on all of them; empty until there are so many days.
    """

    market_id: MarketId
    day: date
    until: datetime
    by_vendor: Mapping[VendorId, Sequence[Weighed]]
    own_usual: Mapping[tuple[VendorId, SpeciesCode, str], Usual] = field(default_factory=dict)
    market_usual: Mapping[tuple[SpeciesCode, str], Usual] = field(default_factory=dict)
    counts: Mapping[VendorId, int] = field(default_factory=dict)
    scales: Mapping[VendorId, tuple[ScaleId, StallId | None]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a rule saw. `witnesses`: the weighings it rests on; none where it is their absence that was seen.

    `vendor_id` None: it is about a scale or a list, whoever holds it. `scale_id` empty: about a list.
    """

    kind: AlertKind
    market_id: MarketId
    day: date
    at: datetime
    figures: Figures
    scale_id: ScaleId
    vendor_id: VendorId | None = None
    stall_id: StallId | None = None
    species: SpeciesCode = SpeciesCode("")
    witnesses: tuple[WeighingKey, ...] = ()

    @property
    def keys(self) -> tuple[WeighingKey, ...]:
        """Its witnesses; where there are none, a key that is no weighing's, so that it counts as one occurrence."""
        return self.witnesses or (WeighingKey(self.market_id, self.scale_id, JournalId(""), 0, self.at),)


def sales_of(weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return what was sold and stayed so: no voids, and nothing that was voided."""
    voided = voided_by(weighed)
    return [one for one in weighed if one.verdict is not None and one.key[:4] not in voided]


def voided_by(weighed: Sequence[Weighed]) -> set[tuple[MarketId, ScaleId, JournalId, int]]:
    """Return which lines of which journals were voided."""
    return {(*one.key[:3], one.voids_seq) for one in weighed if one.verdict is None and one.voids_seq is not None}


def finding_of(kind: AlertKind, market: MarketDay, witnesses: Sequence[Weighed], figures: Figures) -> Finding:
    """Return a finding about a vendor that rests on some weighings; the species where they are of one."""
    last = witnesses[-1]
    species = {one.species for one in witnesses}
    return Finding(
        kind=kind,
        market_id=market.market_id,
        day=market.day,
        at=last.key.weighed_at,
        figures=figures,
        scale_id=last.key.scale_id,
        vendor_id=last.vendor_id,
        stall_id=last.stall_id,
        species=last.species if len(species) == 1 else SpeciesCode(""),
        witnesses=tuple(one.key for one in witnesses),
    )
