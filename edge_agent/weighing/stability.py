"""When is a load a weighing: the state machine between what a scale says and at most one weighing for each load.

A live weight is never recorded (UnifiedPOS keeps them apart too), and the same load cannot be sold twice (Dialog 06,
status 21, "no motion since last operation"): after a weighing, the pan must have been seen empty, or with another load.
What the scale says at last is what the customer pays: where the price of a recorded load is changed while it still lies
there, the sale is corrected (voided, and recorded again).

What was seen of a pan is one `Sight`; `NEXT_PHASE` is the whole machine; a weighing is made exactly on `Sight.LOAD` and
`Sight.REPRICED`.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from domain.units import Fen, Grams
from edge_agent.weighing.offers import PricedReading
from edge_agent.weighing.readings import Condition, NoWeight


class Phase(Enum):
    """Where a pan is."""

    EMPTY = "empty"
    SETTLING = "settling"
    RECORDED = "recorded"
    VOIDED = "voided"  # the load lies there still, and its sale was taken back


class Sight(Enum):
    """What the latest answer of the scale says, given those before it."""

    EMPTY = "empty"  # steadily nothing on the pan
    MOVING = "moving"  # not steady yet, or nothing is known
    NOT_FOR_SALE = "not_for_sale"  # steady, but under the minimum load, over the capacity, or without a price
    LOAD = "load"  # steady, priced, and not what was recorded last
    SAME_LOAD = "same_load"  # steady, and recorded already
    REPRICED = "repriced"  # steady, recorded already, and for some time now at another price


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
    (Phase.RECORDED, Sight.REPRICED): Phase.RECORDED,
    (Phase.VOIDED, Sight.EMPTY): Phase.EMPTY,
    (Phase.VOIDED, Sight.MOVING): Phase.VOIDED,
    (Phase.VOIDED, Sight.NOT_FOR_SALE): Phase.SETTLING,
    (Phase.VOIDED, Sight.LOAD): Phase.RECORDED,
    (Phase.VOIDED, Sight.SAME_LOAD): Phase.VOIDED,
    (Phase.VOIDED, Sight.REPRICED): Phase.RECORDED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StabilityRules:
    """Limits in grams. The default minimum load is 20 e of a 5 g scale (OIML R 76-1, 3.2, class III).

    `equal_readings`: how many alike in a row are steady where the scale has no stable flag. `zero_band_g`: up to it the
    pan is empty. `change_g`: a load that differs from the recorded one by no more is the same load.
    `reprice_readings`: for how many readings another price must stand over a recorded load to be meant for it, and not
    for the next one, whose price is just being keyed.
    """

    min_net_g: Grams = Grams(100)
    equal_readings: int = 3
    zero_band_g: Grams = Grams(10)
    change_g: Grams = Grams(20)
    reprice_readings: int = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """What was recorded last of a load that may still lie on the pan. `order_no`: see `PricedReading`."""

    net_g: Grams
    unit_price_fen: Fen
    pieces: int | None = None
    order_no: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PanState:
    """What is remembered of a pan. `sold` is set exactly while the phase is RECORDED or VOIDED."""

    phase: Phase = Phase.EMPTY
    last: PricedReading | NoWeight | None = None
    alike: int = 0
    sold: Sold | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StableLoad:
    """A load to be recorded. `corrects`: it is the load recorded last, whose sale is voided by this one."""

    reading: PricedReading
    corrects: bool = False


def after_restart(sold: Sold | None, *, is_voided: bool = False) -> PanState:
    """Return the state to start from: what was recorded last may still lie on the pan, its sale taken back or not."""
    if sold is None:
        return PanState()
    return PanState(phase=Phase.VOIDED if is_voided else Phase.RECORDED, sold=sold)


def after_silence(state: PanState) -> PanState:
    """Return the state when the scale is heard anew: what it says now is not alike to what it said long ago."""
    return replace(state, last=None, alike=0)


def after_void(state: PanState, order_no: int) -> PanState:
    """Return the state behind a void: the load that lies there is sold again only when something new is keyed."""
    if state.phase is not Phase.RECORDED or state.sold is None:
        return state
    return replace(state, phase=Phase.VOIDED, sold=replace(state.sold, order_no=order_no))


def after_refusal(before: PanState, state: PanState, load: StableLoad, order_no: int) -> PanState:
    """Return the state where a load was not recorded after all: the sale it corrects stands, or none of it does."""
    return replace(state, sold=before.sold) if load.corrects else after_void(state, order_no)


def observe(
    rules: StabilityRules, state: PanState, said: PricedReading | NoWeight
) -> tuple[PanState, StableLoad | None]:
    """Return the next state, and the load to record where this answer makes one."""
    alike = state.alike + 1 if _is_alike(rules, state.last, said) else 1
    most = max(rules.equal_readings, rules.reprice_readings)
    seen = PanState(phase=state.phase, last=said, alike=min(alike, most), sold=state.sold)
    sight = _sight_of_nothing(rules, seen, said) if isinstance(said, NoWeight) else _sight(rules, seen, said)
    phase = NEXT_PHASE[state.phase, sight]
    if isinstance(said, PricedReading) and sight in {Sight.LOAD, Sight.REPRICED}:
        corrects = sight is Sight.REPRICED and state.phase is Phase.RECORDED
        sold = PanState(phase=phase, last=said, alike=seen.alike, sold=sold_as(said))
        return sold, StableLoad(reading=said, corrects=corrects)
    still_sold = state.sold if phase in {Phase.RECORDED, Phase.VOIDED} else None
    return PanState(phase=phase, last=said, alike=seen.alike, sold=still_sold), None


def sold_as(reading: PricedReading) -> Sold:
    """Return what is remembered of a load that is recorded."""
    return Sold(
        net_g=reading.net_g,
        unit_price_fen=reading.unit_price_fen,
        pieces=reading.pieces,
        order_no=reading.order_no,
    )


def _is_alike(rules: StabilityRules, last: PricedReading | NoWeight | None, said: PricedReading | NoWeight) -> bool:
    if last is None:
        return False
    return last == said or (_is_empty(rules, last) and _is_empty(rules, said))


def _is_empty(rules: StabilityRules, said: PricedReading | NoWeight) -> bool:
    """Below zero, or below the least weight the scale tells at all, whatever was sold is not there any more."""
    if isinstance(said, NoWeight):
        return said.condition in {Condition.UNDERLOAD, Condition.BELOW_MINIMUM}
    return said.net_g <= rules.zero_band_g and not said.is_counted


def _sight_of_nothing(rules: StabilityRules, state: PanState, said: NoWeight) -> Sight:
    if said.condition is Condition.SAME_LOAD and state.sold is not None:
        return Sight.SAME_LOAD
    if state.alike >= rules.equal_readings:
        if _is_empty(rules, said):
            return Sight.EMPTY
        if said.condition is Condition.OVERLOAD:
            return Sight.NOT_FOR_SALE
    return Sight.MOVING


def is_steady(rules: StabilityRules, state: PanState) -> bool:
    """Say whether what was seen last is at rest: by the scale's own flag, or by as many equal readings."""
    if not isinstance(state.last, PricedReading):
        return False
    return state.alike >= rules.equal_readings if state.last.stable is None else state.last.stable


