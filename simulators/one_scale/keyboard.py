"""Keys of a terminal as deeds at a scale. Pure: a character in, what it does out.

Digits (and a point for a price) are typed first, then the key that takes them:

g   put so many grams on the pan      +   100 g more, or as many as typed      z   zero
y   key a unit price in yuan          -   100 g less, or as many as typed      =   total (Enter too)
t   key a tare in grams               r   take everything off                  s   silence, and again for none
p   key a PLU                         Backspace  take the last digit back      q   end
"""

from typing import Final

from simulators.faults import Fault, FaultKind
from simulators.one_scale.script import parse_step
from simulators.one_scale.steps import Deed, HaveFault, Put, Repeat, Total, Wait, WaitStable, Zero

QUIT_KEYS: Final = "q\x03\x04"
HELP: Final = (
    "digits, then g grams  y price in yuan  t tare  p PLU  + more  - less;  r remove  z zero  = total  s silence  q end"
)
_LONGEST_ENTRY: Final = 32
_TAKES_ENTRY: Final = {"g": ("put", ""), "y": ("price", ""), "t": ("tare", "0"), "p": ("plu", "")}
_TAKES_SIGNED: Final = {"+": "", "-": "-"}
_USUAL_STEP_G: Final = "100"


class Keyboard:
    """What was typed and not yet taken. `entry` is for showing; `problem` is what the last key could not do."""

    def __init__(self) -> None:
        self.entry = ""
        self.problem = ""
        self._is_silent = False

    def press(self, key: str) -> list[Deed]:
        """Take one character, and return what is to be done."""
        self.problem = ""
        if key in "0123456789.":
            self.entry = (self.entry + key)[:_LONGEST_ENTRY]
            return []
        if key in "\x7f\b":
            self.entry = self.entry[:-1]
            return []
        entry, self.entry = self.entry, ""
        if key in _TAKES_ENTRY:
            word, usual = _TAKES_ENTRY[key]
            return self._step(word, entry or usual)
        if key in _TAKES_SIGNED:
            return self._step("add", _TAKES_SIGNED[key] + (entry or _USUAL_STEP_G))
        return self._plain(key)

    def _step(self, word: str, value: str) -> list[Deed]:
        try:
            step = parse_step([word, *value.split()])
        except ValueError as error:
            self.problem = str(error)
            return []
        return [] if isinstance(step, Wait | WaitStable | Repeat) else [step]

    def _plain(self, key: str) -> list[Deed]:
        if key == "s":
            self._is_silent = not self._is_silent
            return [HaveFault(Fault(kind=FaultKind.SILENCE if self._is_silent else FaultKind.NONE))]
        plain: dict[str, Deed] = {"r": Put(0), "z": Zero(), "=": Total(), "\r": Total(), "\n": Total()}
        if key not in plain:
            self.problem = f"no key {key!r}; {HELP}"
            return []
        return [plain[key]]
