"""What is said to an MT-SICS scale, and how it is asked for weights: one profile a dialect or habit. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.units import Grams
from edge_agent.drivers.mt_sics_lines import FIELD_WIDTH
from edge_agent.drivers.protocol import READ_EVERY_S

# A balance waits so long for its load to rest before it answers S, Z or T with "not executable", or less.
SETTLING_S: Final = 15.0
_AT_ONCE_S: Final = 2.0
_MAX_TEXT: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One command. `name` is what its answer begins with; without an answer in `reply_s` it is asked `tries` times."""

    line: str
    name: str
    reply_s: float = _AT_ONCE_S
    tries: int = 2

    @property
    def frame(self) -> bytes:
        """The bytes on the line."""
        return self.line.encode("ascii") + b"\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """How a scale is asked for weights: again `every_s`, or, where it sends by itself, after so long a silence.

    `field_width`: in how many characters it writes a weight; None where that is not sure: rest has to be said twice.
    """

    weigh: Question
    every_s: float
    is_stream: bool = False
    field_width: int | None = FIELD_WIDTH
    end_show: Question


ZERO: Final = Question(line="Z", name="Z", reply_s=SETTLING_S)
TARE: Final = Question(line="T", name="T", reply_s=SETTLING_S)
ASK_TARE: Final = Question(line="TA", name="TA", tries=1)
CLEAR_TARE: Final = Question(line="TAC", name="TAC")
RESET: Final = Question(line="@", name="I4")
SERIAL: Final = Question(line="I4", name="I4")
IDENTITY: Final = (Question(line="I2", name="I2"), Question(line="I3", name="I3"))
_END_SHOW: Final = Question(line="DW", name="DW")
_END_SHOW_KCP: Final = Question(line='D " "', name="D")


def _weigh(line: str, reply_s: float) -> Question:
    return Question(line=line, name="S", reply_s=reply_s, tries=1)


# SI is what is polled: its answers say themselves whether they are stable, so nothing is lost to S, which would hold
# back live weights, zeroing and taring until the load rests. A scale that has no SI is asked with `stable`.
# SR alone is silent about a load that changes less than the scale's own threshold (12.5 % or 30 d), so it is asked
# again: each time, the scale begins with the weight it has. `loose` is for clones that write weights in another width.
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "standard": Profile(weigh=_weigh("SI", 1.0), every_s=READ_EVERY_S, end_show=_END_SHOW),
        "repeat": Profile(weigh=_weigh("SIR", 1.0), every_s=2.0, is_stream=True, end_show=_END_SHOW),
        "on_change": Profile(weigh=_weigh("SR", SETTLING_S), every_s=5.0, is_stream=True, end_show=_END_SHOW),
        "stable": Profile(weigh=_weigh("S", SETTLING_S), every_s=READ_EVERY_S, end_show=_END_SHOW),
        "kcp": Profile(weigh=_weigh("SI", 1.0), every_s=READ_EVERY_S, end_show=_END_SHOW_KCP),
        "loose": Profile(weigh=_weigh("SI", 1.0), every_s=READ_EVERY_S, field_width=None, end_show=_END_SHOW),
    }
)


def preset_tare(tare_g: Grams, unit: str) -> Question:
    """Return the question that sets a tare, in the unit the scale weighs in (it takes no other)."""
    if unit == "kg":
        return Question(line=f"TA {tare_g // 1000}.{tare_g % 1000:03d} kg", name="TA")
    return Question(line=f"TA {tare_g * 1000} mg" if unit == "mg" else f"TA {tare_g} g", name="TA")


def show(text: str) -> Question | None:
    """Return the question that shows a text, cut to what a display may hold; None for what its letters cannot write."""
    if not (text.isascii() and text.isprintable()):
        return None
    quoted = text.replace('"', "'")[:_MAX_TEXT]
    return Question(line=f'D "{quoted}"', name="D")
