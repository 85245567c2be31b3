"""A strip that shows a day's prices of goods on one scale: quartiles, median, cap, and the day before. Pure.

Places are whole steps of `WIDTH` from the left, so that a template only writes them down.
"""

from dataclasses import dataclass
from typing import Final

from pricing.traded import GoodsTrend

WIDTH: Final = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Where to draw what; None: there is none of it."""

    lower: int
    upper: int
    median: int
    cap: int | None
    before: int | None


def strip_of(goods: GoodsTrend) -> Strip | None:
    """Return the strip of goods; None where no price is known. It begins at nothing and ends a little past the most."""
    today = goods.today
    if today is None or today.lower_fen is None or today.median_fen is None or today.upper_fen is None:
        return None
    cap = today.highest_cap_fen
    before = goods.before.median_fen if goods.before else None
    most = max(today.upper_fen, cap or 0, before or 0)

    def place(price: int) -> int:
        return 4 + price * (WIDTH - 12) // most

    return Strip(
        lower=place(today.lower_fen),
        upper=place(today.upper_fen),
        median=place(today.median_fen),
        cap=None if cap is None else place(cap),
        before=None if before is None else place(before),
    )
