"""Whether what is stored of a sale speaks for itself, so that it can be paid on the spot. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.price_cap import Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What is known of a sale: how its price was judged, whether it was taken back, and what fair scales showed."""

    verdicts: frozenset[str]
    is_voided: bool
    is_short: bool


def is_clear(seen: Iterable[Seen]) -> bool:
    """Say whether a sale that stands was above the cap, or short on the fair scale. It says nothing of any blame."""
    return any(not one.is_voided and (Verdict.OVER in one.verdicts or one.is_short) for one in seen)
