"""Voids and corrections: the right sale, the right goods, and what lies on the pan afterwards; over a restart too."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import TareKind, Weighing
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.cap_warnings import Clear, Show
from edge_agent.caps.caution import no_caps
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from edge_agent.weighing.readings import Heard, Reading
from edge_agent.weighing.recording import Draft
from edge_agent.weighing.stability import Phase
from tests.announcements import NOON, announced, item

NOW = Moment(now=datetime(2026, 11, 22, 2, 11, 8, tzinfo=UTC), clock_synced=True, elapsed_s=0.0)
AT_NOON = replace(NOW, now=NOON)
GROUPER = Goods(plu="2001", species=SpeciesCode("F01"), name="东星斑")
SNAIL = Goods(plu="2002", species=SpeciesCode("S01"), name="芒果螺", unit_price_fen=Fen(5000))
TABLE = {goods.plu: goods for goods in (GROUPER, SNAIL)}
BOOK = CapBook((announced(item("F01", 10_000)),))
LYING = Reading(net_g=Grams(500), stable=True, tare_g=Grams(30), tare_kind=TareKind.WEIGHED)
EMPTY = Reading(net_g=Grams(0), stable=True)


class Said(ScaleDriver):
    """A driver whose scale says what a test says."""

    def __init__(self, *, has_display: bool = False) -> None:
        self.now: list[Heard] = []
        self.shown, self.has_display = "", has_display

    def feed(self, data: bytes) -> list[Heard]:
        return self.now

    def reset(self) -> None:
        self.shown = ""

    def show(self, text: str) -> bool:
        self.shown = text
        return self.has_display


def station(
    protocol: str = "st_gs_lines",
    standing: Weighing | None = None,
    *,
    is_voided: bool = False,
    book: CapBook | None = None,
    keypad: str | None = "/dev/null",
) -> Station:
    config = ScaleConfig(scale_id=ScaleId("SC-001"), protocol=protocol, port="/dev/null", keypad=keypad, goods=TABLE)
    made = Station(config, standing=standing, is_voided=is_voided, book=no_caps if book is None else lambda: book)
    made.driver = Said()
    return made


def say(at: Station, *heard: Heard, moment: Moment = NOW) -> Outcome:
    assert isinstance(at.driver, Said)
    at.driver.now = list(heard)
    return at.feed_scale(b"", moment)


def key(at: Station, lines: bytes, moment: Moment = NOW) -> Outcome:
    return at.feed_keypad(lines + b"\r", moment)


def told(drafts: list[Draft]) -> list[str | tuple[str, int, int]]:
    """What the journal will say: a void, or goods with their weight and price."""
    return [
        "void" if draft.voids_last else (draft.weighing.plu, draft.weighing.net_g, draft.weighing.unit_price_fen)
        for draft in drafts
    ]


def sell(at: Station, line: bytes = b"2001*90", load: Reading = LYING) -> Weighing:
    key(at, line)
    (draft,) = say(at, load).drafts
    return draft.weighing


def test_a_price_put_right_stays_with_the_goods_that_were_sold() -> None:
    here = station()
    sell(here)
    assert told(key(here, b"+*95").drafts) == ["void", ("2001", 500, 9500)]


def test_goods_put_right_by_their_number_have_their_own_price() -> None:
    here = station()
    sell(here)
    assert told(key(here, b"+2002").drafts) == ["void", ("2002", 500, 5000)]


def test_what_is_keyed_for_the_next_load_is_neither_taken_for_a_correction_nor_lost_by_it() -> None:
    here = station()
    sell(here)
    key(here, b"2002")
    assert told(key(here, b"+*95").drafts) == ["void", ("2001", 500, 9500)]
    say(here, EMPTY)
    assert told(say(here, replace(LYING, net_g=Grams(800))).drafts) == [("2002", 800, 5000)]


def test_two_corrections_in_one_read_are_two_voids_and_the_last_one_stands() -> None:
    here = station()
    sell(here)
    assert told(key(here, b"+*95\r+2002").drafts) == ["void", ("2001", 500, 9500), "void", ("2002", 500, 5000)]
    assert say(here, *[LYING] * 50).drafts == []


def test_on_a_scale_that_is_told_its_price_the_new_price_counts() -> None:
    here = station("dialog06")
    result = replace(LYING, unit_price_fen=Fen(9000), amount_fen=Fen(4500), is_new_load=True)
    sell(here, load=result)
    void, right = key(here, b"+*95").drafts
    assert told([void, right]) == ["void", ("2001", 500, 9500)]
    assert right.weighing.amount_fen == 4750


def test_on_a_scale_with_its_own_price_the_goods_are_put_right_and_the_price_stays() -> None:
    here = station("yaohua_xk3190")
    load = replace(LYING, unit_price_fen=Fen(7000), amount_fen=Fen(3500))
    sell(here, b"2001", load)
    assert told(key(here, b"+2002*90").drafts) == ["void", ("2002", 500, 7000)]


@pytest.mark.parametrize("protocol", ["st_gs_lines", "dialog06", "yaohua_xk3190"])
def test_a_sale_of_before_a_restart_is_put_right_as_it_was_weighed(protocol: str) -> None:
    sold = sell(station(), b"2001*90/2")
    here = station(protocol, sold)
    void, right = key(here, b"+2002").drafts
    price = 9000 if protocol == "yaohua_xk3190" else 5000
    assert told([void, right]) == ["void", ("2002", 500, price)]
    assert (right.weighing.tare_g, right.weighing.gross_g, right.weighing.tare_kind) == (30, 530, TareKind.WEIGHED)
    amended = key(here, b"+/3").drafts[1].weighing
    assert (amended.plu, amended.pieces) == ("2002", 3)


def test_after_a_restart_goods_by_the_piece_are_put_right_by_the_piece() -> None:
    sold = replace(
        sell(station()), unit_price_fen=Fen(1500), price_unit=PriceUnit.PIECE, pieces=3, amount_fen=Fen(4500)
    )
    here = station(standing=sold)
    right = key(here, b"+/4").drafts[1].weighing
    assert (right.price_unit, right.unit_price_fen, right.pieces, right.amount_fen) == (PriceUnit.PIECE, 1500, 4, 6000)


def test_a_load_whose_sale_was_voided_before_a_restart_is_not_sold_again_by_itself() -> None:
    here = station(standing=sell(station()), is_voided=True)
    assert here.pan.phase is Phase.VOIDED
    assert say(here, *[replace(LYING, unit_price_fen=Fen(9000))] * 50).drafts == []
    assert key(here, b"+2002").drafts == [], "there is no sale to put right"
    assert told(key(here, b"2002").drafts + say(here, LYING).drafts) == [("2002", 500, 5000)]


def test_a_void_while_the_load_is_touched_is_the_void_of_that_load() -> None:
    here = station()
    sell(here)
    say(here, replace(LYING, net_g=Grams(650), stable=False))
    assert told(key(here, b"-").drafts) == ["void"]
    assert say(here, *[LYING] * 50).drafts == []
    key(here, b"2002")
    assert told(say(here, LYING).drafts) == [("2002", 500, 5000)]


def test_a_void_of_a_load_that_is_gone_leaves_the_next_one_alone() -> None:
    here = station()
    sell(here)
    say(here, EMPTY)
    assert told(key(here, b"-").drafts) == ["void"]
    key(here, b"2002")
    assert told(say(here, LYING).drafts) == [("2002", 500, 5000)]


def test_the_line_of_a_scale_that_was_opened_anew_does_not_sell_the_load_again() -> None:
    here = station()
    sell(here)
    here.port_opened()
    assert say(here, *[LYING] * 50).drafts == []


def test_what_was_said_before_a_line_was_lost_is_not_alike_to_what_is_said_after() -> None:
    here = station()
    key(here, b"2001*90")
    swinging = Reading(net_g=Grams(500))
    assert say(here, swinging, swinging).drafts == []
    here.port_opened()
    assert say(here, swinging, swinging).drafts == []
    assert len(say(here, swinging).drafts) == 1


def test_a_result_of_a_scale_that_gives_one_a_load_is_another_load_however_alike() -> None:
    here = station("dialog06")
    result = replace(LYING, unit_price_fen=Fen(9000), amount_fen=Fen(4500), is_new_load=True)
    sell(here, load=result)
    assert told([Draft(scale_id=here.scale_id, weighing=sell(here, load=result))]) == [("2001", 500, 9000)]


def test_a_correction_above_the_cap_is_warned_of_before_it_is_recorded_and_says_so() -> None:
    here = station(book=BOOK)
    sell(here)
    outcome = key(here, b"+*120", AT_NOON)
    (step,) = outcome.steps
    assert isinstance(step, Show)
    warning = outcome.drafts[1].weighing.cap_warning
    assert warning is not None
    assert warning.cap_fen_per_kg == 10_000
    assert [type(step) for step in say(here, LYING, moment=AT_NOON).steps] == [Clear]


def test_without_any_display_nobody_was_warned_and_the_record_does_not_say_so() -> None:
    warnings = []
    for keypad, has_page, has_display in [
        (None, False, False),
        ("/dev/null", False, False),
        (None, True, False),
        (None, False, True),
    ]:
        here = station(book=BOOK, keypad=keypad)
        here.has_page, here.driver = has_page, Said(has_display=has_display)
        key(here, b"2001*120", AT_NOON)
        (draft,) = say(here, LYING, moment=AT_NOON).drafts
        warnings.append(draft.weighing.cap_warning is not None)
    assert warnings == [False, True, True, True]


def test_a_price_keyed_for_a_scale_that_is_told_it_is_warned_of_before_the_scale_answers() -> None:
    here = station("dialog06", book=BOOK)
    sell(here, load=replace(LYING, unit_price_fen=Fen(9000), amount_fen=Fen(4500), is_new_load=True))
    (step,) = key(here, b"2001*120", AT_NOON).steps
    assert isinstance(step, Show)
    assert step.warned.unit_price_fen == 12_000


def test_a_display_of_the_scale_that_was_switched_on_again_is_told_the_warning_anew() -> None:
    here = station(book=BOOK)
    driver = here.driver = Said(has_display=True)
    key(here, b"2001*120", AT_NOON)
    assert driver.shown == "MAX 100.00"
    here.port_opened()
    assert driver.shown == "MAX 100.00"


def test_a_load_that_cannot_be_recorded_is_no_sale_that_a_void_or_another_price_takes_back() -> None:
    here = station("yaohua_xk3190")
    impossible = replace(LYING, unit_price_fen=Fen(9000), amount_fen=Fen(4500), tare_g=Grams(-500))
    assert say(here, impossible).drafts == []
    assert here.pan.phase is Phase.VOIDED
    assert (
        say(here, *[replace(impossible, tare_g=Grams(0), unit_price_fen=Fen(9900))] * 20).drafts[0].voids_last is False
    )
