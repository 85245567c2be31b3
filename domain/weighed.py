"""A stored weighing as the rules of days read it, and what goods usually cost."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.ids import SpeciesCode, StallId, VendorId
from domain.price_cap import Verdict
from domain.weighing import WeighingKey


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
    received_at: datetime
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
