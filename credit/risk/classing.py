"""The classes of a market's vendors: by points, no better than the data allows, within the shares of a class. Pure."""

from collections.abc import Sequence
from typing import Final

from credit.risk.policy import RiskPolicy
from domain.risk import Assessed, Classed, ClassedBecause, DataBasis
from domain.supervision_item import RiskClass

_ORDER: Final = tuple(RiskClass)
_PERMILLE: Final = 1000


def classed(market: Sequence[Assessed], policy: RiskPolicy) -> list[Classed]:
    """Return the class of each vendor of a market, in the order given.

    Where more vendors reach a class than its share allows, those with the fewest points go to the class below; who has
    as many points as one who has to go goes too, so that no two vendors with the same points are treated differently.
    """
    by_points = [one.by_points for one in market]
    limited = _within_shares(market, by_points, policy) if len(market) >= policy.shares.from_vendors else by_points
    return [_one(one, of_shares, policy) for one, of_shares in zip(market, limited, strict=True)]


def _one(one: Assessed, of_shares: RiskClass, policy: RiskPolicy) -> Classed:
    default = policy.data.default_class
    if one.basis is not DataBasis.ENOUGH and _ORDER.index(of_shares) < _ORDER.index(default):
        return Classed(assessed=one, risk_class=default, because=ClassedBecause.DATA)
    because = ClassedBecause.POINTS if of_shares is one.by_points else ClassedBecause.SHARE
    return Classed(assessed=one, risk_class=of_shares, because=because)


def _within_shares(market: Sequence[Assessed], by_points: Sequence[RiskClass], policy: RiskPolicy) -> list[RiskClass]:
    classes = list(by_points)
    for risk_class in reversed(_ORDER[1:]):
        permille = policy.shares.most_permille.get(risk_class)
        if permille is None:
            continue
        members = [n for n, one in enumerate(classes) if one is risk_class]
        allowed = -(-len(market) * permille // _PERMILLE)
        below = _ORDER[_ORDER.index(risk_class) - 1]
        for n in _who_goes(market, members, allowed, policy.shares.never_from_points):
            classes[n] = below
    return classes


def _who_goes(market: Sequence[Assessed], members: Sequence[int], allowed: int, never_from: int) -> list[int]:
    if len(members) <= allowed:
        return []
    ranked = sorted(members, key=lambda n: -market[n].points)
    edge = market[ranked[allowed]].points
    return [n for n in members if market[n].points <= edge and market[n].points < never_from]
