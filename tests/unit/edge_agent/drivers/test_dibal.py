"""DIBAL 98/99: the vendor's examples, the check, and what zeros, U and a price that changed are taken for."""

from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams, PriceUnit
from edge_agent.drivers.dibal import ANSWER_WITHIN_S, ASK_EVERY_S, DRIVER, DibalDriver
from edge_agent.drivers.protocol import DriverOptions
from edge_agent.weighing.readings import Condition, Garbage, NoWeight, Reading

FRAMES = Path(__file__).parents[3] / "frames"
QUESTION = (FRAMES / "dibal_question.bin").read_bytes()
ANSWER = (FRAMES / "dibal_answer.bin").read_bytes()
WEIGHT = Reading(net_g=Grams(316), stable=True)
SOLD = Reading(net_g=Grams(740), stable=True, unit_price_fen=Fen(9000), amount_fen=Fen(6660))


def checked(body: bytes) -> bytes:
    return body + bytes([reduce(xor, body)]) + b"\r\n"


SALE = checked(b"990007400006660")


def asking(price_fen: int | None = 9000) -> DibalDriver:
    driver = DibalDriver()
    driver.set_price(None if price_fen is None else Fen(price_fen))
    driver.poll(0.0)
    return driver


def test_the_examples_of_the_vendor() -> None:
    driver = DibalDriver()
    assert driver.poll(0.0) == QUESTION
    assert driver.feed(ANSWER) == [WEIGHT]


def test_a_load_is_sold_at_the_price_that_was_told() -> None:
    driver = DibalDriver()
    driver.set_price(Fen(9000))
    assert driver.poll(0.0) == b"980900" + b"08\r\n"
    assert driver.feed(SALE) == [SOLD]


@given(st.integers(1, 99_999))
def test_the_vendors_sum_of_digits_cancels_out_of_its_check(price_fen: int) -> None:
    """Sum1 = digits of the price; Sum2 = Sum1 XOR all characters; check = Sum1 XOR Sum2."""
    driver = DibalDriver()
    driver.set_price(Fen(price_fen))
    question = driver.poll(0.0)
    sum1 = sum(int(digit) for digit in f"{price_fen:05d}")
    assert question[-3] == sum1 ^ reduce(xor, question[:-3], sum1)


def test_it_waits_for_the_scale_to_wait_for_rest_and_asks_again_after_that() -> None:
    driver = asking()
    assert (driver.poll(7.5), driver.poll(ANSWER_WITHIN_S)) == (b"", b"98090008\r\n")


def test_it_pauses_after_an_answer() -> None:
    driver = asking()
    driver.feed(SALE)
    assert (driver.poll(1.0), driver.poll(1.0 + ASK_EVERY_S / 2)) == (b"", b"")
    assert driver.poll(1.0 + ASK_EVERY_S) == b"98090008\r\n"


def test_after_a_damaged_answer_it_does_not_wait_out_the_time_but_still_hears_a_whole_one() -> None:
    driver = asking()
    driver.feed(SALE[4:])
    assert (driver.poll(1.0), driver.poll(1.0 + ASK_EVERY_S)) == (b"", b"98090008\r\n")
    assert driver.feed(SALE) == [SOLD]


@pytest.mark.parametrize("price_fen", [None, 0, 100_000, 100_000_000])
def test_a_price_without_a_place_in_five_digits_sells_nothing(price_fen: int | None) -> None:
    driver = DibalDriver()
    driver.set_price(None if price_fen is None else Fen(price_fen))
    assert driver.poll(0.0) == QUESTION


def test_zeros_are_no_empty_pan() -> None:
    assert asking().feed(checked(b"990000000000000")) == [NoWeight(Condition.BELOW_MINIMUM)]


def test_a_pan_that_did_not_rest_is_motion_whatever_it_weighs() -> None:
    assert asking().feed(checked(b"99U007400006660")) == [NoWeight(Condition.MOTION)]


def test_another_flag_is_a_refusal() -> None:
    assert asking().feed(checked(b"991007400006660")) == [
        Garbage(reason="refused", data=checked(b"991007400006660")[:-2])
    ]


def test_a_weight_for_a_price_that_is_not_set_any_more_is_a_weight_only() -> None:
    driver = asking()
    driver.set_price(Fen(100))
    assert driver.feed(SALE) == [Reading(net_g=Grams(740), stable=True)]


@pytest.mark.parametrize(
    ("amount", "reasons"),
    [(b"006659", []), (b"006661", []), (b"006662", ["amount_mismatch"]), (b"000000", ["amount_mismatch"])],
)
def test_the_amount_must_be_what_weight_and_price_make(amount: bytes, reasons: list[str]) -> None:
    found = asking().feed(checked(b"990007400" + amount))
    assert [item.reason for item in found if isinstance(item, Garbage)] == reasons


def test_an_amount_that_has_no_place_in_six_digits_is_counted_as_such() -> None:
    found = asking(99_999).feed(checked(b"990150000499985"))
    assert [item.reason for item in found if isinstance(item, Garbage)] == ["amount_overflow"]


@pytest.mark.parametrize("at", range(16))
def test_an_answer_with_a_byte_that_changed_is_garbage(at: int) -> None:
    damaged = SALE[:at] + bytes([SALE[at] ^ 1]) + SALE[at + 1 :]
    (found,) = asking().feed(damaged)
    assert isinstance(found, Garbage)
    assert found.reason in {"checksum", "not_an_answer"}


def test_an_answer_without_the_nought_between_weight_and_amount_is_garbage() -> None:
    short = checked(b"99000740006660")
    assert asking().feed(short) == [Garbage(reason="torn", data=short[:-2])]


def test_what_nobody_asked_for_is_garbage() -> None:
    assert DibalDriver().feed(SALE) == [Garbage(reason="unasked", data=SALE[:-2])]
    assert asking().feed(SALE * 2) == [SOLD, Garbage(reason="unasked", data=SALE[:-2])]


@pytest.mark.parametrize("cut", range(1, 17))
def test_half_an_answer_before_a_whole_one(cut: int) -> None:
    assert asking().feed(SALE[:cut] + SALE) == [Garbage(reason="too_long", data=(SALE[:cut] + SALE)[:16]), SOLD]


def test_after_a_reset_it_asks_again_and_forgets_what_it_asked() -> None:
    driver = asking()
    driver.feed(SALE[:9])
    driver.reset()
    assert driver.feed(SALE) == [Garbage(reason="unasked", data=SALE[:-2])]
    assert driver.poll(0.1) == b"98090008\r\n"


def test_it_computes_with_a_price_for_a_kilogram() -> None:
    with pytest.raises(ValueError, match="price for a kg"):
        DRIVER.make(DriverOptions(profile="xor_all", price_unit=PriceUnit.HALF_KG))
    with pytest.raises(ValueError, match="expected one of xor_all"):
        DRIVER.make(DriverOptions(profile="sum"))


@given(
    st.lists(st.one_of(st.sampled_from([SALE, SALE[:9], b"\r\n"]), st.binary(max_size=40)), max_size=8).map(b"".join)
)
def test_the_way_the_stream_is_cut_never_matters(stream: bytes) -> None:
    byte_by_byte = asking()
    assert [item for byte in stream for item in byte_by_byte.feed(bytes([byte]))] == asking().feed(stream)
