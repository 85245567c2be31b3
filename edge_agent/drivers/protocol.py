"""What every scale driver can do, and the list of them.

A new scale is one file here with a class that has these methods, one line in `SCALE_DRIVERS`, and its frames in
`tests/frames/`. A driver never reads, waits or looks at a clock: it is given bytes in any pieces and has three answers,
a `Reading`, `Garbage` with a reason, or nothing yet.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from domain.units import PriceUnit
from edge_agent.drivers.yaohua_xk3190 import Xk3190PriceDecoder
from edge_agent.readings import Garbage, Reading


class ScaleDriver(Protocol):
    """Bytes of one scale to readings."""

    def feed(self, data: bytes) -> list[Reading | Garbage]:
        """Take what came from the port. However the stream is cut, the answers are the same."""
        ...

    def poll(self) -> bytes:
        """Return what asks the scale for its next reading; nothing for a scale that talks by itself."""
        ...

    def reset(self) -> None:
        """Forget the half frame in hand: the port was opened again."""
        ...


SCALE_DRIVERS: Final[Mapping[str, Callable[[PriceUnit], ScaleDriver]]] = MappingProxyType(
    {"yaohua_xk3190_price": Xk3190PriceDecoder}
)
