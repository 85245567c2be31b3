"""Rest that has to be said twice: for frames in which nothing, not even their width, tells that a byte was lost."""

from dataclasses import replace

from edge_agent.weighing.readings import Heard, Reading


class SaidTwice:
    """What a scale says. A weight is at rest only when the reading right before it was the same; else it moves."""

    def __init__(self) -> None:
        self._last: Reading | None = None

    def take(self, heard: Heard) -> Heard:
        """Return what is to be believed of it."""
        last, self._last = self._last, heard if isinstance(heard, Reading) else None
        return replace(heard, stable=False) if isinstance(heard, Reading) and heard.stable and heard != last else heard
