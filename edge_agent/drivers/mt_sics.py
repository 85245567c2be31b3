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

from collections import deque
from typing import Final

from domain.device_event import EventKind
from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers import mt_sics_questions as questions
from edge_agent.drivers.lines import Line, LineBuffer
from edge_agent.drivers.mt_sics_lines import ERRORS, LONGEST_LINE, Answer, read_line
from edge_agent.drivers.mt_sics_questions import PROFILES, Profile, Question
from edge_agent.drivers.mt_sics_tare import TareMemory
from edge_agent.drivers.protocol import Command, DriverOptions, DriverSpec, PriceFrom, ScaleDriver
from edge_agent.readings import Condition, DeviceSaid, Garbage, Heard, Identity, NoWeight, Reading

_ASK_TARE_EVERY_S: Final = 1.0
_MAX_TARE_REFUSALS: Final = 3  # one may be noise on the line; a scale without TA refuses them all
_SILENT_AFTER: Final = 2
_ANSWERS: Final = {"unit_not_metric", "decimal_comma"}
_CONDITIONS: Final = {"I": Condition.NOT_READY, "+": Condition.OVERLOAD, "-": Condition.UNDERLOAD}
_COMMANDS: Final = {
    Command.ZERO: (questions.ZERO,),
    Command.TARE: (questions.TARE,),
    Command.CLEAR_TARE: (questions.CLEAR_TARE,),
    Command.IDENTIFY: (*questions.IDENTITY, questions.SERIAL),
    Command.RESET: (questions.RESET,),
}


