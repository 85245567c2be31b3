"""At most one weighing for each load, and never a live one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams, PriceUnit
from edge_agent.weighing.offers import PricedReading
from edge_agent.weighing.readings import Condition, NoWeight
from edge_agent.weighing.stability import (
    NEXT_PHASE,
    PanState,
    Phase,
    Sight,
    Sold,
    StabilityRules,
    StableLoad,
    after_restart,
    after_void,
    observe,
)

RULES = StabilityRules(min_net_g=Grams(100), equal_readings=3, zero_band_g=Grams(10), change_g=Grams(20))
EMPTY = [0, 0, 0]


def reading(
    net_g: int, price: int = 9000, *, stable: bool | None = None, by_scale: bool = True, order_no: int = 0
) -> PricedReading:
    return PricedReading(
        net_g=Grams(net_g),
        stable=stable,
        unit_price_fen=Fen(price),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(max(0, net_g) * price // 1000),
        order_no=order_no,
        is_priced_by_scale=by_scale,
    )


def loads(said: Sequence[PricedReading | NoWeight], state: PanState | None = None) -> list[StableLoad]:
    return run(said, state)[1]


def run(said: Sequence[PricedReading | NoWeight], state: PanState | None = None) -> tuple[PanState, list[StableLoad]]:
    state = state or PanState()
    found = []
    for item in said:
        state, load = observe(RULES, state, item)
        if load is not None:
            found.append(load)
    return state, found


def recorded(*weights: int) -> list[int]:
    return [load.reading.net_g for load in loads([reading(g) for g in weights])]


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
    assert [load.reading.unit_price_fen for load in loads([*unpriced, *[reading(500)] * 3])] == [9000]


def test_another_price_over_the_recorded_load_corrects_its_sale_once_it_stands_long_enough() -> None:
    sold = [reading(500)] * 3
    nearly = [reading(500, 9900)] * (RULES.reprice_readings - 1)
    assert [load.corrects for load in loads([*sold, *nearly])] == [False]
    found = loads([*sold, *nearly, *[reading(500, 9900)] * 9])
    assert [(load.corrects, load.reading.unit_price_fen) for load in found] == [(False, 9000), (True, 9900)]


def test_a_price_that_is_being_keyed_digit_by_digit_corrects_nothing() -> None:
    keying = [reading(500, price) for price in (0, 9, 98, 980) for _ in range(5)]
    assert len(loads([*[reading(500)] * 3, *keying, *[reading(500)] * 9])) == 1


def test_a_price_that_was_cleared_is_no_correction() -> None:
    assert len(loads([*[reading(500)] * 3, *[reading(500, 0)] * 40])) == 1


def test_a_keyed_price_is_for_the_next_load_and_corrects_nothing() -> None:
    later = [reading(500, 9900, by_scale=False, order_no=1)] * 40
    assert len(loads([*[reading(500, by_scale=False)] * 3, *later])) == 1


def test_a_load_whose_sale_was_voided_is_not_sold_again_by_itself() -> None:
    state, _sold = run([reading(500)] * 3)
    voided = after_void(state, order_no=0)
    assert voided.phase is Phase.VOIDED
    assert loads([reading(500)] * 40, voided) == []
    assert len(loads([*[reading(0)] * 3, *[reading(500)] * 3], voided)) == 1


def test_a_voided_load_is_sold_under_a_new_order_or_price_and_corrects_nothing_then() -> None:
    state, _sold = run([reading(500)] * 3)
    voided = after_void(state, order_no=0)
    assert [load.corrects for load in loads([reading(500, order_no=1)] * 3, voided)] == [False]
    assert [load.corrects for load in loads([reading(500, 9900)] * 40, voided)] == [False]


def test_a_void_with_nothing_recorded_on_the_pan_changes_nothing_there() -> None:
    state, _sold = run([reading(0)] * 3)
    assert after_void(state, order_no=0) == state


def nothing(condition: Condition) -> list[PricedReading | NoWeight]:
    return [NoWeight(condition)] * 3


def test_a_scale_without_a_weight_never_makes_one_and_motion_is_no_empty_pan() -> None:
    for condition in Condition:
        assert loads(nothing(condition) * 10) == []
    for condition in (Condition.MOTION, Condition.NOT_READY, Condition.SAME_LOAD):
        assert len(loads([*[reading(500)] * 3, *nothing(condition), *[reading(500)] * 3])) == 1


def test_below_zero_or_below_the_least_weight_the_pan_is_empty() -> None:
    for condition in (Condition.UNDERLOAD, Condition.BELOW_MINIMUM):
        assert len(loads([*[reading(500)] * 3, *nothing(condition), *[reading(500)] * 3])) == 2
        assert len(loads([*[reading(500)] * 3, NoWeight(condition), *[reading(500)] * 3])) == 1


def test_over_the_capacity_there_is_another_load() -> None:
    assert len(loads([*[reading(500)] * 3, *nothing(Condition.OVERLOAD), *[reading(500)] * 3])) == 2


def test_goods_by_the_piece_need_their_number_and_no_minimum_load() -> None:
    piece = replace(reading(40, 1500), price_unit=PriceUnit.PIECE, amount_fen=Fen(4500))
    assert loads([piece] * 9) == []
    assert [load.reading.pieces for load in loads([replace(piece, pieces=3)] * 3)] == [3]


def test_the_scales_own_stable_flag_is_believed_at_once() -> None:
    assert len(loads([reading(500, stable=True)])) == 1


def test_what_the_scale_calls_unstable_is_never_recorded_however_often_it_is_equal() -> None:
    assert loads([reading(500, stable=False)] * 9) == []


def test_after_a_restart_the_load_that_was_recorded_last_is_not_sold_again() -> None:
    lying = after_restart(Sold(net_g=Grams(500), unit_price_fen=Fen(9000)))
    assert loads([reading(500)] * 9, lying) == []
    assert len(loads([reading(0)] * 3 + [reading(500)] * 9, lying)) == 1
    assert len(loads([reading(900)] * 9, lying)) == 1
    assert len(loads([reading(500)] * 9, after_restart(None))) == 1


def counted(pieces: int) -> PricedReading:
    """As a counting scale says it: pieces, and no weight."""
    unpriced = replace(reading(0, 1500), price_unit=PriceUnit.PIECE, amount_fen=Fen(1500 * pieces))
    return replace(unpriced, pieces=pieces, is_counted=pieces > 0)


def test_a_scale_that_counts_has_an_empty_pan_when_it_counts_none() -> None:
    assert [load.reading.pieces for load in loads([counted(3)] * 9)] == [3]
    assert len(loads([*[counted(3)] * 3, *[counted(0)] * 3, *[counted(3)] * 3])) == 2
    assert [load.reading.pieces for load in loads([*[counted(3)] * 3, *[counted(5)] * 3])] == [3, 5]


def test_pieces_that_were_keyed_do_not_lie_on_an_empty_pan() -> None:
    keyed = replace(reading(0, 1500), price_unit=PriceUnit.PIECE, pieces=3, amount_fen=Fen(4500))
    assert loads([keyed] * 9) == []


def test_every_sight_has_an_answer_in_every_phase_that_can_see_it() -> None:
    about_what_was_sold = {Sight.SAME_LOAD, Sight.REPRICED}
    possible = {(phase, sight) for phase in Phase for sight in Sight if sight not in about_what_was_sold}
    possible |= {(phase, sight) for phase in (Phase.RECORDED, Phase.VOIDED) for sight in about_what_was_sold}
    assert set(NEXT_PHASE) == possible


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
        if sold is not None and abs(sold - load.reading.net_g) <= RULES.change_g:
            steady = [
                value for value, run in groupby(since, key=lambda g: max(g, 0) if g > 10 else 0) if len(list(run)) >= 3
            ]
            assert any(abs(value - sold) > RULES.change_g for value in steady)
        sold, since = load.reading.net_g, []


@given(weights)
def test_the_sold_weight_is_known_exactly_while_recorded(stream: list[int]) -> None:
    state = PanState()
    for g in stream:
        state, _load = observe(RULES, state, reading(g))
        assert (state.sold is not None) == (state.phase in {Phase.RECORDED, Phase.VOIDED})


said = st.lists(
    st.one_of(
        st.builds(
            reading,
            st.sampled_from([-30, 0, 50, 100, 500, 505, 900]),
            st.sampled_from([0, 9000, 9900]),
            stable=st.sampled_from([None, True, False]),
            by_scale=st.booleans(),
            order_no=st.integers(0, 2),
        ),
        st.sampled_from(Condition).map(NoWeight),
    ),
    max_size=80,
)


@given(said)
def test_whatever_a_scale_says_the_machine_has_an_answer_and_never_records_what_moves(
    stream: list[PricedReading | NoWeight],
) -> None:
    state = PanState()
    for item in stream:
        state, load = observe(RULES, state, item)
        assert (state.sold is not None) == (state.phase in {Phase.RECORDED, Phase.VOIDED})
        if load is not None:
            assert load.reading == item
            assert load.reading.stable is not False
            assert load.reading.net_g >= RULES.min_net_g
            assert load.reading.amount_fen > 0
