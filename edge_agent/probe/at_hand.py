"""One scale at hand, without an outbox or a broker: to look at what it says, and to tell it something."""

import select
import time
from collections.abc import Iterator

from domain.errors import Unavailable
from domain.units import Fen, Grams
from edge_agent.drivers.protocol import Command, ScaleDriver, SerialSettings
from edge_agent.ports import Line
from edge_agent.weighing.readings import Heard

_STEP_S = 0.05


class ScaleAtHand:
    """A scale, its line and its driver. A lost port is opened again, as the agent does it."""

    def __init__(self, address: str, driver: ScaleDriver, settings: SerialSettings) -> None:
        self._driver, self._line = driver, Line(address, settings)

    def open(self) -> None:
        """Open the port now. Raise Unavailable where that cannot be; a network port is still connecting then."""
        if self._line.tend(time.monotonic()) is None:
            raise Unavailable(f"{self._line.address}: {self._line.problem}")
        self._driver.reset()

    @property
    def problem(self) -> str:
        """Say why the port is closed; empty while it is open."""
        return "" if self._line.port is not None else self._line.problem

    def hear(self) -> Iterator[Heard]:
        """Wait a moment for the scale, ask it what is due, and return what it said."""
        now = time.monotonic()
        if self._line.tend(now) is not None:
            self._driver.reset()
        if self._line.port is None:
            time.sleep(_STEP_S)
            return
        ready, _, _ = select.select([self._line.port.fileno()], [], [], _STEP_S)
        data = self._line.read(now) if ready else b""
        if data:
            yield from self._driver.feed(data)
        self._write(now)

    def set_price(self, unit_price_fen: Fen | None) -> None:
        """Tell a scale that computes with the host's price; to others it means nothing."""
        self._driver.set_price(unit_price_fen)

    def tell(self, command: Command, tare_g: Grams | None = None) -> bool:
        """Have a command sent by the next `hear`, and say whether this scale knows it."""
        return self._driver.command(command, tare_g)

    def close(self) -> None:
        """Close the port."""
        self._line.close()

    def _write(self, now: float) -> None:
        data = self._driver.poll(now)
        if data and self._line.port is not None:
            try:
                self._line.port.write(data)
            except OSError as error:
                self._line.lose(now, error)
