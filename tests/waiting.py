"""Waiting for something to become true, with a deadline instead of a guess how long it takes."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, what: str, within_s: float = 30.0, every_s: float = 0.02) -> None:
    """Return as soon as `condition()` is true; fail with `what` was awaited when it never is."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within_s} s in vain: {what}")
        time.sleep(every_s)
