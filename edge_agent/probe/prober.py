"""The probe's hands: it opens a port, listens, asks what is harmless, and lets `probing` say what it may be."""

import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.errors import Unavailable
from domain.units import Grams
from edge_agent.config.addresses import LISTEN_PREFIX, TCP_PREFIX
from edge_agent.drivers.protocol import DriverSpec, SerialSettings
from edge_agent.ports import PeerReplaced, Port, open_port
from edge_agent.probe.probe_conversation import Conversation
from edge_agent.probe.probe_plan import USUAL_SETTINGS, Asking, askings, other_askings
from edge_agent.probe.probing import Candidate, is_found, rank, setups, study, study_answers

_STEP_S: Final = 0.02
_SILENCES: Final = 2  # one question may be lost on the line
_CONNECT_S: Final = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeRules:
    """How long the probe takes.

    `wait_s`: for the first byte of a scale that connects to us. `silence_s`: a scale that was asked and has not begun
    to answer by then will not.
    """

    listen_s: float = 1.5
    silence_s: float = 0.5
    wait_s: float = 60.0
    known_weight_g: Grams | None = None


@dataclass(kw_only=True, slots=True)
class Probe:
    """What was found, best first, and what was done for it."""

    candidates: list[Candidate] = field(default_factory=list)
    bytes_heard: int = 0
    tried: list[str] = field(default_factory=list)


class Prober:
    """One probe of one port. `say` is told each step before it is taken."""

    def __init__(
        self, address: str, specs: Mapping[str, DriverSpec], rules: ProbeRules, say: Callable[[str], None]
    ) -> None:
        self._address, self._rules, self._say_step = address, rules, say
        self._setups = setups(specs)
        self._has_settings = not address.startswith((TCP_PREFIX, LISTEN_PREFIX))
        self._is_listening = address.startswith(LISTEN_PREFIX)
        self._port: Port | None = None
        self._opened_with: SerialSettings | None = None
        self._found: list[Candidate] = []
        self._probe = Probe()

    def run(self) -> Probe:
        """Listen, then ask. Raise Unavailable where the port cannot be opened or is lost."""
        try:
            self._listen_at_all()
            if not is_found(self._found) and not self._is_listening:
                self._ask_all()
        except (OSError, ValueError) as error:
            raise Unavailable(f"{self._address}: {getattr(error, 'strerror', None) or error}") from error
        finally:
            self._close()
        self._probe.candidates = rank(self._found)
        return self._probe

    def _listen_at_all(self) -> None:
        for settings in USUAL_SETTINGS if self._has_settings else (None,):
            self._say(f"listening{_at(settings)}")
            data = self._listen(settings)
            self._probe.bytes_heard += len(data)
            self._found += [study(setup, data, settings, self._rules.known_weight_g) for setup in self._setups if data]
            # A line set wrongly brings nonsense, but something; one that brings nothing has nobody talking.
            if not data or is_found(self._found):
                return

    def _ask_all(self) -> None:
        self._ask_each(askings(self._setups, is_serial=self._has_settings))
        if self._has_settings and not is_found(self._found):
            self._ask_each(other_askings(self._setups))

    def _ask_each(self, planned: list[Asking]) -> None:
        """Once a protocol answered, only what may answer to the same settings is still of interest."""
        answered = False
        for asking in planned:
            if answered and asking.settings != self._opened_with:
                continue
            self._say(f"asking by {asking.setup.spec.name}, profile {asking.setup.profile}{_at(asking.settings)}")
            # A scale that has answered once answers promptly: it need not be asked twice by the other protocols.
            candidate = self._ask(asking, patience=1 if answered else _SILENCES)
            self._found.append(candidate)
            answered = answered or is_found([candidate])

    def _listen(self, settings: SerialSettings | None) -> bytes:
        self._open(settings)
        data = b""
        ends_at = time.monotonic() + (self._rules.wait_s if self._is_listening else self._rules.listen_s)
        while time.monotonic() < ends_at:
            new = self._read()
            if new and not data:
                ends_at = time.monotonic() + self._rules.listen_s
            data += new
        return data

    def _ask(self, asking: Asking, *, patience: int) -> Candidate:
        self._open(asking.settings)
        while self._read():  # what the last question may still bring
            continue
        driver = asking.setup.make_driver()
        conversation = Conversation(
            asking=asking,
            driver=driver,
            write=self._write,
            read=self._read,
            silence_s=self._rules.silence_s,
            patience=patience,
        )
        conversation.hold()
        self._probe.bytes_heard += conversation.received
        return study_answers(
            asking.setup, conversation.heard, conversation.received, asking.settings, self._rules.known_weight_g
        )

    def _open(self, settings: SerialSettings | None) -> None:
        if self._port is None or settings != self._opened_with:
            self._close()
            self._port, self._opened_with = open_port(self._address, settings or SerialSettings()), settings

    def _close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _write(self, data: bytes) -> None:
        """Wait until the line takes it: a connection may still be under way."""
        gives_up_at = time.monotonic() + _CONNECT_S
        while self._port is not None and not self._port.write(data):
            if time.monotonic() > gives_up_at:
                raise TimeoutError("it takes nothing we write")
            self._read()

    def _read(self) -> bytes:
        if self._port is None:
            return b""
        ready, _, _ = select.select([self._port.fileno()], [], [], _STEP_S)
        try:
            return self._port.read() if ready else b""
        except PeerReplaced:
            return b""

    def _say(self, step: str) -> None:
        self._probe.tried.append(step)
        self._say_step(step)


def _at(settings: SerialSettings | None) -> str:
    return "" if settings is None else f" at {show_settings(settings)}"


def show_settings(settings: SerialSettings) -> str:
    """Return settings as engineers write them: 9600 8N1."""
    return f"{settings.baud} {settings.data_bits}{settings.parity[0].upper()}{settings.stop_bits}"
