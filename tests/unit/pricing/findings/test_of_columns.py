"""What the rules see in one weighing: at the edges, one row at a time, and a batch like its rows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import AlertKind
from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit, GradeMeaning, PriceCap
from domain.units import Fen
from pricing.findings.figures import figures_in, noted
from pricing.findings.grades import fits, is_dearer_for_it
from pricing.findings.of_columns import RULES, SeenColumns, figures_at, figures_of, findings
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory

POLICY = read_rules_policy(policy_directory() / "rules.toml").findings
FLAGS = frozenset({"is_sale", "has_gross", "has_tare", "is_unstable", "by_piece", "is_capped", "cap_by_piece"})
#: A kg at 230 yuan, exactly at the cap, on a scale with e = 5 g, Max 15 kg, Min 100 g.
HONEST: dict[str, int | bool] = {
    "is_sale": True,
    "net_g": 1000,
    "gross_g": 1000,
    "has_gross": True,
    "tare_g": 0,
    "has_tare": True,
    "zero_offset_g": 0,
    "is_unstable": False,
    "pieces": 0,
    "unit_price_fen": 23000,
    "per_kg_fen": 23000,
    "by_piece": False,
    "amount_fen": 23000,
    "is_capped": True,
    "cap_fen": 23000,
    "cap_by_piece": False,
    "least_pieces_per_500g": 0,
    "most_pieces_per_500g": 0,
    "least_piece_g": 0,
    "most_piece_g": 0,
    "division_g": 5,
    "least_g": 100,
    "max_g": 15000,
    "usual_tare_g": 0,
}


def columns(*rows: dict[str, Any]) -> SeenColumns:
    full = [{**HONEST, **row} for row in rows]
    arrays: dict[str, Any] = {
        name: np.array([row[name] for row in full], np.bool_ if name in FLAGS else np.int64) for name in HONEST
    }
    return SeenColumns(**arrays)


def kinds(**row: int | bool) -> set[AlertKind]:
    return {kind for kind, _ in findings(columns(row), POLICY)}


def priced(fen: int) -> dict[str, int | bool]:
    return {"unit_price_fen": fen, "per_kg_fen": fen, "amount_fen": fen}


def test_an_honest_weighing_shows_nothing() -> None:
    assert kinds() == set()


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"amount_fen": 23001}, False),
        ({"amount_fen": 23002}, True),
        ({"amount_fen": 22998}, True),
        ({"amount_fen": 0, "unit_price_fen": 0, "per_kg_fen": 0}, False),
        ({"amount_fen": 30000, "is_sale": False}, False),
        ({"by_piece": True, "cap_by_piece": True, "pieces": 3, "net_g": 0, "amount_fen": 69000}, False),
        ({"by_piece": True, "cap_by_piece": True, "pieces": 3, "net_g": 0, "amount_fen": 70000}, True),
    ],
    ids=["one fen", "two fen", "too little", "price not known", "a void", "pieces", "pieces, too much"],
)
def test_an_amount_that_is_not_net_times_price(row: dict[str, int | bool], found: bool) -> None:
    assert (AlertKind.AMOUNT_MISMATCH in kinds(**row)) is found


@pytest.mark.parametrize(("fen", "found"), [(4600, False), (4599, True), (2300, True), (230, True), (1, True)])
def test_a_price_under_a_fifth_of_the_cap_has_lost_a_digit(fen: int, found: bool) -> None:
    assert (AlertKind.PRICE_SCALED in kinds(**priced(fen))) is found


@pytest.mark.parametrize(
    ("fen", "found"),
    [
        *((46000, True), (43700, True), (43699, False), (48300, True), (48301, False)),
        *((11500, True), (10925, True), (10924, False), (12075, True), (12076, False), (23000, False)),
    ],
)
def test_about_twice_or_half_the_cap_is_perhaps_the_wrong_unit(fen: int, found: bool) -> None:
    assert (AlertKind.UNIT_CONFUSION in kinds(**priced(fen))) is found


@pytest.mark.parametrize(
    "row",
    [{"is_capped": False}, {"by_piece": True, "pieces": 1}, {"is_sale": False}, {"cap_by_piece": True, "pieces": 1}],
    ids=["no cap", "by the piece", "a void", "a cap by the piece"],
)
def test_without_a_cap_for_the_same_thing_no_price_is_compared(row: dict[str, int | bool]) -> None:
    assert not {AlertKind.PRICE_SCALED, AlertKind.UNIT_CONFUSION} & kinds(**{**priced(230), **row})


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"pieces": 40}, False),
        ({"pieces": 41}, False),
        ({"pieces": 42}, True),
        ({"pieces": 21}, True),
        ({"pieces": 24}, False),
        ({"pieces": 0}, False),
    ],
    ids=["at the most", "within the tolerance", "smaller", "larger", "at the least", "not counted"],
)
def test_pieces_of_another_size_than_the_declared_grade(row: dict[str, int | bool], found: bool) -> None:
    """Large: 12 to 19 in 500 g, so 24 to 38 in a kg, and a tenth beside that."""
    bounds = {"least_pieces_per_500g": 12, "most_pieces_per_500g": 19}
    assert (AlertKind.GRADE_UPGRADE in kinds(**bounds, **row)) is found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"zero_offset_g": 600}, False),
        ({"zero_offset_g": 601}, True),
        ({"zero_offset_g": -601}, True),
        ({"zero_offset_g": 200, "max_g": 0}, False),
        ({"zero_offset_g": 201, "max_g": 0}, True),
    ],
    ids=["4 % of Max", "above", "below", "Max not known", "Max not known, above"],
)
def test_a_zero_further_off_than_a_scale_may_set_it(row: dict[str, int | bool], found: bool) -> None:
    assert (AlertKind.ZERO_ABNORMAL in kinds(**row)) is found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"usual_tare_g": 400, "tare_g": 400}, False),
        ({"usual_tare_g": 400, "tare_g": 320}, False),
        ({"usual_tare_g": 400, "tare_g": 319}, True),
        ({"usual_tare_g": 400, "tare_g": 0}, True),
        ({"usual_tare_g": 400, "tare_g": 0, "has_tare": False}, False),
        ({"usual_tare_g": 0, "tare_g": 0}, False),
        ({"tare_g": 900, "gross_g": 1000, "net_g": 100, "amount_fen": 2300}, False),
        ({"tare_g": 901, "gross_g": 1000, "net_g": 99, "amount_fen": 2277, "least_g": 0}, True),
    ],
    ids=["all", "a fifth less", "less", "none", "not said", "no basket", "nine tenths tare", "more than that"],
)
def test_a_basket_that_is_not_tared(row: dict[str, int | bool], found: bool) -> None:
    assert (AlertKind.TARE_ABUSE in kinds(**row)) is found


@pytest.mark.parametrize(("net_g", "least_g", "found"), [(100, 100, False), (99, 100, True), (1, 0, False)])
def test_less_than_min_where_min_is_known(net_g: int, least_g: int, found: bool) -> None:
    seen = kinds(net_g=net_g, least_g=least_g, amount_fen=net_g * 23)
    assert (AlertKind.BELOW_MINIMUM in seen) is found


def test_a_weight_in_motion() -> None:
    assert kinds(is_unstable=True) == {AlertKind.UNSTABLE_WEIGHT}


def test_a_rule_that_is_off_is_not_looked_for() -> None:
    import msgspec

    off = msgspec.structs.replace(POLICY, off=(AlertKind.UNSTABLE_WEIGHT,))
    assert findings(columns({"is_unstable": True}), off) == []


_ROWS = st.fixed_dictionaries(
    {
        "is_sale": st.booleans(),
        "net_g": st.integers(0, 10_000_000),
        "pieces": st.integers(0, 10_000),
        "unit_price_fen": st.integers(0, 1_000_000_000),
        "per_kg_fen": st.integers(0, 1_000_000_000),
        "by_piece": st.booleans(),
        "amount_fen": st.integers(0, 10**12),
        "is_capped": st.booleans(),
        "cap_fen": st.integers(1, 1_000_000_000),
        "most_pieces_per_500g": st.integers(0, 1000),
        "tare_g": st.integers(0, 10_000_000),
        "usual_tare_g": st.integers(0, 10_000),
        "zero_offset_g": st.integers(-10_000_000, 10_000_000),
        "is_unstable": st.booleans(),
        "least_g": st.integers(0, 1000),
    }
)


@given(st.lists(_ROWS, min_size=1, max_size=12))
def test_a_batch_shows_what_its_rows_show_one_by_one(rows: list[dict[str, Any]]) -> None:
    together = dict(findings(columns(*rows), POLICY))
    for number, row in enumerate(rows):
        assert {kind for kind, flags in together.items() if flags[number]} == kinds(**row)


@given(st.lists(_ROWS, min_size=1, max_size=3), st.sampled_from(sorted(RULES)))
def test_figures_survive_the_note(rows: list[dict[str, Any]], kind: AlertKind) -> None:
    figures = figures_at(figures_of(kind, columns(*rows)), 0)
    assert figures_in(noted(figures)) == figures


def item(grade: str, cap_fen: int, **bounds: Any) -> PriceCap:
    return PriceCap(
        cap_list_id=1,
        species=SpeciesCode("S01"),
        grade=grade,
        status=CapStatus.CAPPED,
        unit=CapUnit.KG,
        cap_fen=Fen(cap_fen),
        meaning=GradeMeaning(**bounds),
    )


LARGE = item("大", 18400, least_pieces_per_500g=12, most_pieces_per_500g=19)
SMALL = item("小", 3600, least_pieces_per_500g=26, most_pieces_per_500g=35)


@pytest.mark.parametrize(("price_fen", "dearer"), [(18000, True), (3601, True), (3600, False)])
def test_small_goods_under_a_larger_grade_are_dearer_only_above_their_own_cap(price_fen: int, dearer: bool) -> None:
    found = is_dearer_for_it(LARGE, [LARGE, SMALL], pieces=60, net_g=1000, price_fen=price_fen, slack_permille=100)
    assert found is dearer


def test_large_goods_under_a_dearer_medium_are_an_upgrade_too() -> None:
    large = item("大", 47600, least_piece_g=1000)
    medium = item("中", 53200, most_piece_g=999)
    assert is_dearer_for_it(medium, [large, medium], pieces=1, net_g=1500, price_fen=50000, slack_permille=100)


def test_a_grade_whose_meaning_is_not_told_fits_nothing() -> None:
    assert not fits(GradeMeaning(note="as usual"), 10, 500)
