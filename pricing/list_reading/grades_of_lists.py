"""A grade's word and what it means: pieces in 500 g ('大 12–19个/斤'), or the weight of a piece ('≥2斤/条'). Pure."""

import re
from decimal import Decimal
from math import ceil, floor
from typing import Final, NamedTuple

from domain.price_cap import UNTOLD, GradeMeaning

_WORD: Final = re.compile(
    r"(?:特|超|加|中)?(?:大|中|小)(?:号|条|只|个|头|规格)?|特?(?:大|小)中|[特一二三四五六]级|[1-6]级|[A-E]级?"
    r"|[膏肉]蟹|[公母膏肉]|鲜活|冰鲜|[活鲜冻]",
)
_NUMBER: Final = r"\d{1,4}(?:\.\d{1,3})?"
_PIECE: Final = r"(?:个|個|只|条|头|尾|枚|粒|pcs?)"
_SPAN: Final = rf"(?P<sign>[≥≧>≤≦<≈约])?\s*(?P<low>{_NUMBER})\s*(?:[-–—~至到]\s*(?P<high>{_NUMBER}))?\s*"
_SIDE: Final = r"(?P<side>(?:\(含\))?以[上下内])?"
_COUNTED: Final = re.compile(
    rf"{_SPAN}{_PIECE}\s*{_SIDE}\s*(?:/|每)\s*(?P<weight>500\s*(?:克|g)|市?斤|公斤|千克|kg)", re.IGNORECASE
)
_WEIGHED: Final = re.compile(
    rf"{_SPAN}(?P<weight>市?斤|两|克|g|公斤|千克|kg)\s*{_SIDE}\s*(?P<each>(?:/|每)\s*{_PIECE})?\s*(?P<after>以[上下内])?",
    re.IGNORECASE,
)
_GRAMS: Final = {"斤": 500, "市斤": 500, "两": 50, "克": 1, "g": 1, "公斤": 1000, "千克": 1000, "kg": 1000}
_HALF_KG: Final = 500
_AT_LEAST, _AT_MOST = frozenset("≥≧>上"), frozenset("≤≦<下内")


class GradeTold(NamedTuple):
    """A grade as a list names it, and its bounds as far as the list says them."""

    word: str
    meaning: GradeMeaning


def meaning_told(text: str) -> GradeMeaning:
    """Return what a text (made plain) says about a grade; its words are kept as the note whatever was understood.

    An approximate weight ('≈1.9斤/条') sets no bound, and neither does a single number without a sign.
    """
    found = _COUNTED.search(text)
    if found is not None:
        per = _grams(found["weight"])
        least, most = _bounds(found, found["side"])
        return GradeMeaning(
            least_pieces_per_500g=_whole(least, Decimal(_HALF_KG) / per, up=True),
            most_pieces_per_500g=_whole(most, Decimal(_HALF_KG) / per, up=False),
            note=text,
        )
    found = _WEIGHED.search(text)
    if found is not None:
        least, most = _bounds(found, found["side"] or found["after"])
        grams = Decimal(_grams(found["weight"]))
        return GradeMeaning(
            least_piece_g=_whole(least, grams, up=True), most_piece_g=_whole(most, grams, up=False), note=text
        )
    return UNTOLD if not text else GradeMeaning(note=text)


def grade_in_brackets(text: str) -> GradeTold | None:
    """Return the grade that a bracket behind a name holds; None where it holds something else, as an alias."""
    word = _WORD.match(text)
    head = word.group() if word else ""
    rest = text[len(head) :].strip(" :,")
    if not rest:
        return GradeTold(head, UNTOLD) if head else None
    if not _says_how_large(rest):
        return None
    return GradeTold(head or rest, meaning_told(rest))


def grade_in_column(text: str) -> GradeTold:
    """Return what a cell of the grade's own column says; a word nobody knows is a grade too."""
    head, bracket, rest = text.partition("(")
    if bracket and rest.endswith(")") and head.strip():
        return GradeTold(head.strip(), meaning_told(rest[:-1].strip()))
    known = grade_in_brackets(text)
    return known if known is not None else GradeTold(text, UNTOLD)


def _says_how_large(text: str) -> bool:
    if _COUNTED.fullmatch(text):
        return True
    weighed = _WEIGHED.fullmatch(text)
    # A bare weight is as likely what the price is for.
    return weighed is not None and any(weighed[part] for part in ("sign", "high", "side", "each", "after"))


def _bounds(found: "re.Match[str]", side: str | None) -> tuple[Decimal | None, Decimal | None]:
    low, high = Decimal(found["low"]), None if found["high"] is None else Decimal(found["high"])
    if high is not None:
        return (low, high) if low <= high else (None, None)
    which = found["sign"] or (side or "")[-1:]
    return low if which in _AT_LEAST and which else None, low if which in _AT_MOST and which else None


def _whole(bound: Decimal | None, times: Decimal, *, up: bool) -> int | None:
    """Both bounds belong to the grade: the least is rounded up, the most down."""
    if bound is None:
        return None
    whole = ceil(bound * times) if up else floor(bound * times)
    return whole if whole >= 1 else None


def _grams(weight: str) -> int:
    word = weight.lower().replace(" ", "")
    return _HALF_KG if word.startswith("500") else _GRAMS[word]
