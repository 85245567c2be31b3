"""What somebody at a scale does: the steps that a script, a keyboard and HTTP have in common."""

from dataclasses import dataclass

from simulators.faults import Fault


@dataclass(frozen=True, slots=True)
class Put:
    """Lay so much on the pan, in all; 0 takes everything off, less than 0 lifts the pan."""

    load_g: int


@dataclass(frozen=True, slots=True)
class Add:
    """Lay so much more on the pan, or take it off."""

    load_g: int


@dataclass(frozen=True, slots=True)
class KeyPrice:
    """Key a unit price, fen for the scale's price unit."""

    unit_price_fen: int


@dataclass(frozen=True, slots=True)
class KeyTare:
    """Key a tare; 0 takes it away."""

    tare_g: int


@dataclass(frozen=True, slots=True)
class KeyPlu:
    """Key the goods."""

    plu: str


@dataclass(frozen=True, slots=True)
class Zero:
    """Press zero."""


@dataclass(frozen=True, slots=True)
class Total:
    """Conclude the sale on the scale."""


@dataclass(frozen=True, slots=True)
class HaveFault:
    """Have something go wrong."""

    fault: Fault


Deed = Put | Add | KeyPrice | KeyTare | KeyPlu | Zero | Total | HaveFault


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitStable:
    """Wait until the scale is at rest."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Begin the script again; `times` is how often it is done in all, None for no end."""

    times: int | None


Step = Deed | Wait | WaitStable | Repeat