def _sight(rules: StabilityRules, state: PanState, reading: PricedReading) -> Sight:
    if not is_steady(rules, state):
        return Sight.MOVING
    if _is_empty(rules, reading):
        return Sight.EMPTY
    if state.sold is not None and not reading.is_new_load and _is_same_load(rules, state.sold, reading):
        return _sight_of_sold(rules, state, state.sold, reading)
    return Sight.LOAD if _is_for_sale(rules, reading) else Sight.NOT_FOR_SALE


def _is_same_load(rules: StabilityRules, sold: Sold, reading: PricedReading) -> bool:
    """By weight; a scale that counts says by its pieces that the load has changed."""
    if reading.is_counted and reading.pieces != sold.pieces:
        return False
    return abs(reading.net_g - sold.net_g) <= rules.change_g


def _sight_of_sold(rules: StabilityRules, state: PanState, sold: Sold, reading: PricedReading) -> Sight:
    if not _is_for_sale(rules, reading):
        return Sight.SAME_LOAD  # the price was cleared; the goods are there still
    if state.phase is Phase.VOIDED and reading.order_no != sold.order_no:
        return Sight.LOAD
    is_other_price = reading.is_priced_by_scale and reading.unit_price_fen != sold.unit_price_fen
    return Sight.REPRICED if is_other_price and state.alike >= rules.reprice_readings else Sight.SAME_LOAD


def _is_for_sale(rules: StabilityRules, reading: PricedReading) -> bool:
    """By the piece, the weight says nothing; by weight, less than the minimum load must not be sold (R 76-1, T.3.3)."""
    if reading.unit_price_fen <= 0 or reading.amount_fen <= 0:
        return False
    return reading.pieces is not None if reading.is_by_piece else reading.net_g >= rules.min_net_g
