"""Every scale protocol the agent speaks, by the name a configuration gives it. A new driver is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.drivers import (
    cas_ecr,
    dialog06,
    dibal,
    dp401,
    mt_sics,
    st_gs_lines,
    toledo_8217,
    toledo_continuous,
    yaohua_xk3190,
    yaohua_xk3190_weight,
)
from edge_agent.drivers.protocol import DriverSpec

_SPECS: Final = (
    cas_ecr.DRIVER,
    cas_ecr.DRIVER_WITH_PRICE,
    dialog06.DRIVER,
    dibal.DRIVER,
    dp401.DRIVER,
    mt_sics.DRIVER,
    st_gs_lines.DRIVER,
    toledo_8217.DRIVER,
    toledo_continuous.DRIVER,
    yaohua_xk3190.DRIVER,
    yaohua_xk3190_weight.DRIVER,
)

SCALE_DRIVERS: Final[Mapping[str, DriverSpec]] = MappingProxyType({spec.name: spec for spec in _SPECS})
