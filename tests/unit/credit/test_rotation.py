"""A rotation in examples: what each term of the sum does, what cannot be, why, what a change costs, and the file."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from credit.rotation.comparing import Turn, change, moves
from credit.rotation.explaining import Why, explain
from credit.rotation.gathering import ranked
from credit.rotation.lots import METHOD, PRIME, number_of, seed_of
from credit.rotation.model import Need, Pin, Rotation, against, problems_of
from credit.rotation.policy import RotationRules, read_rotation_rules
from credit.rotation.policy import problems_of as rule_problems
from credit.rotation.round_file import (
    FrozenRound,
    PublishedRound,
    file_of,
    frozen_text,
    published,
    repeat,
    sha256_of,
    with_pins,
)
from credit.rotation.solving import solve
from credit.rules.reading import read_credit_rules
from credit.scoring import score_at
from domain.credit import CreditEvent
from domain.errors import BadFile, RuleViolation
from domain.ids import MarketId, VendorId
from tests.unit.credit.rotations import RULES, SEED, claim, rotation, stall

AT = datetime(2026, 11, 28, 8, tzinfo=UTC)


def test_the_highest_score_gets_the_best_stall() -> None:
    of = rotation([stall("S-1", "C"), stall("S-2", "A"), stall("S-3", "B")], [claim(1, 80), claim(2, 95), claim(3, 90)])

    found = solve(of, SEED)

    assert found.places == {1: "S-1", 2: "S-2", 3: "S-3"}
    assert found.objective == 20 * 10 + 40 * 30 + 30 * 20
    assert (found.bound, found.gap) == (found.objective, 0)


def test_equals_take_turns_the_poorer_place_first() -> None:
    of = rotation([stall("S-1", "A"), stall("S-2", "D")], [claim(1, held="S-1"), claim(2, held="S-2")])

    assert solve(of, SEED).places == {1: "S-2", 2: "S-1"}


@pytest.mark.parametrize(("stay", "places"), [(44, {1: "S-2", 2: "S-1"}), (46, {1: "S-1", 2: "S-2"})])
def test_turns_are_taken_until_moving_costs_more_than_a_turn_gains(stay: int, places: dict[int, str]) -> None:
    # A and D differ by 30, and by 3 in turn: 90 more apart; taken: 2 * stay.
    rules = msgspec.structs.replace(RULES, stay=stay, hardship_stay=10_000)
    of = rotation([stall("S-1", "A"), stall("S-2", "D")], [claim(1, held="S-1"), claim(2, held="S-2")], rules)

    assert solve(of, SEED).places == places


def test_nobody_moves_for_nothing() -> None:
    stalls = [stall(f"S-{n}", "B") for n in range(6)]
    of = rotation(stalls, [claim(n + 1, held=f"S-{n}") for n in range(6)])

    assert {one.turn for one in moves(of, solve(of, SEED).places)} == {Turn.STAYS}


def test_for_whom_moving_is_a_hardship_stays_before_a_higher_score() -> None:
    of = rotation(
        [stall("S-1", "A"), stall("S-2", "B")], [claim(1, 60, held="S-1", hardship=True), claim(2, 100, held="S-2")]
    )

    assert solve(of, SEED).places == {1: "S-1", 2: "S-2"}


@pytest.mark.parametrize(
    ("needs", "facts", "missing"),
    [
        ({"zone": "live"}, {"zone": "dry"}, (Need.ZONE,)),
        ({"zone": "live"}, {"zone": ""}, ()),
        ({}, {"zone": "dry"}, ()),
        ({"needs_tank": True}, {}, (Need.TANK,)),
        ({"needs_tank": True}, {"has_tank": True}, ()),
        ({"least_area_dm2": 900}, {"area_dm2": 899}, (Need.AREA,)),
        ({"least_area_dm2": 900}, {"area_dm2": 900}, ()),
        ({"least_area_dm2": 900}, {}, (Need.AREA,)),
        ({"ground_floor": True}, {"floor": 2}, (Need.FLOOR,)),
        ({"ground_floor": True}, {}, (Need.FLOOR,)),
        ({"ground_floor": True}, {"floor": 1}, ()),
        ({"zone": "live", "needs_tank": True}, {"zone": "dry"}, (Need.ZONE, Need.TANK)),
    ],
)
def test_a_stall_meets_a_need_or_is_none(needs: dict[str, Any], facts: dict[str, Any], missing: object) -> None:
    assert against(claim(1, **needs), stall("S-1", **facts)) == missing


def test_who_is_left_without_a_stall_is_told_with_the_rivals_and_the_stalls_that_would_do() -> None:
    tanks = [stall(f"T-{n}", "A", has_tank=True) for n in range(2)]
    of = rotation(
        [*tanks, stall("S-1", "B"), stall("S-2", "B")],
        [claim(1, 90, needs_tank=True), claim(2, 80, needs_tank=True), claim(3, 70, needs_tank=True), claim(4, 100)],
    )

    found = solve(of, SEED)
    why = explain(of, found, 3)

    assert found.places[3] is None
    assert found.places[4] in {"S-1", "S-2"}
    assert (why.suitable, why.fitting, why.rivals) == (2, 2, 3)
    assert why.ruled_out == {Need.TANK: 2}
    assert {(one.stall.stall_id, one.why, one.taken_by) for one in why.better if not one.needs} == {
        (stall_id, Why.HIGHER, number) for number, stall_id in found.places.items() if number in {1, 2}
    }


def test_whose_needs_no_stall_meets_is_told_so_and_the_others_are_served() -> None:
    of = rotation([stall("S-1", floor=2)], [claim(1, 100, ground_floor=True), claim(2, 50)])

    found = solve(of, SEED)

    assert found.places == {1: None, 2: "S-1"}
    assert (explain(of, found, 1).suitable, explain(of, found, 1).fitting) == (0, 0)


def test_an_empty_market_has_an_empty_round() -> None:
    assert solve(rotation([], []), SEED).places == {}
    assert solve(rotation([], [claim(1)]), SEED).places == {1: None}


def test_the_explanation_says_by_what_each_better_stall_went_to_somebody_else() -> None:
    of = rotation(
        [
            stall("S-1", "A"),
            stall("S-2", "A", zone="dry"),
            stall("S-3", "B", has_tank=True),
            stall("S-4", "B"),
            stall("S-5", "C"),
            stall("S-6", "A"),
            stall("S-7", "B"),
        ],
        [
            claim(1, 90, held="S-4", zone="live"),
            claim(2, 100, zone="live"),
            claim(3, 60, needs_tank=True),
            claim(4, 90, held="S-5", zone="live"),
            claim(5, 90, held="S-4x", zone="dry"),
        ],
        pins=(Pin(stall_id="S-6", claim=None), Pin(stall_id="S-7", claim=None)),
    )

    found = solve(of, SEED)
    why = {one.stall.stall_id: one for one in explain(of, found, 1).better}

    assert found.places == {1: "S-5", 2: "S-1", 3: "S-3", 4: "S-4", 5: "S-2"}
    assert why["S-1"].why is Why.HIGHER
    assert (why["S-2"].why, why["S-2"].needs) == (Why.NEED, (Need.ZONE,))
    assert (why["S-3"].why, why["S-3"].taken_by) == (Why.TOGETHER, 3)
    assert why["S-3"].costs > 0
    assert why["S-4"].why is Why.TURN
    assert why["S-6"].why is Why.KEPT_BACK
    assert (explain(of, found, 1).ahead, explain(of, found, 1).equals, explain(of, found, 1).step) == (1, 2, 2)


def test_equals_are_told_that_the_lot_fell_so() -> None:
    of = rotation([stall("S-1", "A"), stall("S-2", "B")], [claim(1), claim(2)])
    found = solve(of, SEED)
    second = next(number for number, had in found.places.items() if had == "S-2")

    assert [(one.why, one.costs) for one in explain(of, found, second).better] == [(Why.LOT, 0)]


def test_what_giving_a_better_stall_would_cost_is_never_overstated() -> None:
    of = rotation(
        [stall("S-1", "A", has_tank=True), stall("S-2", "B"), stall("S-3", "D")],
        [claim(1, 100), claim(2, 60, needs_tank=True), claim(3, 80)],
    )
    found = solve(of, SEED)

    for number in found.places:
        for one in explain(of, found, number).better:
            if not one.needs:
                pinned = solve(with_pins(of, (Pin(stall_id=one.stall.stall_id, claim=number),)), SEED)
                left_out = None in pinned.places.values()
                assert left_out or one.costs <= found.objective - pinned.objective


def test_a_pin_is_kept_and_its_price_told() -> None:
    of = rotation([stall("S-1", "A"), stall("S-2", "B")], [claim(1, 90), claim(2, 100)])
    before = solve(of, SEED)
    after = solve(with_pins(of, (Pin(stall_id="S-1", claim=1),)), SEED)

    told = change(of, before, after)

    assert after.places == {1: "S-1", 2: "S-2"}
    assert told.costs == (40 - 30) * 10
    assert [(one.claim, one.before, one.after) for one in told.falls] == [(2, "S-1", "S-2")]
    assert change(of, after, before).costs == -told.costs


@pytest.mark.parametrize(
    ("pins", "problem"),
    [
        ((Pin(stall_id="S-9", claim=1),), "pin: stall S-9 does not take part"),
        ((Pin(stall_id="S-1", claim=9),), "pin: claim 9 does not take part"),
        ((Pin(stall_id="S-1", claim=2),), "pin: stall S-1 does not meet the tank that claim 2 needs"),
        ((Pin(stall_id="S-1", claim=1), Pin(stall_id="S-2", claim=1)), "claim 1 is pinned to two stalls"),
        ((Pin(stall_id="S-1", claim=1), Pin(stall_id="S-1", claim=None)), "stall S-1 is pinned twice"),
        ((Pin(stall_id="S-1", claim=1), Pin(stall_id="S-2", claim=3)), "pin: claims 1 and 3 would be neighbours"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_by_name(pins: tuple[Pin, ...], problem: str) -> None:
    of = rotation(
        [stall("S-1", neighbours=("S-2",)), stall("S-2"), stall("S-3", has_tank=True)],
        [claim(1), claim(2, needs_tank=True), claim(3)],
        apart=((1, 3),),
        pins=pins,
    )

    assert problem in problems_of(of)
    with pytest.raises(RuleViolation, match="pin"):
        solve(of, SEED)


def test_what_nothing_can_be_reckoned_with_is_named() -> None:
    of = rotation(
        [stall("S-1"), stall("S-1", "X")],
        [claim(1, held="S-1"), claim(1, held="S-1")],
        apart=((1, 7),),
    )

    assert problems_of(of) == [
        "stall S-1 stands twice",
        "claim 1 stands twice",
        "stall S-1 is held by two claims",
        "stall S-1: position_class is 'X'; expected one of A, B, C, D",
        "apart names the claims 1 and 7; expected two that take part",
    ]


def test_neighbours_are_kept_apart_and_where_that_cannot_be_it_is_told() -> None:
    row = [stall(f"S-{n}", "B", neighbours=(f"S-{n + 1}",)) for n in range(3)]
    of = rotation(row, [claim(1), claim(2), claim(3)], apart=((1, 2),))
    found = solve(of, SEED)
    assert {found.places[1], found.places[2]} == {"S-0", "S-2"}
    assert (found.gap, found.not_apart) == (0, ())

    found = solve(of, SEED, most_tried=0)
    assert found.not_apart in {(), ((1, 2),)}


def test_sums_that_would_not_be_exact_are_refused() -> None:
    large = [msgspec.structs.replace(one, value=1_000 - n) for n, one in enumerate(RULES.classes)]
    rules = msgspec.structs.replace(RULES, score_weight=1_000, classes=tuple(large), hardship_stay=10_000_000)
    stalls = [stall(f"S-{n}") for n in range(1_500)]

    with pytest.raises(RuleViolation, match="too large to be exact"):
        solve(rotation(stalls, [claim(n + 1, n) for n in range(1_500)], rules), SEED)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"turn": 4}, "turn is 4: over 4 classes that is 12; expected below score_weight"),
        ({"stay": 35}, "stay is 35; expected 34 at most"),
        ({"hardship_stay": 3}, "hardship_stay is 3; expected stay (4) or more"),
        ({"classes": RULES.classes[::-1]}, "expected falling"),
        ({"classes": (*RULES.classes, RULES.classes[0])}, "class A stands twice"),
    ],
)
def test_rules_under_which_a_higher_score_could_envy_a_lower_one_are_refused(
    changed: dict[str, object], problem: str
) -> None:
    rules = msgspec.structs.replace(RULES, **changed)

    assert any(problem in one for one in rule_problems(rules))


def test_a_policy_that_cannot_be_read_names_its_field(tmp_path: Path) -> None:
    (tmp_path / "rotation.toml").write_text('version = "1"\n', encoding="utf-8")

    with pytest.raises(BadFile, match="in_force_from"):
        read_rotation_rules(tmp_path / "rotation.toml")


def test_the_numbers_of_a_seed_are_what_the_documentation_says() -> None:
    # sha256("5eed\nclaim 1 1"), by another program, modulo PRIME - 1, plus 1.
    assert number_of("5eed", "claim 1 1") == int(sha256_of("5eed\nclaim 1 1"), 16) % (PRIME - 1) + 1
    assert seed_of("aa", "bb", "3127.45") == sha256_of(f"{METHOD}\naa\nbb\n3127.45")


def test_a_known_round_stays_what_it_was() -> None:
    # Whatever changes this is a new METHOD: rounds that are over must be repeatable.
    stalls = [stall(f"S-{n}", "AABB"[n], neighbours=(f"S-{n + 1}",)) for n in range(4)]
    of = rotation(stalls, [claim(n) for n in range(1, 5)], apart=((1, 2),))

    assert [dict(solve(of, f"seed {n}").places) for n in (1, 2)] == [
        {1: "S-2", 2: "S-0", 3: "S-3", 4: "S-1"},
        {1: "S-0", 2: "S-2", 3: "S-3", 4: "S-1"},
    ]


def _frozen(of: Rotation, secret: str = "secret") -> str:
    return frozen_text(
        FrozenRound(
            method=METHOD,
            round_id=7,
            market_id="sanya-1",
            title="第四季度",
            takes_effect_on=date(2027, 1, 1),
            credit_rules="2026-11-22",
            frozen_at=AT,
            secret_sha256=sha256_of(secret),
            public_source="SSE Composite at closing",
            public_from=AT,
            rotation=of,
        )
    )


def _file(of: Rotation, pins: tuple[Pin, ...] = ()) -> PublishedRound:
    text = _frozen(of)
    seed = seed_of(sha256_of(text), "secret", "3127.45")
    by_seed = solve(of, seed).objective
    return published(
        text,
        secret="secret",
        public_value="3127.45",
        by_seed=by_seed,
        pins=pins,
        solution=solve(with_pins(of, pins), seed),
    )


@pytest.fixture
def small() -> Rotation:
    return rotation([stall("S-1", "A"), stall("S-2", "B"), stall("S-3", "B")], [claim(1, 90), claim(2), claim(3)])


@pytest.mark.parametrize("pins", [(), (Pin(stall_id="S-1", claim=1),)])
def test_a_published_round_follows_from_its_file(small: Rotation, pins: tuple[Pin, ...]) -> None:
    again = repeat(file_of(_file(small, pins)), "round.json")

    assert again.problems == ()
    assert (again.claims, again.stalls) == (3, 3)
    assert again.by_seed >= again.objective == again.bound


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"frozen_sha256": "0" * 64}, "frozen_sha256 is"),
        ({"secret": "another"}, "secret is not the one"),
        ({"seed": "0" * 64}, "seed is"),
        ({"public_value": "3127.46"}, "seed is"),
        ({"objective": 1}, "objective is 1; expected"),
        ({"bound": 10**9}, "the bound is more than the prices add up to"),
        ({"by_seed": 1}, "by_seed is 1; expected"),
        ({"stall_prices": ()}, "the prices are not those"),
    ],
)
def test_a_file_in_which_something_was_altered_says_what(
    small: Rotation, changed: dict[str, object], problem: str
) -> None:
    told = msgspec.structs.replace(_file(small), **changed)

    assert any(problem in one for one in repeat(file_of(told), "round.json").problems)


def test_exchanged_places_and_lowered_prices_show(small: Rotation) -> None:
    told = _file(small)
    first, second, third = told.places
    exchanged = (
        msgspec.structs.replace(first, stall_id=second.stall_id),
        msgspec.structs.replace(second, stall_id=first.stall_id, price=0),
        third,
    )

    problems = repeat(file_of(msgspec.structs.replace(told, places=exchanged)), "round.json").problems

    assert any("the seed gives" in one for one in problems)
    assert any("add up to less than it is worth" in one for one in problems)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", json.dumps({"method": "x"}).encode(), b"\xff\xfe"])
def test_what_is_no_round_is_refused(content: bytes) -> None:
    with pytest.raises(BadFile):
        repeat(content, "round.json")


def test_a_file_of_another_method_is_refused(small: Rotation) -> None:
    told = msgspec.structs.replace(_file(small), method="steelyard-rotation-0")

    with pytest.raises(BadFile, match="expected steelyard-rotation-1"):
        repeat(file_of(told), "round.json")


def test_the_rules_of_the_example_are_sound() -> None:
    assert isinstance(RULES, RotationRules)
    assert rule_problems(RULES) == []


def test_while_a_veto_item_stands_a_score_ranks_behind_every_other() -> None:
    rules = read_credit_rules(Path(__file__).parents[3] / "policy" / "credit.toml")
    fact = CreditEvent(
        event_id=1,
        market_id=MarketId("m"),
        vendor_id=VendorId("v"),
        occurred_at=AT,
        recorded_at=AT,
        recorded_by="li",
        reason="seal_broken",
        is_veto=True,
        points=-30,
        rule="",
        rules_version="",
        alert_id=None,
    )
    stands = score_at([fact], rules, AT.date(), "Asia/Shanghai")
    assert stands.vetoes
    assert ranked(stands, rules) == rules.floor - 1
    assert ranked(score_at([], rules, AT.date(), "Asia/Shanghai"), rules) == rules.base


def test_no_solver_is_loaded_to_show_a_round() -> None:
    told = "import sys, web.app; print('scipy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
