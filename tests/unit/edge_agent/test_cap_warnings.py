"""The warning comes at once, once, and goes; what was shown is what is recorded."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.price_cap import CapUnit, Verdict
from domain.units import Fen, FenPerKg, Grams, PriceUnit
from domain.weighing import CapWarning
from edge_agent import display
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.cap_warnings import (
    Asking,
    Clear,
    Show,
    Warned,
    WarningState,
    look,
    short_text,
    text_en,
    text_zh,
    to_record,
)
from tests.announcements import DAY, NOON, announced, item

LIST = announced(item("F01", 23000), item("F02", 30000), item("L01", 800, unit=CapUnit.PIECE), item("X01"))
BOOK = CapBook((LIST,))
F01 = SpeciesCode("F01")
EMPTY = Asking(species=SpeciesCode(""), unit_price_fen=None, price_unit=PriceUnit.HALF_KG, is_empty=True)
LEGAL = Asking(species=F01, unit_price_fen=Fen(11500), price_unit=PriceUnit.HALF_KG, is_empty=True)
OVER = replace(LEGAL, unit_price_fen=Fen(11501))
OVER_LOADED = replace(OVER, is_empty=False, net_g=Grams(700))


def steps(*askings: Asking, book: CapBook = BOOK) -> list[str]:
    """The displays' story: what each asking in turn made them do."""
    state, story = WarningState(), []
    for asking in askings:
        looked = look(state, book, asking, NOON)
        state = looked.state
        story.append("-" if looked.step is None else "clear" if isinstance(looked.step, Clear) else "show")
    return story


def state_after(*askings: Asking) -> WarningState:
    state = WarningState()
    for asking in askings:
        state = look(state, BOOK, asking, NOON).state
    return state


def shown_by(asking: Asking) -> Warned:
    step = look(WarningState(), BOOK, asking, NOON).step
    assert isinstance(step, Show)
    return step.warned


def test_a_legal_price_is_not_warned_of() -> None:
    assert steps(EMPTY, LEGAL, replace(LEGAL, is_empty=False)) == ["-", "-", "-"]


def test_a_price_above_the_cap_is_warned_of_at_once_and_once() -> None:
    assert steps(OVER, OVER, OVER_LOADED, OVER_LOADED) == ["show", "-", "-", "-"]


def test_the_price_put_right_takes_the_warning_away() -> None:
    assert steps(OVER, LEGAL, OVER) == ["show", "clear", "show"]


def test_another_price_above_the_cap_is_another_warning() -> None:
    assert steps(OVER, replace(OVER, unit_price_fen=Fen(11502))) == ["show", "show"]


def test_other_goods_are_other_caps() -> None:
    assert steps(OVER, replace(OVER, species=SpeciesCode("F02"))) == ["show", "clear"]
    assert steps(OVER_LOADED, replace(OVER_LOADED, species=SpeciesCode(""))) == ["show", "clear"]


def test_an_emptied_pan_takes_the_warning_away_and_the_next_load_brings_it_again() -> None:
    assert steps(OVER_LOADED, OVER, OVER, OVER_LOADED) == ["show", "clear", "-", "show"]


def test_after_an_emptied_pan_a_new_price_is_warned_of_before_the_load() -> None:
    dearer = replace(OVER, unit_price_fen=Fen(11600))
    assert steps(OVER_LOADED, OVER, dearer, OVER) == ["show", "clear", "show", "show"]


def test_goods_without_a_cap_and_markets_without_a_list_are_not_warned() -> None:
    assert steps(replace(OVER, species=SpeciesCode("X01"))) == ["-"]
    assert steps(replace(OVER, species=SpeciesCode("Z99"))) == ["-"]
    assert steps(OVER, book=CapBook()) == ["-"]
    assert look(WarningState(), BOOK, OVER, NOON - DAY).verdict is Verdict.NO_LIST


def test_without_goods_or_price_there_is_no_verdict() -> None:
    assert look(WarningState(), BOOK, EMPTY, NOON).verdict is None
    assert look(WarningState(), BOOK, replace(OVER, species=SpeciesCode("")), NOON).verdict is None
    assert look(WarningState(), BOOK, replace(OVER, unit_price_fen=None), NOON).verdict is None


