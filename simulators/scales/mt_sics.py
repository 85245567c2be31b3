"""A simulated Mettler Toledo balance or terminal with MT-SICS levels 0 and 1; profile `kcp` is a KERN with KCP, `loose`
a clone that writes its weights two characters wider.

Written after Mettler Toledo's Reference Manual MT-SICS 11780711 and KERN's reference manual KCP 1.3.8. `S`, `Z` and `T`
wait until the load rests, and answer `I` when it does not; `SI` and `SIR` answer with `S S` or `S D`, as the device
does. What a stream is not told in the manuals is assumed: a command that comes while another waits is refused with `I`.
"""

import random
import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.units import PriceUnit
from simulators.scales.mt_sics_commands import field, listing, weight_in
from simulators.scales.mt_sics_streams import Streams
from simulators.scales.platform import Capacity, Seen
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

STABILITY_TIMEOUT_S: Final = 3.0
_MAX_LINE: Final = 120
_ENDS_A_STREAM: Final = {"S", "SI", "SIR", "SR", "@"}
_WAIT_FOR_REST: Final = {"S", "Z", "T"}
_EXECUTED_ELSEWHERE: Final = {"K", "PWR", "C1", "C2", "C3"}  # known commands that this terminal does not execute


class SimulatedMtSics(SimulatedScale):
    """One balance. `display` is the text it was told to show; `serial_number` what it says of itself."""

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        super().__init__(profile, rng, price_unit, capacity)
        self.serial_number = f"{rng.randrange(10_000_000):07d}"
        self.display = ""
        self.unit = "g" if profile == "kcp" else "kg"
        self._buffer = b""
        self._waiting, self._give_up_at = "", 0.0
        self._streams = Streams(self.platform.capacity.e_g)
        self._commands: Mapping[str, Callable[[str, float], str]] = {
            "@": self._reset,
            "D": self._show,
            "I0": lambda _parameter, _now: self._list(),
            "I1": lambda _parameter, _now: 'I1 A "01" "2.30" "2.20" "" ""',
            "I2": lambda _parameter, _now: f'I2 A "{self._model()}"',
            "I3": lambda _parameter, _now: 'I3 A "1.20 10.28.0.493.142"',
            "I4": lambda _parameter, _now: self._identity(),
            "SI": lambda _parameter, now: self._weight(now),
            "SIR": self._stream,
            "SR": self._stream_changes,
            "TA": self._preset,
            "TAC": lambda _parameter, _now: self._tared("TAC A", 0),
            "TI": lambda _parameter, now: self._tare_now(now),
            "ZI": lambda _parameter, now: self._zero_now(now),
        }
        if profile != "kcp":
            self._commands = {**self._commands, "DW": lambda _parameter, _now: self._show_weight()}

    def hear(self, data: bytes, now: float) -> bytes:
        """Take what the host wrote; a line without an end is a syntax error as soon as it is too long."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        answers = [self._execute(line.removesuffix(b"\r"), now) for line in lines]
        if len(self._buffer) > _MAX_LINE:
            self._buffer = b""
            answers.append("ES")
        return _frames(answers)

    def tick(self, now: float) -> bytes:
        """Return the answer that waited for a load at rest, and what a stream sends."""
        answers = []
        if self._waiting:
            answers.append(self._after_waiting(now))
        seen = self.platform.look(now)
        if self._streams.is_due(seen.gross_g - self.tare_g, is_stable=seen.is_stable, now=now):
            answers.append(self._answer(seen))
        return _frames(answers)

    def restart(self, now: float) -> bytes:
        """Switch it off and on: it says its serial number unasked."""
        super().restart(now)
        self._buffer, self.display = b"", ""
        self._stop()
        return _frames([self._identity()])

    def _stop(self) -> None:
        self._waiting = ""
        self._streams.stop()

    def _execute(self, line: bytes, now: float) -> str:
        if not (line.isascii() or line.startswith(b"D ")):
            return "ET"
        command, has_parameter, parameter = line.decode("latin-1").partition(" ")
        if command in _EXECUTED_ELSEWHERE:
            return "EL"
        if command not in {*self._commands, *_WAIT_FOR_REST}:
            return "ES"
        if has_parameter and command not in {"TA", "D", "SR"}:
            return f"{_echo(command)} L"
        return self._begin(command, parameter, now)

    def _begin(self, command: str, parameter: str, now: float) -> str:
        if self._waiting and not (command == "@" or (self._waiting == "S" and command in _ENDS_A_STREAM)):
            return f"{_echo(command)} I"
        if command in _ENDS_A_STREAM:
            self._stop()
        if command in _WAIT_FOR_REST:
            self._waiting, self._give_up_at = command, now + STABILITY_TIMEOUT_S
            return self._after_waiting(now)
        return self._commands[command](parameter, now)

    def _after_waiting(self, now: float) -> str:
        seen = self.platform.look(now)
        if not seen.is_stable and now < self._give_up_at:
            return ""
        command, self._waiting = self._waiting, ""
        if not seen.is_stable:
            return f"{command} I"
        if command == "Z":
            return self._zeroed("Z A", seen, now)
        if command == "T":
            return self._tare_from(seen, "T A" if self.profile == "kcp" else "T S")
        return self._answer(seen)

    def _weight(self, now: float) -> str:
        return self._answer(self.platform.look(now))

    def _answer(self, seen: Seen) -> str:
        outside = _outside(seen)
        if outside:
            return f"S {outside}"
        return f"S {'S' if seen.is_stable else 'D'} {self._field(seen.gross_g - self.tare_g)}"

    def _stream(self, _parameter: str, now: float) -> str:
        self._streams.repeat(now)
        return ""

    def _stream_changes(self, parameter: str, _now: float) -> str:
        change_g = weight_in(parameter, self.platform.capacity.e_g)
        if parameter and change_g is None:
            return "S L"
        self._streams.on_change(change_g)
        return ""

    def _zero_now(self, now: float) -> str:
        seen = self.platform.look(now)
        return self._zeroed("ZI S", seen, now) if seen.is_stable else "ZI I"

    def _zeroed(self, done: str, seen: Seen, now: float) -> str:
        if self.platform.zero(now):
            return self._tared(done, 0)
        return f"{done[:-2]} {'+' if seen.gross_g > 0 else '-'}"

    def _tare_now(self, now: float) -> str:
        seen = self.platform.look(now)
        return self._tare_from(seen, f"TI {'S' if seen.is_stable else 'D'}")

    def _tare_from(self, seen: Seen, done: str) -> str:
        outside = _outside(seen) or ("-" if seen.gross_g < 0 else "")
        if outside:
            return f"{done.partition(' ')[0]} {outside}"
        return self._tared(done if done == "T A" else f"{done} {self._field(seen.gross_g)}", seen.gross_g)

    def _preset(self, parameter: str, _now: float) -> str:
        if parameter:
            tare_g = weight_in(parameter, self.platform.capacity.e_g)
            if tare_g is None or tare_g > self.platform.capacity.max_g or not parameter.endswith(f" {self.unit}"):
                return "TA L"
            self.tare_g = tare_g
        return f"TA A {self._field(self.tare_g)}"

    def _tared(self, answer: str, tare_g: int) -> str:
        self.tare_g = tare_g
        return answer

    def _show(self, parameter: str, _now: float) -> str:
        text = re.fullmatch(r'"([^"]*)"', parameter)
        if text is None:
            return "D L"
        self.display = text[1].strip()
        return "D A"

    def _show_weight(self) -> str:
        self.display = ""
        return "DW A"

    def _reset(self, _parameter: str, _now: float) -> str:
        self.tare_g, self.display = 0, ""
        return self._identity()

    def _field(self, weight_g: int) -> str:
        return field(weight_g, self.unit, 12 if self.profile == "loose" else 10)

    def _identity(self) -> str:
        return f'I4 A "{self.serial_number}"'

    def _model(self) -> str:
        maker = "KERN FCB" if self.profile == "kcp" else "ICS425 Standard"
        return f"{maker} {field(self.platform.capacity.max_g, self.unit).strip()}"

    def _list(self) -> str:
        return listing({*self._commands, *_WAIT_FOR_REST})


def _outside(seen: Seen) -> str:
    return "+" if seen.is_overload else "-" if seen.is_underload else ""


def _echo(command: str) -> str:
    return "S" if command in {"SI", "SIR", "SR"} else command


def _frames(answers: list[str]) -> bytes:
    return "".join(f"{answer}\r\n" for answer in answers if answer).encode("latin-1")


SIMULATED: Final = SimulatedSpec(
    name="mt_sics",
    title="Mettler Toledo MT-SICS, KERN KCP",
    profiles=("standard", "repeat", "on_change", "stable", "kcp", "loose"),
    make=SimulatedMtSics,
)
