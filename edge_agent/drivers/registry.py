"""Every scale protocol the agent speaks, by the name a configuration gives it. A new driver is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.drivers import mt_sics, st_gs_lines, yaohua_xk3190
from edge_agent.drivers.protocol import DriverSpec

_SPECS: Final = (
    yaohua_xk3190.DRIVER,
    mt_sics.DRIVER,
    st_gs_lines.DRIVER,
)  # fmt: skip

SCALE_DRIVERS: Final[Mapping[str, DriverSpec]] = MappingProxyType({spec.name: spec for spec in _SPECS})
