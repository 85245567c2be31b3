"""When is a load a weighing: the state machine between a stream of readings and at most one weighing for each load.

A live weight is never recorded (UnifiedPOS keeps them apart too), and the same load cannot be sold twice (Dialog 06,
status 21, "no motion since last operation"): after a weighing, the pan must have been seen empty, or with another load.

What was seen of a pan is one `Sight`; `NEXT_PHASE` is the whole machine; a weighing is made exactly on `Sight.LOAD`.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from domain.units import Fen, Grams
from edge_agent.readings import Reading


class Phase(Enum):
    """Where a pan is."""

    EMPTY = "empty"
    SETTLING = "settling"
    RECORDED = "recorded"


class Sight(Enum):
    """What the latest reading says, given those before it."""

    EMPTY = "empty"  # steadily nothing on the pan
    MOVING = "moving"  # not steady yet
    NOT_FOR_SALE = "not_for_sale"  # steady, but under the minimum load or without a price
    LOAD = "load"  # steady, priced, and not what was recorded last
    SAME_LOAD = "same_load"  # steady, and recorded already


NEXT_PHASE: Final = {
    (Phase.EMPTY, Sight.EMPTY): Phase.EMPTY,
    (Phase.EMPTY, Sight.MOVING): Phase.SETTLING,
    (Phase.EMPTY, Sight.NOT_FOR_SALE): Phase.SETTLING,
    (Phase.EMPTY, Sight.LOAD): Phase.RECORDED,
    (Phase.SETTLING, Sight.EMPTY): Phase.EMPTY,
    (Phase.SETTLING, Sight.MOVING): Phase.SETTLING,
    (Phase.SETTLING, Sight.NOT_FOR_SALE): Phase.SETTLING,
    (Phase.SETTLING, Sight.LOAD): Phase.RECORDED,
    (Phase.RECORDED, Sight.EMPTY): Phase.EMPTY,
    (Phase.RECORDED, Sight.MOVING): Phase.RECORDED,  # a touch, a bounce: still the load that was sold
    (Phase.RECORDED, Sight.NOT_FOR_SALE): Phase.SETTLING,
    (Phase.RECORDED, Sight.LOAD): Phase.RECORDED,
    (Phase.RECORDED, Sight.SAME_LOAD): Phase.RECORDED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StabilityRules:
    """Limits in grams. The default minimum load is 20 e of a 5 g scale (OIML R 76-1, 3.2, class III).

    `equal_readings`: how many alike in a row are steady where the scale has no stable flag. `zero_band_g`: up to it the
    pan is empty. `change_g`: a load that differs from the recorded one by no more is the same load.
    """

    min_net_g: Grams = Grams(100)
    equal_readings: int = 3
    zero_band_g: Grams = Grams(10)
    change_g: Grams = Grams(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class PanState:
    """What is remembered of a pan. `sold_net_g` is set exactly while the phase is RECORDED."""

    phase: Phase = Phase.EMPTY
    last: Reading | None = None
    alike: int = 0
    sold_net_g: Grams | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StableLoad:
    """A load to be recorded; `unit_price_fen` is for the scale's price unit."""

    net_g: Grams
    unit_price_fen: Fen
    amount_fen: Fen


def after_restart(sold_net_g: Grams | None) -> PanState:
    """Return the state to start from: what was recorded last may still lie on the pan."""
    return PanState() if sold_net_g is None else PanState(phase=Phase.RECORDED, sold_net_g=sold_net_g)


def observe(rules: StabilityRules, state: PanState, reading: Reading) -> tuple[PanState, StableLoad | None]:
    """Return the next state, and the load to record where this reading makes one."""
    alike = state.alike + 1 if _is_alike(rules, state.last, reading) else 1
    seen = replace(state, last=reading, alike=min(alike, rules.equal_readings))
    sight = _sight(rules, seen, reading)
    phase = NEXT_PHASE[state.phase, sight]
    if sight is Sight.LOAD:
        load = StableLoad(
            net_g=reading.net_g,
            unit_price_fen=reading.unit_price_fen or Fen(0),
            amount_fen=reading.amount_fen or Fen(0),
        )
        return replace(seen, phase=phase, sold_net_g=reading.net_g), load
    return replace(seen, phase=phase, sold_net_g=state.sold_net_g if phase is Phase.RECORDED else None), None


def _is_alike(rules: StabilityRules, last: Reading | None, reading: Reading) -> bool:
    if last is None:
        return False
    return last == reading or (_is_empty(rules, last) and _is_empty(rules, reading))


def _is_empty(rules: StabilityRules, reading: Reading) -> bool:
    return reading.net_g <= rules.zero_band_g


def _sight(rules: StabilityRules, state: PanState, reading: Reading) -> Sight:
    is_steady = state.alike >= rules.equal_readings if reading.stable is None else reading.stable
    if not is_steady:
        return Sight.MOVING
    if _is_empty(rules, reading):
        return Sight.EMPTY
    if state.sold_net_g is not None and abs(reading.net_g - state.sold_net_g) <= rules.change_g:
        return Sight.SAME_LOAD
    if reading.net_g < rules.min_net_g or not (reading.unit_price_fen and reading.amount_fen):
        return Sight.NOT_FOR_SALE
    return Sight.LOAD
