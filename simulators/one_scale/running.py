"""One simulated scale on its line, until it is stopped: the shell around a device."""

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from simulators.device import Device, DeviceState
from simulators.one_scale.keyboard import HELP, QUIT_KEYS, Keyboard
from simulators.one_scale.steps import Deed, HaveFault
from simulators.ports import SimulatedLine

TICK_S: Final = 0.01
Tell = Callable[[str, Mapping[str, object]], None]


class OneScale:
    """A device, its line, and who tells of both. `do` and `look` may be called from other threads."""

    def __init__(self, device: Device, line: SimulatedLine, tell: Tell) -> None:
        self._device, self._line, self._tell = device, line, tell
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._is_attached = False
        self._is_script_told = not device.has_script

    def run(self, stop: threading.Event, keyboard_fd: int | None = None, *, ends_with_script: bool = False) -> None:
        """Serve until `stop` is set, the person at the keyboard ends it, or (where asked) the script is done."""
        keyboard = Keyboard()
        if keyboard_fd is not None:
            self._tell("keys", {"help": HELP})
        while not stop.is_set():
            self.tick()
            if ends_with_script and self._is_script_told:
                return
            watched = [fd for fd in (self._line.fileno(), -1 if keyboard_fd is None else keyboard_fd) if fd != -1]
            readable, _writable, _broken = select.select(watched, [], [], TICK_S)
            if keyboard_fd is not None and keyboard_fd in readable and not self._press(keyboard, keyboard_fd):
                return

    def tick(self) -> None:
        """Carry bytes both ways, once."""
        is_new = self._note_attachment()
        heard = self._line.receive()
        with self._lock:
            now = self._now()
            begun = self._device.attached(now) if is_new else b""
            for data in (begun, self._device.hear(heard, now), self._device.tick(now)):
                if data:
                    self._line.send(data)
            done = [self._device.done.popleft() for _ in range(len(self._device.done))]
            is_over = self._device.is_script_done(now)
        for deed in done:
            self._tell("did", _as_event(deed))
        if is_over and not self._is_script_told:
            self._is_script_told = True
            self._tell("script_done", {})

    def do(self, deeds: Sequence[Deed]) -> DeviceState:
        """Do something now, and return the state after it. Raise ValueError where the scale cannot."""
        with self._lock:
            now = self._now()
            data = self._device.do_all(deeds, now)
            if data:
                self._line.send(data)
            state = self._device.state(now)
        for deed in deeds:
            self._tell("did", _as_event(deed))
        return state

    def look(self) -> DeviceState:
        """Return the state now."""
        with self._lock:
            return self._device.state(self._now())

    def _now(self) -> float:
        return time.monotonic() - self._started

    def _note_attachment(self) -> bool:
        """Tell where that has changed, and say whether somebody is there who was not before."""
        was_attached, self._is_attached = self._is_attached, self._line.is_attached()
        if self._is_attached != was_attached:
            self._tell("attached" if self._is_attached else "detached", {})
        return self._is_attached and not was_attached

    def _press(self, keyboard: Keyboard, fd: int) -> bool:
        """Take the keys, and say whether to go on."""
        keys = os.read(fd, 64).decode("utf-8", "replace")
        for key in keys:
            if key in QUIT_KEYS:
                return False
            deeds = keyboard.press(key)
            try:
                if deeds:
                    self.do(deeds)
            except ValueError as error:
                keyboard.problem = str(error)
            if keyboard.problem:
                self._tell("problem", {"problem": keyboard.problem})
        return bool(keys)


def _as_event(deed: Deed) -> dict[str, object]:
    values = {"fault": str(deed.fault)} if isinstance(deed, HaveFault) else asdict(deed)
    return {"deed": type(deed).__name__, **values}
