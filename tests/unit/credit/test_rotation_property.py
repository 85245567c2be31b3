"""What a rotation promises, whatever the market is like."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.rotation.model import Rotation, against, neighbours_of
from credit.rotation.solving import solve
from tests.unit.credit.rotations import RULES, SEED, claim, every_place, rotation, rotations, stall, value_of


@settings(max_examples=60, deadline=None)
@given(rotations(most=4))
def test_no_assignment_is_better_as_an_exhaustive_search_finds(of: Rotation) -> None:
    found = solve(of, SEED)

    best = max(value_of(of, places) for places in every_place(of))
    assert value_of(of, found.places) == best
    assert (found.objective, found.gap) == (best[1], 0)


@settings(max_examples=40, deadline=None)
@given(rotations(most=4, apart=True))
def test_who_may_not_be_neighbours_is_kept_apart_at_the_least_price(of: Rotation) -> None:
    found = solve(of, SEED)

    best = max(value_of(of, places) for places in every_place(of))
    assert value_of(of, found.places) == best
    assert found.not_apart == ()


@settings(max_examples=100, deadline=None)
@given(rotations(most=7, apart=True))
def test_nobody_has_two_stalls_or_one_that_does_not_meet_their_needs(of: Rotation) -> None:
    found = solve(of, SEED)

    stalls, beside = {one.stall_id: one for one in of.stalls}, neighbours_of(of.stalls)
    given_out = [had for had in found.places.values() if had is not None]
    assert found.places.keys() == {one.number for one in of.claims}
    assert len(given_out) == len(set(given_out))
    for one in of.claims:
        had = found.places[one.number]
        assert had is None or against(one, stalls[had]) == ()
    assert not any((found.places[one], found.places[other]) in beside for one, other in of.apart)


@settings(max_examples=60, deadline=None)
@given(rotations(most=6, apart=True), st.randoms(use_true_random=False), st.text(max_size=5))
def test_the_same_seed_gives_the_same_places_in_whatever_order_the_lists_come(
    of: Rotation, shuffling: random.Random, seed: str
) -> None:
    stalls, claims = list(of.stalls), list(of.claims)
    shuffling.shuffle(stalls)
    shuffling.shuffle(claims)

    again = solve(msgspec.structs.replace(of, stalls=tuple(stalls), claims=tuple(claims)), seed)

    assert again == solve(of, seed)


@settings(max_examples=100, deadline=None)
@given(rotations(most=7, hardship=False))
def test_a_higher_score_never_envies_a_lower_one_of_the_same_needs(of: Rotation) -> None:
    places = solve(of, SEED).places

    value = {one.stall_id: RULES.class_of(one.position_class) for one in of.stalls}
    for one in of.claims:
        for other in of.claims:
            same = all(
                getattr(one, need) == getattr(other, need)
                for need in ("zone", "needs_tank", "least_area_dm2", "ground_floor")
            )
            theirs = places[other.number]
            if same and one.score > other.score and theirs is not None:
                mine = places[one.number]
                assert mine is not None
                ours, others = value[mine], value[theirs]
                assert ours is not None
                assert others is not None
                assert ours.value >= others.value


@settings(max_examples=60, deadline=None)
@given(rotations(most=6))
def test_the_prices_prove_the_bound(of: Rotation) -> None:
    from credit.rotation.model import weights_of, worth

    found, weights = solve(of, SEED), weights_of(of)
    for one in of.claims:
        for place in of.stalls:
            if not against(one, place):
                offered = found.claim_prices[one.number] + found.stall_prices[place.stall_id]
                assert offered >= worth(of, one, place, weights[one.number])
    given_out = set(found.places.values())
    for stall_id, price in found.stall_prices.items():
        assert price >= 0
        assert price == 0 or stall_id in given_out
    if None not in given_out:
        assert sum(found.claim_prices.values()) + sum(found.stall_prices.values()) == found.objective


def test_equals_are_told_apart_by_the_seed_and_each_gets_the_better_stall_for_some() -> None:
    of = rotation([stall("S-1", "A"), stall("S-2", "B")], [claim(1), claim(2)])

    had = {solve(of, f"seed {n}").places[1] for n in range(30)}

    assert had == {"S-1", "S-2"}


@pytest.mark.parametrize("size", [1, 2, 40, 150])
def test_a_market_of_equals_is_dealt_out_whole(size: int) -> None:
    of = rotation([stall(f"S-{n:03}", "ABCD"[n % 4]) for n in range(size)], [claim(n + 1) for n in range(size)])

    found = solve(of, SEED)

    assert set(found.places.values()) == {one.stall_id for one in of.stalls}
    assert found.gap == 0
