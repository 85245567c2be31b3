"""Hold what was stored against what the simulator itself says it sold. Pure.

What is expected comes from the truth file alone: nothing of the code under test has a say in it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from db.weighings import StoredSale
from domain.price_cap import Verdict
from simulators.market.truth import Sale

_Facts = tuple[str, str, str, str, int, int, str, int]

#: What the simulator knows of a sale, as the rule must say it: its goods are capped, or in no list at all.
_EXPECTED = {True: Verdict.OVER, False: Verdict.WITHIN, None: Verdict.UNLISTED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """Sales the simulator made that are not stored, stored ones it did not make, and how the verdicts compare."""

    sold: int
    stored: int
    missing: int
    doubled: int
    over_cap_expected: int
    over_cap_found: int
    judged_wrongly: int
    out_of_order: int

    @property
    def is_clean(self) -> bool:
        """Whether everything sold is stored once, in order, and judged as the simulator knows it."""
        faults = self.missing + self.doubled + self.judged_wrongly + self.out_of_order
        return faults == 0 and self.over_cap_expected == self.over_cap_found


def check(truth: Sequence[Sale], stored: Sequence[StoredSale]) -> Check:
    """Compare both records sale by sale, not only by their numbers."""
    sold, found = Counter(map(_sold_facts, truth)), Counter(map(_stored_facts, stored))
    return Check(
        sold=len(truth),
        stored=len(stored),
        missing=(sold - found).total(),
        doubled=(found - sold).total(),
        over_cap_expected=sum(sale.over_cap is True for sale in truth),
        over_cap_found=sum(sale.verdict == Verdict.OVER for sale in stored),
        judged_wrongly=_judged_wrongly(truth, stored),
        out_of_order=_out_of_order(truth, stored),
    )


def _judged_wrongly(truth: Sequence[Sale], stored: Sequence[StoredSale]) -> int:
    """Count sales that are in both records but not with the verdict that the simulator's knowledge calls for."""
    sold, found = Counter(map(_sold_facts, truth)), Counter(map(_stored_facts, stored))
    expected = Counter((_sold_facts(sale), str(_EXPECTED[sale.over_cap])) for sale in truth)
    judged = Counter((_stored_facts(sale), str(sale.verdict)) for sale in stored)
    return (sold & found).total() - (expected & judged).total()


def _out_of_order(truth: Sequence[Sale], stored: Sequence[StoredSale]) -> int:
    """Count scales whose sales are not stored in the order they were made."""
    sold_by_scale: dict[str, list[_Facts]] = {}
    for sale in truth:
        sold_by_scale.setdefault(sale.scale_id, []).append(_sold_facts(sale))
    found_by_scale: dict[str, list[_Facts]] = {}
    for one in stored:
        found_by_scale.setdefault(one.scale_id, []).append(_stored_facts(one))
    return sum(sold_by_scale.get(scale) != found_by_scale.get(scale) for scale in {*sold_by_scale, *found_by_scale})


def _sold_facts(sale: Sale) -> _Facts:
    goods = (sale.scale_id, sale.plu, sale.species, sale.grade)
    return (*goods, sale.net_g, sale.unit_price_fen, sale.price_unit, sale.amount_fen)


def _stored_facts(sale: StoredSale) -> _Facts:
    goods = (sale.scale_id, sale.plu, sale.species_code, sale.grade)
    return (*goods, sale.net_g, sale.unit_price_fen, sale.price_unit, sale.amount_fen)
