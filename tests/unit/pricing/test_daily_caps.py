"""The daily calculation: official examples, exact units, every problem at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.price_cap import UNTOLD, CapKind, CapStatus, CapUnit, GradeMeaning, PriceCap
from domain.units import Fen
from domain.wholesale import MarkupRate, SpeciesName, WholesaleReference
from pricing.cap_working import How, cap_fen, decimal, exact_cap_yuan, from_json, rounded_half_up
from pricing.daily_caps import Calculation, ProblemKind, Sources, calculate

TODAY = date(2012, 2, 4)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
BASS, MUSSEL, NAMELESS = SpeciesCode("F12"), SpeciesCode("S01"), SpeciesCode("O02")
CATEGORIES = {BASS: "fish", MUSSEL: "shellfish", NAMELESS: "other"}
SPECIES = {
    code: SpeciesName(species=code, name_zh=code, name_en=code, category=category)
    for code, category in CATEGORIES.items()
}


def reference(
    yuan: int | Fraction | None, *, species: SpeciesCode = BASS, grade: str = "", unit: CapUnit = CapUnit.KG
) -> WholesaleReference:
    """A reference of yesterday in yuan per 500 g, or per piece."""
    fen = None if yuan is None else Fen(int(yuan * 100 * (2 if unit is CapUnit.KG else 1)))
    return WholesaleReference(
        species=species, grade=grade, day=YESTERDAY, price_fen=fen, unit=unit, published_as=f"{yuan}", source="s"
    )


def rate(
    percent: int, *, category: str = "fish", since: date = date(2012, 1, 1), until: date | None = None
) -> MarkupRate:
    return MarkupRate(
        category=category,
        valid_from=since,
        valid_until=until,
        markup_permille=percent * 10,
        allowance_permille=100,
        ceiling_fen_per_kg=60000,
        source="the price bureau",
    )


def calculated(
    references: Sequence[WholesaleReference],
    rates: Sequence[MarkupRate],
    *,
    before: Sequence[PriceCap] = (),
    references_day: date = YESTERDAY,
    newest: dict[tuple[SpeciesCode, str], date] | None = None,
) -> Calculation:
    return calculate(
        Sources(
            day=TODAY,
            references_day=references_day,
            references=references,
            rates=rates,
            species=SPECIES,
            before=before,
            newest_days=newest or {},
        )
    )


def capped_before(species: SpeciesCode = BASS, grade: str = "", meaning: GradeMeaning = UNTOLD) -> PriceCap:
    return PriceCap(
        cap_list_id=1,
        species=species,
        grade=grade,
        status=CapStatus.CAPPED,
        unit=CapUnit.KG,
        cap_fen=Fen(1000),
        meaning=meaning,
    )


@pytest.mark.parametrize(
    ("yuan", "percent", "exact", "cap"),
    [(36, 190, "114.84", 115), (31, 140, "81.84", 82), (47, 140, "124.08", 124), (70, 140, "184.80", 185)],
    ids=["S2: the official example", "S4: 31", "S4: 47", "S4: 70"],
)
def test_the_official_examples(yuan: int, percent: int, exact: str, cap: int) -> None:
    (one,) = calculated([reference(yuan)], [rate(percent)]).items
    assert (one.item.status, one.item.kind, one.item.cap_fen) == (CapStatus.CAPPED, CapKind.FIXED, cap * 200)
    assert one.item.published_as == f"{cap} yuan/500 g"
    assert (one.working.exact_yuan, one.working.rounded_yuan) == (exact, cap)
    assert (one.working.allowance_permille, one.working.markup_permille) == (100, percent * 10)
    assert (one.working.reference_fen, one.working.reference_day) == (yuan * 200, YESTERDAY)
    assert one.working.rate_source == "the price bureau"
    assert one.item.working is not None
    assert from_json(one.item.working) == one.working


def test_a_reference_at_the_ceiling_is_capped_and_one_above_it_is_not() -> None:
    at, above = calculated([reference(300), reference(Fraction(30001, 100), grade="大")], [rate(190)]).items
    assert (at.item.status, above.item.status) == (CapStatus.CAPPED, CapStatus.UNCAPPED)
    assert (above.item.cap_fen, above.item.published_as, above.working.how) == (None, "—", How.ABOVE_CEILING)
    assert above.working.ceiling_fen_per_kg == 60000


def test_what_is_out_of_stock_is_capped_by_the_vendors_own_purchase_with_the_rate_and_no_allowance() -> None:
    (one,) = calculated([reference(None)], [rate(190)]).items
    assert (one.item.status, one.item.kind, one.item.markup_permille) == (
        CapStatus.OUT_OF_STOCK,
        CapKind.MARKUP,
        1900,
    )
    assert (one.item.published_as, one.working.allowance_permille) == ("/", None)


def test_a_reference_per_piece_makes_a_cap_per_piece_and_knows_no_ceiling_by_weight() -> None:
    (one,) = calculated([reference(700, unit=CapUnit.PIECE)], [rate(90)]).items
    assert (one.item.unit, one.item.cap_fen) == (CapUnit.PIECE, 1463_00)
    assert one.item.published_as == "1463 yuan/piece"
    assert one.working.ceiling_fen_per_kg is None


def test_the_rate_of_the_lists_own_day_counts_and_what_a_grade_means_stays() -> None:
    meaning = GradeMeaning(least_pieces_per_500g=12, most_pieces_per_500g=19)
    old, new = rate(190, until=TODAY), rate(140, since=TODAY)
    (one,) = calculated(
        [reference(31, grade="大")], [old, new], before=[capped_before(grade="大", meaning=meaning)]
    ).items
    assert one.working.rounded_yuan == 82
    assert one.item.meaning == meaning


def test_every_problem_at_once() -> None:
    older = date(2012, 1, 30)
    found = calculated(
        [reference(36), reference(1, species=NAMELESS), reference(1, species=MUSSEL), reference(Fraction(1, 100))],
        [rate(190, until=TOMORROW), rate(160, category="shellfish")],
        before=[capped_before(MUSSEL, "大"), capped_before(MUSSEL, "小"), capped_before()],
        references_day=date(2012, 2, 1),
        newest={(MUSSEL, "大"): older},
    )
    told = [(one.kind, one.category or one.species + one.grade, one.day, one.stops) for one in found.problems]
    assert told == [
        (ProblemKind.OLD_REFERENCES, "", date(2012, 2, 1), False),
        (ProblemKind.CAP_OF_NOUGHT, BASS, YESTERDAY, True),
        (ProblemKind.NO_RATE, "other", None, True),
        (ProblemKind.RATE_ENDS, "fish", TOMORROW, False),
        (ProblemKind.MISSING_REFERENCE, MUSSEL + "大", older, False),
        (ProblemKind.MISSING_REFERENCE, MUSSEL + "小", None, False),
    ]
    assert found.is_stopped
    absent = [one for one in found.items if one.item.status is CapStatus.ABSENT]
    assert [(one.item.grade, one.working.how, one.working.newest_day) for one in absent] == [
        ("大", How.NO_REFERENCE, older),
        ("小", How.NO_REFERENCE, None),
    ]


def test_a_rate_that_another_follows_does_not_end() -> None:
    ending = rate(190, until=TOMORROW)
    assert calculated([reference(36)], [ending, rate(140, since=TOMORROW)]).problems == ()
    assert [one.kind for one in calculated([reference(36)], [ending]).problems] == [ProblemKind.RATE_ENDS]


def test_without_any_reference_there_is_no_list_and_what_was_there_is_not_called_missing() -> None:
    found = calculated([], [rate(190)], before=[capped_before()], newest={(BASS, ""): date(2012, 1, 30)})
    assert [(one.kind, one.day) for one in found.problems] == [(ProblemKind.NO_REFERENCES, date(2012, 1, 30))]
    assert (found.items, found.is_stopped) == ((), True)


_fen = st.integers(1, 99_999_999)
_permille = st.integers(0, 9_999)
_unit = st.sampled_from(CapUnit)


@given(_fen, _unit, _permille, _permille)
def test_rounding_is_half_up_to_the_yuan_exactly(fen: int, unit: CapUnit, allowance: int, markup: int) -> None:
    exact = exact_cap_yuan(fen, unit, allowance, markup)
    in_yuan = Fraction(fen, 200 if unit is CapUnit.KG else 100)
    assert exact == in_yuan * (1 + Fraction(allowance, 1000)) * (1 + Fraction(markup, 1000))
    rounded = rounded_half_up(exact)
    assert exact - Fraction(1, 2) < rounded <= exact + Fraction(1, 2)
    assert Fraction(decimal(exact)) == exact
    assert Fraction(cap_fen(rounded, unit), 200 if unit is CapUnit.KG else 100) == rounded


@given(st.integers(0, 10**6))
def test_exactly_a_half_goes_up(yuan: int) -> None:
    assert rounded_half_up(yuan + Fraction(1, 2)) == yuan + 1


@given(_fen, _fen, _unit, _permille, _permille)
def test_a_dearer_reference_never_makes_a_lower_cap(
    one: int, other: int, unit: CapUnit, allowance: int, markup: int
) -> None:
    low, high = (
        rounded_half_up(exact_cap_yuan(fen, unit, allowance, markup)) for fen in (min(one, other), max(one, other))
    )
    assert low <= high
