"""How long to wait before trying again: doubling up to a ceiling, with jitter so that agents do not come in step."""

from typing import Final

_LARGEST_DOUBLING: Final = 16
_JITTER: Final = 0.25


def delay_s(attempt: int, *, first_s: float, ceiling_s: float, chance: float) -> float:
    """Return the seconds to wait after `attempt` failures in a row (0: the first).

    `chance` is a random number in [0, 1): the answer is the doubled time, or the ceiling, and up to a quarter more.
    """
    full = min(ceiling_s, first_s * (1 << min(attempt, _LARGEST_DOUBLING)))
    return full * (1 + _JITTER * chance)
