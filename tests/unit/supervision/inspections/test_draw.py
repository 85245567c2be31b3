"""The draw: repeatable by anybody, whatever the order of the lists; weights hold; nobody goes where they may not."""

import hashlib
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.inspections.draw import Drawn, Inspector, Subject, below, draw, seed_of

SEED = hashlib.sha256(b"a seed").hexdigest()
KEYS = st.text("abcdef0123456789", min_size=1, max_size=6)
SUBJECTS = st.dictionaries(KEYS, st.integers(1, 50), max_size=40).map(
    lambda found: [Subject(key=key, weight=weight) for key, weight in found.items()]
)


@st.composite
def worlds(draw_from: st.DrawFn) -> tuple[list[Subject], list[Inspector]]:
    subjects = draw_from(SUBJECTS)
    keys = st.sampled_from([one.key for one in subjects] or ["none"])
    barred = draw_from(st.dictionaries(st.text(min_size=1, max_size=4), st.frozensets(keys, max_size=5), max_size=8))
    return subjects, [Inspector(badge=badge, barred=keys) for badge, keys in barred.items()]


def by_hand(
    subjects: list[Subject], inspectors: list[Inspector], visits: int, each: int, most: int, seed: str
) -> list[tuple[str, list[str]]]:
    """The method as docs/inspections.md says it, written again by somebody who never saw the code: slow and plain."""

    def number(bound: int, label: str) -> int:
        attempt = 0
        while True:
            value = int(hashlib.sha256((seed + "\n" + label + "\n" + str(attempt)).encode()).hexdigest(), 16)
            if value < 2**256 // bound * bound:
                return value % bound
            attempt += 1

    left = sorted(((one.key, one.weight) for one in subjects), key=lambda pair: pair[0].encode())
    visited: dict[str, int] = {}
    told = []
    for n in range(1, visits + 1):
        if not left:
            break
        rest = number(sum(weight for _, weight in left), f"subject {n}")
        at = 0
        while rest >= left[at][1]:
            rest -= left[at][1]
            at += 1
        key = left.pop(at)[0]
        free = [
            one.badge
            for one in sorted(inspectors, key=lambda one: one.badge.encode())
            if key not in one.barred and visited.get(one.badge, 0) < most
        ]
        going: list[str] = []
        if len(free) >= each:
            going = [free.pop(number(len(free), f"inspector {n} {place}")) for place in range(1, each + 1)]
        for badge in going:
            visited[badge] = visited.get(badge, 0) + 1
        told.append((key, sorted(going, key=str.encode)))
    return told


@given(worlds(), st.integers(1, 50), st.integers(1, 3), st.integers(1, 9), st.binary())
def test_who_writes_the_method_down_again_draws_the_same(
    world: tuple[list[Subject], list[Inspector]], visits: int, each: int, most: int, entropy: bytes
) -> None:
    subjects, inspectors = world
    seed = hashlib.sha256(entropy).hexdigest()
    found = draw(subjects, inspectors, visits=visits, each=each, most=most, seed=seed)
    assert [(one.key, list(one.badges)) for one in found] == by_hand(subjects, inspectors, visits, each, most, seed)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(world: tuple[list[Subject], list[Inspector]], chance: Random) -> None:
    subjects, inspectors = world
    first = draw(subjects, inspectors, visits=20, each=2, most=5, seed=SEED)
    chance.shuffle(subjects)
    chance.shuffle(inspectors)
    assert draw(subjects, inspectors, visits=20, each=2, most=5, seed=SEED) == first


@given(worlds(), st.integers(1, 60), st.integers(1, 3), st.integers(1, 4))
def test_nobody_goes_where_they_may_not_and_nobody_too_often(
    world: tuple[list[Subject], list[Inspector]], visits: int, each: int, most: int
) -> None:
    subjects, inspectors = world
    barred = {one.badge: one.barred for one in inspectors}
    found = draw(subjects, inspectors, visits=visits, each=each, most=most, seed=SEED)
    assert len(found) == len({one.key for one in found}) == min(visits, len(subjects))
    loads: Counter[str] = Counter()
    for one in found:
        free = [b for b, keys in barred.items() if one.key not in keys and loads[b] < most]
        assert len(one.badges) == len(set(one.badges)) == (each if len(free) >= each else 0)
        assert all(one.key not in barred[badge] for badge in one.badges)
        loads.update(one.badges)
    assert all(times <= most for times in loads.values())


