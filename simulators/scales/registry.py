"""Every scale that can be simulated, by protocol. A new one is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulators.scales import (
    cas_ecr,
    dialog06,
    dibal,
    dp401,
    mt_sics,
    st_gs_lines,
    toledo_8217,
    toledo_continuous,
    yaohua_xk3190,
)
from simulators.scales.protocol import SimulatedSpec

_SPECS: Final[tuple[SimulatedSpec, ...]] = (
    cas_ecr.SIMULATED,
    cas_ecr.SIMULATED_WITH_PRICE,
    dialog06.SIMULATED,
    dibal.SIMULATED,
    dp401.SIMULATED,
    mt_sics.SIMULATED,
    st_gs_lines.SIMULATED,
    toledo_8217.SIMULATED,
    toledo_continuous.SIMULATED,
    yaohua_xk3190.SIMULATED,
    yaohua_xk3190.SIMULATED_WEIGHT_ONLY,
)

SIMULATED_SCALES: Final[Mapping[str, SimulatedSpec]] = MappingProxyType({spec.name: spec for spec in _SPECS})