def test_a_moving_weight_never_decides() -> None:
    """A price by the piece under a cap for a kg is judged by the load, and only by one that is steady."""
    moving = Asking(
        species=F01,
        unit_price_fen=Fen(30000),
        price_unit=PriceUnit.PIECE,
        is_empty=False,
        net_g=Grams(1000),
        pieces=1,
    )
    assert steps(moving, replace(moving, is_stable=True)) == ["-", "show"]


def test_what_was_shown_for_this_price_is_recorded_with_the_sale() -> None:
    state = state_after(OVER, OVER_LOADED)
    warning = to_record(state, unit_price_fen=Fen(11501), price_unit=PriceUnit.HALF_KG, species=F01, grade="")
    assert warning == CapWarning(cap_fen_per_kg=FenPerKg(23000), list_version=LIST.version)
    for wrong in (Fen(11500), Fen(11502)):
        assert to_record(state, unit_price_fen=wrong, price_unit=PriceUnit.HALF_KG, species=F01, grade="") is None
    assert to_record(state, unit_price_fen=Fen(11501), price_unit=PriceUnit.KG, species=F01, grade="") is None
    assert to_record(state, unit_price_fen=Fen(11501), price_unit=PriceUnit.HALF_KG, species=F01, grade="大") is None
    assert to_record(WarningState(), unit_price_fen=Fen(11501), price_unit=PriceUnit.KG, species=F01, grade="") is None


def test_the_words_name_the_highest_legal_price_in_the_scale_s_unit() -> None:
    warned = shown_by(OVER)
    assert text_zh(warned) == "超过限价 最高115.00元/500克"
    assert text_en(warned) == "Above the cap: at most 115.00 yuan/500 g"
    assert short_text(warned) == "MAX 115.00"
    by_kg = shown_by(replace(OVER, unit_price_fen=Fen(23001), price_unit=PriceUnit.KG))
    assert text_en(by_kg) == "Above the cap: at most 230.00 yuan/kg"


def test_a_cap_by_the_piece_is_said_by_the_piece_and_has_no_place_in_the_record() -> None:
    asking = replace(OVER, species=SpeciesCode("L01"), price_unit=PriceUnit.PIECE, unit_price_fen=Fen(801))
    assert text_en(shown_by(asking)) == "Above the cap: at most 8.00 yuan/piece"
    state = state_after(asking)
    species = SpeciesCode("L01")
    assert to_record(state, unit_price_fen=Fen(801), price_unit=PriceUnit.PIECE, species=species, grade="") is None


@pytest.mark.parametrize(
    ("unit", "digits"),
    [
        (PriceUnit.KG, b"230.01"),
        (PriceUnit.HALF_KG, b"115.00"),
        (PriceUnit.HUNDRED_GRAMS, b"23.00"),
        (PriceUnit.PIECE, b"230.01"),
    ],
)
def test_the_led8_display_shows_the_cap_under_unit_price(unit: PriceUnit, digits: bytes) -> None:
    assert display.over_cap(FenPerKg(23001), unit) == b"\x0c\x1bQA" + digits + b"\r\x1bs1"


askings = st.builds(
    Asking,
    species=st.sampled_from([F01, SpeciesCode("F02"), SpeciesCode("X01"), SpeciesCode("")]),
    unit_price_fen=st.sampled_from([None, Fen(11500), Fen(11501), Fen(16000)]),
    price_unit=st.just(PriceUnit.HALF_KG),
    is_empty=st.booleans(),
)


@given(st.lists(askings, max_size=30))
def test_the_displays_always_show_what_the_state_says_and_only_what_is_over(many: list[Asking]) -> None:
    state, on_display = WarningState(), None
    for asking in many:
        looked = look(state, BOOK, asking, NOON)
        if isinstance(looked.step, Show):
            assert looked.verdict is Verdict.OVER
            on_display = looked.step.warned
        elif isinstance(looked.step, Clear):
            assert on_display is not None
            on_display = None
        state = looked.state
        assert state.shown == on_display
        if looked.verdict is not Verdict.OVER:
            assert on_display is None
        if looked.verdict is Verdict.OVER and not asking.is_empty:
            assert on_display is not None
            assert (on_display.species, on_display.unit_price_fen) == (asking.species, asking.unit_price_fen)