def test_a_known_draw_stays_the_same_for_ever() -> None:
    """What a seed gives is published: this list is part of the method `steelyard-draw-1`."""
    subjects = [Subject(key=f"{n:02}", weight=1 + n % 4) for n in range(12)]
    inspectors = [Inspector(badge=f"HN-{n}", barred=frozenset({"05"} if n == 1 else ())) for n in range(1, 5)]
    found = draw(subjects, inspectors, visits=3, each=2, most=9, seed=SEED)
    assert [(one.key, one.badges) for one in found] == [
        ("04", ("HN-1", "HN-2")),
        ("09", ("HN-1", "HN-3")),
        ("11", ("HN-3", "HN-4")),
    ]
    assert seed_of("f" * 64, "s", "3 311.27") == "60f54bce28d46b5a18aaf9b407b7307fbb2fdf35a2e4654a55f5a89dc297eea7"


def test_frequencies_follow_the_weights() -> None:
    """4 000 seeds that are what they are; the bounds are five deviations wide."""
    weights = {"a": 1, "b": 4, "c": 12, "d": 36}
    subjects = [Subject(key=key, weight=weight) for key, weight in weights.items()]
    tries = 4000
    first, second_given_d = Counter[str](), Counter[str]()
    for n in range(tries):
        one, two = draw(subjects, [], visits=2, each=1, most=1, seed=hashlib.sha256(str(n).encode()).hexdigest())
        first[one.key] += 1
        if one.key == "d":
            second_given_d[two.key] += 1
    for counted, among in ((first, weights), (second_given_d, {key: weights[key] for key in "abc"})):
        times = sum(counted.values())
        for key, weight in among.items():
            share = Fraction(weight, sum(among.values()))
            deviation = float(times * share * (1 - share)) ** 0.5
            assert abs(counted[key] - float(times * share)) <= 5 * deviation, (key, counted)


def test_inspectors_are_chosen_evenly() -> None:
    inspectors = [Inspector(badge=badge, barred=frozenset()) for badge in "wxyz"]
    pairs: Counter[tuple[str, ...]] = Counter()
    for n in range(3000):
        seed = hashlib.sha256(f"pair {n}".encode()).hexdigest()
        pairs[draw([Subject(key="a", weight=1)], inspectors, visits=1, each=2, most=1, seed=seed)[0].badges] += 1
    assert len(pairs) == 6
    assert all(abs(times - 500) <= 5 * (3000 * 5 / 36) ** 0.5 for times in pairs.values())


@given(st.integers(1, 2**256), st.text(max_size=5))
def test_a_number_is_below_its_bound(bound: int, label: str) -> None:
    assert 0 <= below(bound, SEED, label) < bound


def test_a_number_of_the_incomplete_span_is_not_taken() -> None:
    """With a bound just above half of all numbers, nearly half of the tries are refused."""
    bound = 2**255 + 1
    firsts = [int.from_bytes(hashlib.sha256(f"{SEED}\nx{n}\n0".encode()).digest(), "big") for n in range(64)]
    refused = [n for n, value in enumerate(firsts) if value >= bound]
    assert refused
    for n in refused:
        seconds = int.from_bytes(hashlib.sha256(f"{SEED}\nx{n}\n1".encode()).digest(), "big")
        if seconds < bound:
            assert below(bound, SEED, f"x{n}") == seconds


@pytest.mark.parametrize(
    ("subjects", "inspectors", "said"),
    [
        ([Subject(key="a", weight=0)], [], "below 1"),
        ([Subject(key="a", weight=1)] * 2, [], "twice"),
        ([], [Inspector(badge="a", barred=frozenset())] * 2, "twice"),
    ],
)
def test_lists_that_would_not_be_fair_are_refused(
    subjects: list[Subject], inspectors: list[Inspector], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        draw(subjects, inspectors, visits=1, each=1, most=1, seed=SEED)


def test_without_enough_inspectors_the_visit_is_drawn_and_says_so() -> None:
    one = Inspector(badge="a", barred=frozenset())
    (found,) = draw([Subject(key="s", weight=1)], [one], visits=5, each=2, most=9, seed=SEED)
    assert found == Drawn(key="s", badges=())
    barred = replace(one, barred=frozenset({"s"}))
    (found,) = draw([Subject(key="s", weight=1)], [barred], visits=1, each=1, most=9, seed=SEED)
    assert found.badges == ()
