"""One protocol's questions to a scale that may not be its own, as a probe puts them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.probe.probe_plan import Asking, may_write, own_question
from edge_agent.weighing.readings import Heard

_IDLE_S: Final = 0.8  # longer than any driver rests between two questions
_GIVE_UP_S: Final = 30.0  # longer than any driver waits for an answer
_KEPT_BACK_AT_MOST: Final = 10
_ENOUGH_ANSWERS: Final = 6
_LONGEST_ASKING_S: Final = 3.0


@dataclass(kw_only=True, slots=True)
class Conversation:
    """A driver asking a scale that may not be its own. Its clock is put forward where it would wait in vain."""

    asking: Asking
    driver: ScaleDriver
    write: Callable[[bytes], None]
    read: Callable[[], bytes]
    silence_s: float
    patience: int
    heard: list[Heard] = field(default_factory=list)
    received: int = 0
    _ahead_s: float = 0.0
    _kept_back: int = 0
    _is_waiting: bool = False

    def hold(self) -> None:
        """Ask and listen until it is clear that somebody answers, or that nobody does."""
        silences, asked_at, ends_at = 0, time.monotonic(), time.monotonic() + _LONGEST_ASKING_S
        while time.monotonic() < ends_at and silences < self.patience and len(self.heard) < _ENOUGH_ANSWERS:
            if self._ask_next():
                asked_at = time.monotonic()
            data = self.read()
            if data:
                self.received += len(data)
                self.heard += self.driver.feed(data)
                asked_at, self._is_waiting = time.monotonic(), False
            elif time.monotonic() - asked_at > (self.silence_s if self._is_waiting else _IDLE_S):
                silences += 1
                asked_at, self._is_waiting = time.monotonic(), False
                self._ahead_s += _GIVE_UP_S

    def _ask_next(self) -> bool:
        own = own_question(self.asking.setup)
        if own is not None:
            question = b"" if self._is_waiting else own
        else:
            question = self.driver.poll(time.monotonic() + self._ahead_s)
        if not question:
            return False
        if not may_write(self.asking.setup, question):
            self._kept_back += 1
            if self._kept_back < _KEPT_BACK_AT_MOST:
                self._ahead_s += _GIVE_UP_S
            return False
        self._is_waiting = True
        self.write(question)
        return True
