"""What trade proposes as the wholesale reference that tomorrow's caps are calculated from. It never decides. Pure.

A cap is reference x (1 + allowance) x (1 + markup). So the reference that makes today's median price tomorrow's cap
is the median without both. Where no rate is in force for the category, goods are proposed at their median: nothing says
what of it is markup.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from db.reference_proposals import Rate, Reference, SpeciesWords
from domain.ids import SpeciesCode
from pricing.traded import GoodsTrend

_THOUSAND: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """Goods with what they traded at, what is proposed, and what is there. Prices in fen per kg, or per piece.

    `rate` None: no markup is in force for the category, so the median is proposed as it is.
    """

    species: SpeciesWords
    grade: str
    by_piece: bool
    weighings: int
    median_fen: int
    proposed_fen: int
    rate: Rate | None
    published: Reference | None

    @property
    def price_unit(self) -> str:
        """What its prices are for, as references say it."""
        return "piece" if self.by_piece else "kg"


def proposals_of(
    trends: Iterable[GoodsTrend],
    *,
    words: Mapping[SpeciesCode, SpeciesWords],
    rates: Mapping[str, Rate],
    published: Iterable[Reference],
) -> list[Proposal]:
    """Return a proposal for all goods of a known species that were sold at a known price."""
    there = {(one.species_code, one.grade): one for one in published}
    proposals = []
    for trend in trends:
        species = words.get(trend.species_code)
        if species is None or trend.today is None or trend.today.median_fen is None:
            continue
        rate = rates.get(species.category)
        proposals.append(
            Proposal(
                species=species,
                grade=trend.grade,
                by_piece=trend.by_piece,
                weighings=trend.today.weighings,
                median_fen=trend.today.median_fen,
                proposed_fen=proposed_reference(trend.today.median_fen, rate),
                rate=rate,
                published=there.get((trend.species_code, trend.grade)),
            )
        )
    return proposals


def proposed_reference(median_fen: int, rate: Rate | None) -> int:
    """Return the reference that makes a median price a cap, rounded half up to the fen; 1 at least."""
    if rate is None:
        return median_fen
    times = (_THOUSAND + rate.allowance_permille) * (_THOUSAND + rate.markup_permille)
    return max(1, (2 * median_fen * _THOUSAND * _THOUSAND + times) // (2 * times))
