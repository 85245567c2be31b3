"""The words of the pages for what a merit rests on: the ledger holds the figures alone."""

from collections.abc import Callable
from typing import Final

from domain.credit import CreditEvent, CreditSource
from web.i18n import mark

_OF_A_MONTH: Final = mark(
    "In {month} the market traded on {traded} days; the vendor held a scale on {held} of them, and used one on {used}."
)
_OF_A_PROMISE: Final = mark("Promise {promise}, kept to its end.")
_MONTH, _PROMISE = {"month", "used", "held", "traded"}, {"promise"}


def evidence_in_words(event: CreditEvent, translate: Callable[[str], str]) -> str:
    """Return what proves a line, as it was written; of a merit that the service saw, its figures as a sentence."""
    if event.source is not CreditSource.BONUS:
        return event.evidence
    figures = dict(one.split("=", 1) for one in event.evidence.split() if "=" in one)
    words = {frozenset(_MONTH): _OF_A_MONTH, frozenset(_PROMISE): _OF_A_PROMISE}.get(frozenset(figures))
    return event.evidence if words is None else translate(words).format_map(figures)
