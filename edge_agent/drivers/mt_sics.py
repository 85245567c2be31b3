"""MT-SICS, the Mettler Toledo Standard Interface Command Set, and KERN KCP, a dialect of it. Lines end with CR LF.

    SI                       →  S S     100.00 g        stable
                                S D     129.07 g        not stable
                                S I, S +, S -           no weight: not ready, overload, underload
    T, TA, TAC, Z, I2 … I4   →  as `mt_sics_lines.py` lists

A scale takes one command at a time, so the next one waits for the answer, or for the end of its time. Zero and tare
wait for a load at rest (`Z`, `T`); their immediate forms (`ZI`, `TI`) are never sent. The scale does not say by itself
that a tare was keyed at it, so it is asked every second. At power-on it says its serial number unasked.

Source: Mettler Toledo, Reference Manual MT-SICS 11780711; KERN Communications Protocol, reference manual 1.3.8.
"""

from typing import Final

from domain.device_event import EventKind
from domain.units import Fen, Grams
from domain.weighing import TareKind
from edge_agent.drivers import mt_sics_questions as questions
from edge_agent.drivers.lines import Line, LineBuffer
from edge_agent.drivers.metric import UnitWatch
from edge_agent.drivers.mt_sics_dialogue import Dialogue
from edge_agent.drivers.mt_sics_lines import ERRORS, LONGEST_LINE, Answer, read_line
from edge_agent.drivers.mt_sics_questions import PROFILES, SETTLING_S, Profile, Question
from edge_agent.drivers.mt_sics_tare import TareMemory
from edge_agent.drivers.protocol import Command, DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.drivers.twice import SaidTwice
from edge_agent.weighing.readings import Condition, DeviceSaid, Garbage, Heard, Identity, NoWeight, Reading

_ANSWERS: Final = {"unit_not_metric", "decimal_comma", "field_width", "unit_changed"}
_CONDITIONS: Final = {"I": Condition.NOT_READY, "+": Condition.OVERLOAD, "-": Condition.UNDERLOAD}
_COMMANDS: Final = {
    Command.ZERO: (questions.ZERO,),
    Command.TARE: (questions.TARE,),
    Command.CLEAR_TARE: (questions.CLEAR_TARE,),
    Command.IDENTIFY: (*questions.IDENTITY, questions.SERIAL),
}


