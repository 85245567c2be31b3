"""A whole driver to begin a new one from. Copy it and change it from the top down; `docs/drivers.md` is the tour.

Begin with what the device says, byte by byte, and where you know it from. This one is invented:

    host   W CR                        the weight, please
    scale  S +01234 CR LF              S at rest, M moving; grams with their sign
    scale  ? O CR LF                   no weight: O over its range, U under it

Source: none. Yours is a manual with its page, or a capture in `tests/frames/` that says which device it is from.
"""

import re
from typing import Final

from domain.units import Grams
from edge_agent.drivers.lines import LineBuffer
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver, SerialSettings, check_profile
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

ASK_EVERY_S: Final = 0.2
ANSWER_WITHIN_S: Final = 1.0  # then the question is put again: an answer may be lost on the line
LONGEST_LINE: Final = 8  # without CR LF
_QUESTION: Final = b"W\r"

# One expression for each thing the scale may say, whole lines only (`fullmatch`), ASCII digits only.
_WEIGHT: Final = re.compile(rb"(?P<state>[SM]) (?P<grams>[-+]\d{5})")
_NO_WEIGHT: Final = re.compile(rb"\? (?P<why>[OU])")
_WHY: Final = {b"O": Condition.OVERLOAD, b"U": Condition.UNDERLOAD}


class BlueprintDriver(ScaleDriver):
    """The questions to one scale, and its answers."""

    def __init__(self) -> None:
        # It keeps the half line, bounded. `framing.Framer` does so for frames that begin with a byte of their own.
        self._lines = LineBuffer(LONGEST_LINE)
        self._due_at = 0.0
        self._has_answered = False

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port, in any pieces: whatever is heard depends on the bytes, never on the cuts."""
        return [line if isinstance(line, Garbage) else self._take(line.data) for line in self._lines.feed(data)]

    def reset(self) -> None:
        """Forget the half frame and the question: the port was opened again, and the scale may have restarted."""
        self._lines.reset()
        self._due_at, self._has_answered = 0.0, False

    def poll(self, now: float) -> bytes:
        """Ask when it is time. A driver whose scale sends by itself leaves this method out, and `is_polled` too."""
        if self._has_answered:  # `feed` has no clock, so the pause after an answer begins here
            self._has_answered, self._due_at = False, now + ASK_EVERY_S
        if now < self._due_at:
            return b""
        self._due_at = now + ANSWER_WITHIN_S
        return _QUESTION

    def _take(self, answer: bytes) -> Heard:
        if (weight := _WEIGHT.fullmatch(answer)) is not None:
            self._has_answered = True
            # `stable` is the scale's own word; leave it None where the protocol has none. Whole grams, never floats.
            return Reading(net_g=Grams(int(weight["grams"])), stable=weight["state"] == b"S")
        if (why := _NO_WEIGHT.fullmatch(answer)) is not None:
            self._has_answered = True
            return NoWeight(_WHY[why["why"]])  # never a weight of 0: that is what an empty pan says
        # What is no frame is counted by its reason: few words, always the same.
        return Garbage(reason="not_an_answer", data=answer)


def _make(options: DriverOptions) -> ScaleDriver:
    """Refuse with ValueError what the protocol cannot do, before any port is opened."""
    check_profile(options, DRIVER.profiles)
    return BlueprintDriver()


# The registry takes this. A clone that differs is a profile: one more name here, and what differs in a table.
DRIVER: Final = DriverSpec(
    name="blueprint",
    title="Blueprint",
    profiles=("standard",),
    serial=SerialSettings(baud=9600),
    price_from=PriceFrom.KEYPAD,
    is_polled=True,
    make=_make,
)
