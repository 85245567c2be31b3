"""Every scale that can be simulated, by protocol. A new one is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulators.scales import mt_sics, st_gs_lines
from simulators.scales.protocol import SimulatedSpec

_SPECS: Final[tuple[SimulatedSpec, ...]] = (
    mt_sics.SIMULATED,
    st_gs_lines.SIMULATED,
)  # fmt: skip

SIMULATED_SCALES: Final[Mapping[str, SimulatedSpec]] = MappingProxyType({spec.name: spec for spec in _SPECS})