class MtSicsDriver(ScaleDriver):
    """One scale: what its answers mean, and what is known of its tare and of who it is."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lines = LineBuffer(LONGEST_LINE)
        self.reset()

    def reset(self) -> None:
        """Begin anew: what was left in the line is dropped, the scale is reset (`@`) and asked who it is."""
        self._lines.reset()
        self._identity = Identity()
        self._unit = "g"
        self._units = UnitWatch()
        self._twice = SaidTwice()
        self._begin(questions.RESET, *questions.IDENTITY)

    def _begin(self, *first: Question) -> None:
        self._dialogue = Dialogue(self._profile, *first)
        self._tare = TareMemory()

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:
        """Queue a command; False for a preset tare without its grams, or below nought."""
        if command is Command.PRESET_TARE:
            if tare_g is None or tare_g < 0:
                return False
            self._dialogue.enqueue(questions.preset_tare(tare_g, self._unit))
        elif command is Command.RESET:
            self._begin(questions.RESET)
        else:
            self._dialogue.enqueue(*_COMMANDS[command])
        return True

    def set_price(self, unit_price_fen: Fen | None) -> bool:
        """Ask a scale that speaks of changes only: a load that waited for its price was told already."""
        if unit_price_fen and self._profile.is_stream:
            self._dialogue.weigh_now()
        return True

    def show(self, text: str) -> bool:
        """Queue a text for the scale's display; False for letters it has not got."""
        question = questions.show(text) if text else self._profile.end_show
        if question is not None:
            self._dialogue.enqueue(question)
        return question is not None

    def poll(self, now: float) -> bytes:
        """Return the next command, when the last one was answered or its time is over."""
        missed = self._dialogue.expire(now)
        if missed is not None and missed.name.startswith("T"):
            self._tare.forget()  # it may have been done; only the next answer tells
        return self._dialogue.next(now)

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; at most one line is kept for the next call."""
        found: list[Heard] = []
        for line in self._lines.feed(data):
            for item in read_line(line, self._profile.field_width) if isinstance(line, Line) else [line]:
                believed = self._believed(item)
                found += self._hear_garbage(believed) if isinstance(believed, Garbage) else self._hear(believed)
        return found if self._profile.field_width else [self._twice.take(item) for item in found]

    def _believed(self, item: Answer | Garbage) -> Answer | Garbage:
        if isinstance(item, Garbage) or not item.unit or self._units.believes(item.unit):
            return item
        return Garbage(reason="unit_changed", data=item.line)

    def _hear_garbage(self, garbage: Garbage) -> list[Heard]:
        """A weight in pounds is an answer all the same: the next command need not wait for another one."""
        asked = self._dialogue.take_unreadable(garbage.data) if garbage.reason in _ANSWERS else None
        if asked is not None and asked.name.startswith("T"):
            self._tare.forget()
        return [garbage]

    def _hear(self, answer: Answer) -> list[Heard]:
        if self._dialogue.ends_a_silence():  # another scale, or the same one with another tare
            self._tare.forget()
            self._dialogue.enqueue(*questions.IDENTITY, questions.SERIAL)
        if answer.name == "S":
            return self._hear_weight(answer)
        asked = self._dialogue.take(answer)
        if asked is not None:
            return self._answered(asked, answer)
        if answer.name == "I4" and answer.status == "A" and not self._dialogue.is_late(answer):
            return self._power_on(answer)
        return [Garbage(reason="unasked", data=answer.line)]

    def _hear_weight(self, answer: Answer) -> list[Heard]:
        """A weight is one, asked for or not."""
        self._dialogue.heard_weight()
        if answer.net_g is None:
            if answer.status == "L":
                return [Garbage(reason="error_parameter", data=answer.line)]
            return [NoWeight(_CONDITIONS[answer.status])]
        self._unit = answer.unit
        is_stable = answer.status == "S"
        return [Reading(net_g=answer.net_g, stable=is_stable, tare_g=self._tare.tare_g, tare_kind=self._tare.kind)]

    def _answered(self, asked: Question, answer: Answer) -> list[Heard]:
        if answer.name in ERRORS or answer.status in {"L", "I", "+", "-"}:
            return self._refused(asked, answer)
        match asked.name:
            case "I2" | "I3" | "I4":
                return self._identified(asked, answer)
            case "Z":  # zeroing takes the tare away too
                self._tare.forget()
                self._dialogue.ask_tare_now()
                return [DeviceSaid(kind=EventKind.ZERO)]
            case "T" | "TA" | "TAC":
                return [*self._tared(asked, answer)]
        return []  # D, DW: what was to be shown is shown

    def _refused(self, asked: Question, answer: Answer) -> list[Heard]:
        if asked == questions.ASK_TARE:
            self._tare.forget()
        if answer.name == "ET" or (answer.status == "I" and asked.name.startswith("I")):
            self._dialogue.try_again(asked)
        reason = ERRORS.get(answer.name, "error_parameter" if answer.status == "L" else "not_executed")
        return [Garbage(reason=reason, data=answer.line)]

    def _tared(self, asked: Question, answer: Answer) -> list[DeviceSaid]:
        if asked.name == "TAC":
            return self._tare.set(Grams(0), TareKind.NONE)
        if answer.net_g is None:  # KCP's `T A`: how much, `TA` tells
            self._tare.forget(TareKind.WEIGHED)
            self._dialogue.ask_tare_now()
            return [DeviceSaid(kind=EventKind.TARE)]
        if asked == questions.ASK_TARE:
            return self._tare.told(answer.net_g)
        return self._tare.set(answer.net_g, TareKind.WEIGHED if asked.name == "T" else TareKind.PRESET)

    def _identified(self, asked: Question, answer: Answer) -> list[Heard]:
        known = self._identity
        self._identity = Identity(
            serial=answer.text if asked.name == "I4" else known.serial,
            model=answer.text if asked.name == "I2" else known.model,
            firmware=answer.text if asked.name == "I3" else known.firmware,
        )
        return [self._identity]

    def _power_on(self, answer: Answer) -> list[Heard]:
        self._identity = Identity(serial=answer.text)
        self._begin(*questions.IDENTITY)
        return [DeviceSaid(kind=EventKind.POWER_ON), self._identity]


def _make(options: DriverOptions) -> MtSicsDriver:
    check_profile(options, PROFILES)
    return MtSicsDriver(PROFILES[options.profile])


DRIVER: Final = DriverSpec(
    name="mt_sics",
    title="Mettler Toledo MT-SICS, KERN KCP",
    profiles=tuple(PROFILES),
    price_from=PriceFrom.KEYPAD,
    is_polled=True,
    quiet_s=SETTLING_S + 5,  # while its pan moves: it may be asked for weights at rest only
    make=_make,
)
