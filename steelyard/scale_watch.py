"""Watching a scale in a terminal or a pipe, and telling it something."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, TextIO

import typer

from domain.device_event import EventKind
from domain.errors import RuleViolation, Unavailable
from domain.units import Grams
from edge_agent.drivers.protocol import Command
from edge_agent.probe.at_hand import ScaleAtHand
from edge_agent.weighing.readings import DeviceSaid, Garbage, Heard, Identity, NoWeight, Reading
from steelyard.scale_words import as_json, in_words

_IN_PLACE: Final = "\r\x1b[2K"  # to the line's begin, and clear it
_FIRST_WORD_S: Final = 3.0
_CONFIRMED_BY: Final = {
    Command.ZERO: EventKind.ZERO,
    Command.TARE: EventKind.TARE,
    Command.PRESET_TARE: EventKind.TARE,
    Command.CLEAR_TARE: EventKind.TARE,
}


class Watch:
    """What a scale says, one line each; on a terminal, live weights take each other's place."""

    def __init__(self, at_hand: ScaleAtHand, out: TextIO, *, as_json: bool) -> None:
        self._at_hand, self._out, self._as_json = at_hand, out, as_json
        self._is_terminal = out.isatty() and not as_json
        self._line_is_open = False
        self._problem = ""
        self._counts: Counter[str] = Counter()

    @property
    def has_understood(self) -> bool:
        """Whether anything that came was more than garbage."""
        return self._counts["understood"] > 0

    def run(self, stop: threading.Event, *, count: int | None, seconds: float | None) -> None:
        """Show what comes until enough came. Raise Unavailable where the port cannot be opened to begin with."""
        self._at_hand.open()
        began = time.monotonic()
        try:
            while not stop.is_set() and (seconds is None or time.monotonic() - began < seconds):
                for item in self._at_hand.hear():
                    self._show(item, time.monotonic() - began)
                    if self._counts.total() == count:
                        return
                self._say_where_lost()
        finally:
            self._at_hand.close()
            self._end(time.monotonic() - began)

    def _show(self, item: Heard, elapsed_s: float) -> None:
        self._counts["garbage" if isinstance(item, Garbage) else "understood"] += 1
        if self._as_json:
            self._write(json.dumps(as_json(item, elapsed_s), ensure_ascii=False) + "\n")
        elif self._is_terminal and isinstance(item, Reading | NoWeight):
            self._write(_IN_PLACE + in_words(item))
            self._line_is_open = True
        else:
            self._end_line()
            self._write(in_words(item) + "\n")

    def _say_where_lost(self) -> None:
        if self._at_hand.problem and not self._problem:
            self._end_line()
            typer.echo(f"the port is lost: {self._at_hand.problem}; trying again …", err=True)
        self._problem = self._at_hand.problem

    def _end(self, elapsed_s: float) -> None:
        self._end_line()
        if not self._as_json:
            counts = f"{self._counts['understood']} understood, {self._counts['garbage']} garbage"
            silent = "" if self._counts else "; the scale said nothing: wrong settings, wrong port, or switched off?"
            typer.echo(f"{counts} in {elapsed_s:.1f} s{silent}", err=True)

    def _end_line(self) -> None:
        if self._line_is_open:
            self._write("\n")
            self._line_is_open = False

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def send_command(
    at_hand: ScaleAtHand, command: Command, tare_g: Grams | None, seconds: float, say: Callable[[str], None]
) -> bool:
    """Tell a scale something, `say` what it answers, and return whether it confirmed.

    Raise RuleViolation where its protocol has no such command, Unavailable where the scale or its port is not there.
    """
    at_hand.open()
    try:
        _wait_for_the_first_word(at_hand)
        try:
            is_known = at_hand.tell(command, tare_g)
        except ValueError as error:
            raise RuleViolation(str(error)) from error
        if not is_known:
            raise RuleViolation(f"this protocol has no command for {command.value.replace('_', ' ')}")
        return _wait_for_the_answer(at_hand, command, seconds, say)
    finally:
        at_hand.close()


def _wait_for_the_first_word(at_hand: ScaleAtHand) -> None:
    """What a driver asks to begin with is answered first, so that no answer to it is taken for a confirmation."""
    ends_at = time.monotonic() + _FIRST_WORD_S
    while time.monotonic() < ends_at:
        if any(isinstance(item, Reading | NoWeight) for item in at_hand.hear()):
            return
    if at_hand.problem:
        raise Unavailable(f"the port is lost: {at_hand.problem}")


def _wait_for_the_answer(at_hand: ScaleAtHand, command: Command, seconds: float, say: Callable[[str], None]) -> bool:
    ends_at, last = time.monotonic() + seconds, ""
    while time.monotonic() < ends_at:
        for item in at_hand.hear():
            words = in_words(item)
            if words != last:
                say(words)
            last = words
            if _confirms(item, command):
                say("confirmed by the scale")
                return True
    say(f"sent, but the scale did not confirm within {seconds:g} s; see above whether its weight changed")
    return False


def _confirms(item: Heard, command: Command) -> bool:
    if isinstance(item, DeviceSaid):
        return item.kind in (_CONFIRMED_BY.get(command), EventKind.POWER_ON)
    return isinstance(item, Identity) and command in (Command.IDENTIFY, Command.RESET)
