"""From judged weighings to alerts: one lead a vendor, kind, species and business day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.alert import AlertKind, subject_of_scale
from domain.ids import SpeciesCode, StallId, VendorId
from domain.price_cap import CapUnit
from domain.weighing import WeighingKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One weighing that a rule saw something in. `vendor_id` is None where no vendor is bound to the scale."""

    key: WeighingKey
    kind: AlertKind
    vendor_id: VendorId | None
    stall_id: StallId | None
    species: SpeciesCode
    business_day: date
    excess_fen: int = 0
    excess_permille: int = 0
    cap_fen: int | None = None
    cap_unit: CapUnit | None = None
    overcharge_fen: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """The occurrences that belong in one alert, oldest first, and the worst of them."""

    occurrences: tuple[Occurrence, ...]
    worst: Occurrence

    @property
    def overcharge_fen(self) -> int:
        """Money above the cap, all occurrences together."""
        return sum(occurrence.overcharge_fen for occurrence in self.occurrences)


def gather(occurrences: Iterable[Occurrence]) -> list[Lead]:
    """Group occurrences into leads, in an order that is the same for every worker (locks are taken in it)."""
    groups: dict[tuple[str, ...], list[Occurrence]] = {}
    for occurrence in occurrences:
        groups.setdefault(_same_alert(occurrence), []).append(occurrence)
    return [_lead(groups[key]) for key in sorted(groups)]


def _lead(occurrences: list[Occurrence]) -> Lead:
    ordered = sorted(occurrences, key=lambda occurrence: (occurrence.key.weighed_at, occurrence.key))
    return Lead(occurrences=tuple(ordered), worst=max(ordered, key=lambda one: (one.excess_permille, one.excess_fen)))


def _same_alert(occurrence: Occurrence) -> tuple[str, ...]:
    subject = occurrence.vendor_id or subject_of_scale(occurrence.key.scale_id)
    return (
        occurrence.key.market_id,
        subject,
        occurrence.kind,
        occurrence.species,
        occurrence.business_day.isoformat(),
    )
