"""The vendors of a market that sell the same, against each other. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from credit.portrait.figures import Counts, Known, figure
from credit.portrait.policy import PortraitPolicy
from credit.portrait.ranking import LESS_IS_BETTER, quartiles_of, rank_permille
from domain.ids import VendorId
from domain.portrait import Axis, AxisFigure, Lack, Quartiles

_Key = TypeVar("_Key")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Every vendor's figures, and the quartiles of each goods and axis that enough vendors have."""

    figures: Mapping[VendorId, tuple[AxisFigure, ...]]
    quartiles: Mapping[tuple[str, Axis], Quartiles]


def main_goods(net_g: Mapping[str, int]) -> tuple[str | None, int]:
    """Return the category that most was sold of by weight, and how much; of equals the first by name.

    Goods without a category, and those without a weight, make nobody anybody's peer: (None, 0).
    """
    category, weight = max(((one, n) for one, n in sorted(net_g.items()) if one), key=lambda of: of[1], default=("", 0))
    return (category, weight) if weight > 0 else (None, 0)


def compared(
    counts: Mapping[VendorId, Counts], goods: Mapping[VendorId, str | None], policy: PortraitPolicy
) -> Compared:
    """Return each vendor's figures with its rank among the others of its goods."""
    known = {vendor: {axis: figure(axis, of, policy) for axis in Axis} for vendor, of in counts.items()}
    values: dict[tuple[str, Axis], list[int]] = {}
    for vendor, of_vendor in known.items():
        its_goods = goods.get(vendor)
        for axis, one in of_vendor.items():
            if its_goods is not None and one.value is not None:
                values.setdefault((its_goods, axis), []).append(one.value)
    for one_axis in values.values():
        one_axis.sort()
    figures = {
        vendor: tuple(_ranked(axis, one, goods.get(vendor), values, policy) for axis, one in of_vendor.items())
        for vendor, of_vendor in known.items()
    }
    return Compared(figures=figures, quartiles=shown_quartiles(values, policy.peers.at_least))


def shown_quartiles(values: Mapping[_Key, Sequence[int]], peers_at_least: int) -> dict[_Key, Quartiles]:
    """Return the quartiles of figures in ascending order, of those that enough vendors have."""
    return {key: quartiles_of(ordered) for key, ordered in values.items() if len(ordered) > peers_at_least}


def _ranked(
    axis: Axis,
    one: Known,
    its_goods: str | None,
    values: Mapping[tuple[str, Axis], Sequence[int]],
    policy: PortraitPolicy,
) -> AxisFigure:
    everybody = values.get((its_goods, axis), ()) if its_goods is not None else ()
    peers = len(everybody) - (one.value is not None and its_goods is not None)
    lack, rank = one.lack, None
    if lack is None and its_goods is None:
        lack = Lack.NO_GOODS
    if lack is None and peers < policy.peers.at_least:
        lack = Lack.FEW_PEERS
    if lack is None and one.value is not None:
        rank = rank_permille(one.value, everybody, less_is_better=axis in LESS_IS_BETTER)
    return AxisFigure(
        axis=axis, part=one.part, whole=one.whole, value=one.value, rank_permille=rank, peers=peers, lack=lack
    )
