"""A simulated scale with somebody at it and with what goes wrong: everything but the line. Pure.

The same seed, the same steps and the same moments give the same bytes.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.units import PriceUnit
from simulators.faults import FaultKind, Faults
from simulators.one_scale.steps import (
    Add,
    Deed,
    HaveFault,
    KeyPlu,
    KeyPrice,
    KeyTare,
    Put,
    Repeat,
    Step,
    Total,
    Wait,
    WaitStable,
    Zero,
)
from simulators.scales.protocol import SimulatedScale, SimulatedSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceState:
    """What a person at the scale can see and has keyed; `faults` is what goes wrong now."""

    load_g: int
    is_stable: bool
    unit_price_fen: int
    price_unit: str
    tare_g: int
    plu: str
    faults: list[str]
    script_done: bool


class Device:
    """One scale, its script, and its faults."""

    def __init__(self, scale: SimulatedScale, faults: Faults, script: Sequence[Step] = ()) -> None:
        self.scale, self.faults = scale, faults
        self.done: deque[Deed] = deque(maxlen=1000)  # what the script did, for whoever tells of it
        self._script, self._next = tuple(script), 0
        self._rounds, self._waits_until = 1, 0.0
        self._is_started = False

    @property
    def has_script(self) -> bool:
        """Whether there is one."""
        return bool(self._script)

    def is_script_done(self, now: float) -> bool:
        """Whether nothing more comes of the script, and its last wait is over."""
        return self._next >= len(self._script) and now >= self._waits_until

    def tick(self, now: float) -> bytes:
        """Do what the script says is due, and return what arrives of what the scale sends."""
        sent = self._go_on(now)
        self.faults.bend(self.scale.platform, now)
        return self.faults.on_line(sent + self.scale.tick(now), now)

    def attached(self, now: float) -> bytes:
        """The host is on the line from now on: return what arrives of what the scale sends then."""
        return self.faults.on_line(self.scale.attached(now), now)

    def hear(self, data: bytes, now: float) -> bytes:
        """Take what the host wrote, and return what arrives of the answers."""
        return self.faults.on_line(self.scale.hear(data, now), now) if data else b""

    def do(self, deed: Deed, now: float) -> bytes:
        """Do one thing now, and return what the scale sends for it. Raise ValueError where the scale cannot."""
        scale = self.scale
        match deed:
            case Put(load_g):
                scale.platform.put(load_g, now)
            case Add(load_g):
                scale.platform.put(scale.platform.load_g + load_g, now)
            case KeyPrice(unit_price_fen):
                scale.key_price(unit_price_fen)
            case KeyTare(tare_g):
                scale.key_tare(tare_g)
            case KeyPlu(plu):
                scale.key_plu(plu)
            case Zero():
                scale.platform.zero(now)
            case Total():
                return scale.key_total(now)
            case HaveFault(fault):
                self.faults.order(fault, now)
                if fault.kind is FaultKind.CLOCK:
                    scale.jump_clock(fault.leap_s)
                return scale.restart(now) if fault.kind is FaultKind.RESTART else b""
        return b""

    def do_all(self, deeds: Iterable[Deed], now: float) -> bytes:
        """Do several things now, and return what arrives of what the scale sends for them. Raise ValueError as `do`."""
        return self.faults.on_line(b"".join(self.do(deed, now) for deed in deeds), now)

    def state(self, now: float) -> DeviceState:
        """Return what a person sees."""
        scale = self.scale
        return DeviceState(
            load_g=scale.platform.load_g,
            is_stable=scale.platform.is_at_rest(now),
            unit_price_fen=scale.unit_price_fen,
            price_unit=scale.price_unit.value,
            tare_g=scale.tare_g,
            plu=scale.plu,
            faults=[str(fault) for fault in self.faults.active(now)],
            script_done=self.is_script_done(now),
        )

    def _go_on(self, now: float) -> bytes:
        if not self._is_started:
            self._is_started, self._waits_until = True, now
        sent = b""
        while self._next < len(self._script) and now >= self._waits_until:
            step = self._script[self._next]
            match step:
                case WaitStable() if not self.scale.platform.is_at_rest(now):
                    break
                case Wait(seconds):
                    self._waits_until = now + seconds
                case Repeat(times):
                    self._begin_again(times)
                    continue
                case WaitStable():
                    pass
                case _:
                    sent += self.do(step, now)
                    self.done.append(step)
            self._next += 1
        return sent

    def _begin_again(self, times: int | None) -> None:
        if times is not None and self._rounds >= times:
            self._next = len(self._script)
        else:
            self._rounds, self._next = self._rounds + 1, 0


def check_steps(spec: SimulatedSpec, profile: str, price_unit: PriceUnit) -> Callable[[Step], None]:
    """Return what raises ValueError for a step that this scale cannot do (a price that its keys do not hold)."""
    trial = make_device(spec, profile, price_unit, seed=0)

    def check(step: Step) -> None:
        if isinstance(step, KeyPrice | KeyTare | KeyPlu):
            trial.do(step, 0.0)

    return check


def make_device(
    spec: SimulatedSpec, profile: str, price_unit: PriceUnit, seed: int | str, script: Sequence[Step] = ()
) -> Device:
    """Return a device; scale and faults draw from chances of their own, so that a fault changes no weight."""
    scale = spec.make(profile, random.Random(f"{seed}/scale"), price_unit)  # noqa: S311 - a simulation
    return Device(scale, Faults(random.Random(f"{seed}/faults")), script)  # noqa: S311 - a simulation
