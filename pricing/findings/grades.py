"""Whether pieces of the wrong size made goods dearer. Pure.

A list may cap the medium above the large (石头鱼), so nothing follows from sizes alone: what counts is whether the
grade that the pieces belong to has a cap that the price is above.
"""

from collections.abc import Iterable
from typing import Final

from domain.price_cap import GradeMeaning, PriceCap

_PERMILLE: Final = 1000
_HALF_KG_G: Final = 500


def fits(meaning: GradeMeaning, pieces: int, net_g: int, slack_permille: int = 0) -> bool:
    """Say whether so many pieces of this weight belong to a grade; one whose bounds are not told fits nothing."""
    if not meaning.is_told or pieces <= 0 or net_g <= 0:
        return False
    more, less = _PERMILLE + slack_permille, _PERMILLE - slack_permille
    per_500g, net = pieces * _HALF_KG_G * _PERMILLE, net_g * _PERMILLE
    return (
        (meaning.most_pieces_per_500g is None or per_500g <= meaning.most_pieces_per_500g * net_g * more)
        and (meaning.least_pieces_per_500g is None or per_500g >= meaning.least_pieces_per_500g * net_g * less)
        and (meaning.least_piece_g is None or net >= meaning.least_piece_g * pieces * less)
        and (meaning.most_piece_g is None or net <= meaning.most_piece_g * pieces * more)
    )


def is_dearer_for_it(
    declared: PriceCap, of_the_list: Iterable[PriceCap], *, pieces: int, net_g: int, price_fen: int, slack_permille: int
) -> bool:
    """Say whether goods that are not of the declared grade cost more than those they are may.

    `price_fen` is per the cap's unit. Where no other grade of the list fits them, the declared one is wrong all the
    same, and somebody has to look.
    """
    others = [
        one
        for one in of_the_list
        if one.species == declared.species
        and one.grade != declared.grade
        and fits(one.meaning, pieces, net_g, slack_permille)
    ]
    if not others:
        return True
    return all(one.cap_fen is not None and one.unit is declared.unit and price_fen > one.cap_fen for one in others)
