"""The simulated DIBAL scale: it waits for rest, for 7 s, and has zeros for all it cannot weigh."""

import random
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import PriceUnit
from simulators.scales.dibal import REST_WITHIN_S, SIMULATED, SimulatedDibal

ASK = b"98000001\r\n"
RESTED_S = 1.0


def checked(body: bytes) -> bytes:
    return body + bytes([reduce(xor, body)]) + b"\r\n"


def make(load_g: int) -> SimulatedDibal:
    scale = SimulatedDibal("xor_all", random.Random(1))
    scale.platform.put(load_g, 0.0)
    return scale


def test_the_example_of_the_vendor() -> None:
    scale = make(315)
    scale.platform.capacity = type(scale.platform.capacity)(e_g=1)
    scale.platform.put(316, 0.0)
    assert scale.hear(ASK, RESTED_S) == b"9900031600000004\r\n"


def test_a_price_makes_an_amount() -> None:
    assert make(740).hear(b"98090008\r\n", RESTED_S) == checked(b"990007400006660")


def test_it_answers_when_the_pan_rests_and_not_before() -> None:
    scale = make(740)
    assert scale.hear(ASK, 0.1) == b""
    assert scale.tick(0.3) == b""
    assert scale.tick(0.6) == checked(b"990007400000000")
    assert scale.tick(0.7) == b""


def test_a_pan_that_never_rests_is_flagged_after_7_s() -> None:
    scale = make(740)
    scale.platform.is_stuck_moving = True
    assert scale.hear(ASK, 1.0) == b""
    assert scale.tick(1.0 + REST_WITHIN_S - 0.02) == b""
    assert scale.tick(1.0 + REST_WITHIN_S).startswith(b"99U")


@pytest.mark.parametrize("load_g", [0, -30, 15_050], ids=["empty", "below zero", "overload"])
def test_zeros_are_sent_for_all_that_is_no_load(load_g: int) -> None:
    assert make(load_g).hear(ASK, RESTED_S) == checked(b"990000000000000")


def test_the_tare_is_taken_off() -> None:
    scale = make(770)
    scale.key_tare(30)
    assert scale.hear(ASK, RESTED_S) == checked(b"990007400000000")


@pytest.mark.parametrize("question", [b"98000002\r\n", b"97000001\r\n", b"9800001\r\n", b"\r\n"])
def test_a_question_that_is_wrong_is_refused(question: bytes) -> None:
    assert make(740).hear(question, RESTED_S) == checked(b"991000000000000")


def test_a_restart_forgets_the_question() -> None:
    scale = make(740)
    scale.hear(ASK, 0.1)
    assert scale.restart(0.2) == b""
    assert scale.tick(RESTED_S) == b""


def test_it_computes_with_a_price_for_a_kilogram() -> None:
    with pytest.raises(ValueError, match="price for a kg"):
        SIMULATED.make("xor_all", random.Random(1), PriceUnit.HALF_KG)


def test_a_question_that_comes_while_another_waits_takes_its_place() -> None:
    scale = make(740)
    assert scale.hear(ASK, 0.1) == b""
    assert scale.hear(b"98090008\r\n", 0.2) == b""
    assert (scale.tick(0.6), scale.tick(0.8)) == (checked(b"990007400006660"), b"")


@given(st.integers(0, len(ASK)))
def test_how_a_question_is_cut_never_matters(cut: int) -> None:
    scale = make(740)
    assert scale.hear(ASK[:cut], RESTED_S) + scale.hear(ASK[cut:], RESTED_S) == checked(b"990007400000000")


@given(st.binary(max_size=200))
def test_noise_is_survived_and_the_next_question_is_answered(noise: bytes) -> None:
    scale = make(740)
    scale.hear(noise + b"\r\n", RESTED_S)
    assert scale.hear(ASK, RESTED_S) == checked(b"990007400000000")
