"""At most one weighing for each load, and never a live one."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams
from edge_agent.readings import Reading
from edge_agent.stability import (
    NEXT_PHASE,
    PanState,
    Phase,
    Sight,
    StabilityRules,
    StableLoad,
    after_restart,
    observe,
)

RULES = StabilityRules(min_net_g=Grams(100), equal_readings=3, zero_band_g=Grams(10), change_g=Grams(20))
EMPTY = [0, 0, 0]


def reading(net_g: int, price: int = 9000, stable: bool | None = None) -> Reading:
    return Reading(
        net_g=Grams(net_g), unit_price_fen=Fen(price), amount_fen=Fen(max(0, net_g) * price // 1000), stable=stable
    )


def loads(readings: list[Reading], state: PanState | None = None) -> list[StableLoad]:
    state = state or PanState()
    found = []
    for item in readings:
        state, load = observe(RULES, state, item)
        if load is not None:
            found.append(load)
    return found


def recorded(*weights: int) -> list[int]:
    return [load.net_g for load in loads([reading(g) for g in weights])]


def test_a_load_is_recorded_at_the_third_equal_reading_and_not_before() -> None:
    assert recorded(500, 500) == []
    assert recorded(500, 500, 500) == [500]


def test_a_load_that_stays_is_recorded_once() -> None:
    assert recorded(*[500] * 50) == [500]


def test_a_touch_does_not_sell_the_load_again() -> None:
    assert recorded(*[500] * 3, 700, 350, *[500] * 3) == [500]


def test_a_pan_that_was_empty_for_a_moment_only_does_not_sell_the_load_again() -> None:
    assert recorded(*[500] * 3, 0, 0, *[500] * 3) == [500]


def test_the_same_weight_is_sold_again_once_the_pan_was_seen_empty() -> None:
    assert recorded(*[500] * 3, *EMPTY, *[500] * 3) == [500, 500]


def test_below_zero_the_pan_is_empty_too() -> None:
    assert recorded(*[500] * 3, -30, -30, -25, *[500] * 3) == [500, 500]


def test_another_load_is_sold_without_an_empty_pan_between() -> None:
    assert recorded(*[500] * 3, *[900] * 3) == [500, 900]


def test_a_change_of_twenty_grams_is_the_same_load_and_one_of_twenty_five_is_another() -> None:
    assert recorded(*[500] * 3, *[520] * 3) == [500]
    assert recorded(*[500] * 3, *[525] * 3) == [500, 525]


def test_slow_changes_add_up() -> None:
    assert recorded(*[500] * 3, *[515] * 3, *[530] * 3) == [500, 530]


def test_the_minimum_load_is_sold_and_less_is_not() -> None:
    assert recorded(*[95] * 9) == []
    assert recorded(*[100] * 9) == [100]


def test_a_load_without_a_price_is_not_sold_until_it_has_one() -> None:
    unpriced = [reading(500, price=0)] * 9
    assert loads(unpriced) == []
    assert [load.unit_price_fen for load in loads([*unpriced, *[reading(500)] * 3])] == [9000]


def test_a_change_of_price_on_the_same_load_does_not_sell_it_again() -> None:
    assert len(loads([*[reading(500)] * 3, *[reading(500, price=8000)] * 9])) == 1


def test_the_scales_own_stable_flag_is_believed_at_once() -> None:
    assert len(loads([reading(500, stable=True)])) == 1


def test_what_the_scale_calls_unstable_is_never_recorded_however_often_it_is_equal() -> None:
    assert loads([reading(500, stable=False)] * 9) == []


def test_after_a_restart_the_load_that_was_recorded_last_is_not_sold_again() -> None:
    lying = after_restart(Grams(500))
    assert loads([reading(500)] * 9, lying) == []
    assert len(loads([reading(0)] * 3 + [reading(500)] * 9, lying)) == 1
    assert len(loads([reading(900)] * 9, lying)) == 1
    assert len(loads([reading(500)] * 9, after_restart(None))) == 1


def test_every_sight_has_an_answer_in_every_phase_that_can_see_it() -> None:
    possible = {(phase, sight) for phase in Phase for sight in Sight if sight is not Sight.SAME_LOAD}
    assert set(NEXT_PHASE) == possible | {(Phase.RECORDED, Sight.SAME_LOAD)}


weights = st.lists(st.sampled_from([-30, 0, 5, 50, 100, 500, 505, 530, 900]), max_size=60)


@given(weights)
def test_only_what_was_equal_often_enough_is_recorded(stream: list[int]) -> None:
    long_enough = {g for g, run in groupby(stream) if len(list(run)) >= RULES.equal_readings}
    assert set(recorded(*stream)) <= {g for g in long_enough if g >= RULES.min_net_g}


@given(weights, st.integers(1, 20))
def test_how_often_the_last_reading_repeats_never_makes_a_second_weighing(stream: list[int], times: int) -> None:
    steady = [*stream, *stream[-1:] * 3]
    assert recorded(*steady, *steady[-1:] * times) == recorded(*steady)


@given(weights)
def test_the_same_load_is_never_recorded_twice_without_an_empty_or_changed_pan(stream: list[int]) -> None:
    state, since = PanState(), list[int]()
    sold: int | None = None
    for g in stream:
        state, load = observe(RULES, state, reading(g))
        since.append(g)
        if load is None:
            continue
        if sold is not None and abs(sold - load.net_g) <= RULES.change_g:
            steady = [
                value for value, run in groupby(since, key=lambda g: max(g, 0) if g > 10 else 0) if len(list(run)) >= 3
            ]
            assert any(abs(value - sold) > RULES.change_g for value in steady)
        sold, since = load.net_g, []


@given(weights)
def test_the_sold_weight_is_known_exactly_while_recorded(stream: list[int]) -> None:
    state = PanState()
    for g in stream:
        state, _load = observe(RULES, state, reading(g))
        assert (state.sold_net_g is not None) == (state.phase is Phase.RECORDED)