class MtSicsDriver(ScaleDriver):
    """The dialogue with one scale."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lines = LineBuffer(LONGEST_LINE)
        self.reset()

    def reset(self) -> None:
        """Begin anew: what was left in the line is dropped, the scale is reset (`@`) and asked who it is."""
        self._lines.reset()
        self._identity = Identity()
        self._unit = "g"
        self._begin(questions.RESET, *questions.IDENTITY)

    def _begin(self, *first: Question) -> None:
        self._queue = deque(first)
        self._asked: Question | None = None
        self._may_come_late = ""
        self._answer_until = 0.0
        self._tare = TareMemory()
        self._tare_refusals = 0
        self._ask_tare_at: float | None = None
        self._weigh_at: float | None = None
        self._has_weighed = False
        self._misses = 0

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:
        """Queue a command. Raise ValueError for a preset tare without its grams, or below nought."""
        if command is Command.PRESET_TARE:
            if tare_g is None or tare_g < 0:
                raise ValueError(f"tare_g is {tare_g!r}; a preset tare needs its grams")
            self._enqueue(questions.preset_tare(tare_g, self._unit))
            return True
        if command is Command.RESET:
            self._begin()
        for question in _COMMANDS[command]:
            self._enqueue(question)
        return True

    def show(self, text: str) -> bool:
        """Queue a text for the scale's display; False for letters it has not got."""
        question = questions.show(text) if text else self._profile.end_show
        if question is not None:
            self._enqueue(question)
        return question is not None

    def poll(self, now: float) -> bytes:
        """Return the next command, when the last one was answered or its time is over."""
        if self._has_weighed and self._profile.is_stream:
            self._weigh_at = now + self._profile.every_s
        self._has_weighed = False
        if self._asked is not None:
            if now < self._answer_until:
                return b""
            self._miss(self._asked)
        question = self._next(now)
        if question is None:
            return b""
        self._asked, self._answer_until = question, now + question.reply_s
        return question.frame

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; at most one line is kept for the next call."""
        found: list[Heard] = []
        for line in self._lines.feed(data):
            for item in read_line(line) if isinstance(line, Line) else [line]:
                found += self._hear_garbage(item) if isinstance(item, Garbage) else self._hear(item)
        return found

    def _next(self, now: float) -> Question | None:
        if self._queue:
            return self._queue.popleft()
        may_ask_tare = self._tare_refusals < _MAX_TARE_REFUSALS
        if may_ask_tare and (self._ask_tare_at is None or now >= self._ask_tare_at):
            self._ask_tare_at = now + _ASK_TARE_EVERY_S
            return questions.ASK_TARE
        if self._weigh_at is None or now >= self._weigh_at:
            self._weigh_at = now + self._profile.every_s
            return self._profile.weigh
        return None

    def _enqueue(self, question: Question) -> None:
        """The newest of a kind stands for it: a hundred taps on one key are one command."""
        waiting = [other for other in self._queue if (other.name, other.line[:1]) != (question.name, question.line[:1])]
        self._queue = deque([*waiting, question])

    def _miss(self, question: Question) -> None:
        """No answer in time: ask again, or let it be. What a tare then is, only the next answer tells."""
        self._asked = None
        self._misses += question.name == "S"
        self._may_come_late = question.name
        if question == questions.ASK_TARE:
            self._tare_refusals += 1
        if question.name.startswith("T"):
            self._tare.forget()
        self._try_again(question)

    def _try_again(self, question: Question) -> None:
        if question.tries > 1:
            once_less = Question(
                line=question.line, name=question.name, reply_s=question.reply_s, tries=question.tries - 1
            )
            self._queue.appendleft(once_less)

    def _hear_garbage(self, garbage: Garbage) -> list[Heard]:
        """A weight in pounds is an answer all the same: the next command need not wait for another one."""
        asked = self._asked
        if asked and garbage.reason in _ANSWERS and garbage.data.startswith(asked.name.encode("ascii") + b" "):
            self._asked, self._misses = None, 0
            if asked.name.startswith("T"):
                self._tare.forget()
        return [garbage]

    def _hear(self, answer: Answer) -> list[Heard]:
        self._come_back()
        if answer.name == "S":
            return self._hear_weight(answer)
        asked, self._asked = self._asked, None
        if asked is not None and (answer.name == asked.name or answer.name in ERRORS):
            heard = self._answered(asked, answer)
            self._may_come_late = "" if self._may_come_late != asked.name else self._may_come_late
            return heard
        self._asked = asked
        if answer.name == "I4" and answer.status == "A" and self._may_come_late != "I4":
            return self._power_on(answer)
        return [Garbage(reason="unasked", data=answer.line)]

    def _come_back(self) -> None:
        """After a silence it may be another scale, or the same one switched on again, with another tare."""
        if self._misses >= _SILENT_AFTER and not any(question.name == "I4" for question in self._queue):
            self._tare.forget()
            self._tare_refusals = 0
            for question in (*questions.IDENTITY, questions.SERIAL):
                self._enqueue(question)
        self._misses = 0

    def _hear_weight(self, answer: Answer) -> list[Heard]:
        """A weight is one, asked for or not; it ends the waiting for one."""
        self._has_weighed = True
        if self._asked is not None and self._asked.name == "S":
            self._asked, self._may_come_late = None, ""
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
                self._ask_tare_at = None
                return [DeviceSaid(kind=EventKind.ZERO)]
            case "T" | "TA" | "TAC":
                return [*self._tared(asked, answer)]
        return []  # D, DW: what was to be shown is shown

    def _refused(self, asked: Question, answer: Answer) -> list[Heard]:
        if asked == questions.ASK_TARE and answer.name != "ET":
            self._tare_refusals += answer.status != "I"
            self._tare.forget()
        if answer.name == "ET" or (answer.status == "I" and asked.name.startswith("I")):
            self._try_again(asked)
        reason = ERRORS.get(answer.name, "error_parameter" if answer.status == "L" else "not_executed")
        return [Garbage(reason=reason, data=answer.line)]

    def _tared(self, asked: Question, answer: Answer) -> list[DeviceSaid]:
        if asked.name == "TAC":
            return self._tare.set(Grams(0), TareKind.NONE)
        if answer.net_g is None:  # KCP's `T A`: how much, `TA` tells
            self._tare.forget(TareKind.WEIGHED)
            self._ask_tare_at = None
            return [DeviceSaid(kind=EventKind.TARE)]
        if asked == questions.ASK_TARE:
            self._tare_refusals = 0
            return self._tare.told(answer.net_g)
        return self._tare.set(answer.net_g, TareKind.WEIGHED if asked.name == "T" else TareKind.PRESET)

    def _identified(self, asked: Question, answer: Answer) -> list[Heard]:
        known = self._identity
        self._identity = Identity(
            serial=answer.text if asked.name == "I4" else known.serial,
            model=answer.text if asked.name == "I2" else known.model,
            firmware=answer.text if asked.name == "I3" else known.firmware,
        )
        if asked.line == "@":  # it ends a stream, and on some models takes the tare away
            self._tare.forget()
            self._ask_tare_at = self._weigh_at = None
        return [self._identity]

    def _power_on(self, answer: Answer) -> list[Heard]:
        self._identity = Identity(serial=answer.text)
        self._begin(*questions.IDENTITY)
        return [DeviceSaid(kind=EventKind.POWER_ON), self._identity]


def _make(options: DriverOptions) -> MtSicsDriver:
    if options.profile not in PROFILES:
        raise ValueError(f"profile is {options.profile!r}; expected one of {', '.join(PROFILES)}")
    return MtSicsDriver(PROFILES[options.profile])


DRIVER: Final = DriverSpec(
    name="mt_sics",
    title="Mettler Toledo MT-SICS, KERN KCP",
    profiles=tuple(PROFILES),
    price_from=PriceFrom.KEYPAD,
    is_polled=True,
    make=_make,
)
