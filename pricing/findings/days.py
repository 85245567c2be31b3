"""A market's day as the rules of days read it: what was weighed, by whom, and what was usual before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.alert import AlertKind, subject_of_scale
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.weighed import Usual, Weighed
from domain.weighing import WeighingKey
from pricing.findings.figures import Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketDay:
    """The weighings of a business day up to `until`, oldest first, by vendor.

    `own_usual` and `market_usual`: of the days before. `counts`: each vendor's weighings in the days that `low_use`
    looks at, this one included, of the vendors who had a scale on all of them; empty until there are so many days.
    `scales`: a scale that each of those vendors has.
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

    `vendor_id` None: it is about a scale or a list, whoever holds it. `scale_id` empty: about a list. It is told of
    once a vendor or scale, kind, species and `told_as_of` (None: the day): a deadline as of the day it belongs to.
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
    told_as_of: date | None = None
    #: Said instead of the figures, where it is no number.
    note: str = ""

    @property
    def subject(self) -> str:
        """Who it is about, as alerts have it."""
        return self.vendor_id or subject_of_scale(self.scale_id)

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
