"""The simulated Dialog 06 scale: one result a load, the reason for none, and no answer to half a command."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import PriceUnit
from simulators.scales.dialog06 import ACK, NAK, SIMULATED, SimulatedDialog06

PRICE = b"\x04\x0201\x1b009000\x1b\x03"
ASK_WEIGHT = b"\x04\x05"
ASK_STATUS = b"\x04\x0208\x03"
WEIGHED = b"\x0202\x1b3\x1b00740\x1b009000\x1b006660\x03"
RESTED_S = 1.0


def make(load_g: int = 740) -> SimulatedDialog06:
    scale = SimulatedDialog06("standard", random.Random(1))
    scale.platform.put(load_g, 0.0)
    scale.tick(0.0)
    scale.tick(RESTED_S)
    return scale


def status(scale: SimulatedDialog06, now: float = RESTED_S) -> str:
    answer = scale.hear(ASK_STATUS, now)
    assert (answer[:4], answer[6:]) == (b"\x0209\x1b", b"\x03")
    return answer[4:6].decode("ascii")


def test_price_then_weight() -> None:
    scale = make()
    assert scale.hear(PRICE, RESTED_S) == ACK
    assert scale.hear(ASK_WEIGHT, RESTED_S) == WEIGHED
    assert status(scale) == "00"


def test_two_commands_in_one_read_are_both_answered() -> None:
    assert make().hear(PRICE + ASK_WEIGHT, RESTED_S) == ACK + WEIGHED


def test_a_load_that_did_not_move_is_not_weighed_again() -> None:
    scale = make()
    scale.hear(PRICE + ASK_WEIGHT, RESTED_S)
    assert scale.hear(PRICE + ASK_WEIGHT, 5.0) == ACK + NAK
    assert status(scale) == "21"


def test_the_same_weight_after_the_pan_was_empty_is_weighed() -> None:
    scale = make()
    scale.hear(PRICE + ASK_WEIGHT, RESTED_S)
    for load_g, now in ((0, 2.0), (740, 4.0)):
        scale.platform.put(load_g, now)
        scale.tick(now + 0.1)
    assert scale.hear(PRICE + ASK_WEIGHT, 6.0) == ACK + WEIGHED


@pytest.mark.parametrize(
    ("load_g", "now", "code"),
    [(740, 0.1, "20"), (97, RESTED_S, "30"), (0, RESTED_S, "30"), (-30, RESTED_S, "31"), (15_050, RESTED_S, "32")],
    ids=["in motion", "under 20 e", "empty", "below zero", "overload"],
)
def test_without_a_weight_it_says_why(load_g: int, now: float, code: str) -> None:
    scale = make(load_g)
    assert scale.hear(PRICE + ASK_WEIGHT, now) == ACK + NAK
    assert status(scale, now) == code


def test_the_minimum_load_is_weighed() -> None:
    assert make(100).hear(PRICE + ASK_WEIGHT, RESTED_S)[1:].startswith(b"\x0202\x1b3\x1b00100")


def test_after_motion_the_weight_may_be_asked_again_without_a_price() -> None:
    scale = make()
    scale.platform.put(745, 2.0)
    assert scale.hear(PRICE + ASK_WEIGHT, 2.1) == ACK + NAK
    assert scale.hear(ASK_WEIGHT, 3.0).startswith(b"\x0202\x1b3\x1b00745")


def test_without_a_price_there_is_no_weight() -> None:
    scale = make()
    assert scale.hear(ASK_WEIGHT, RESTED_S) == NAK
    assert status(scale) == "11"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (b"07\x1b009000\x1b", "10"),
        (b"", "10"),
        (b"01", "10"),
        (b"03\x1b009000", "10"),
        (b"01\x1b9000\x1b", "11"),
        (b"01\x1b00900x\x1b", "11"),
        (b"01\x1b000000\x1b", "11"),
        (b"03\x1b009000\x1b30", "12"),
        (b"04\x1b009000\x1bshort", "13"),
        (b"05\x1b009000\x1b0030\x1btwelve\x00bytes", "13"),
    ],
)
def test_a_record_that_is_wrong_is_refused(record: bytes, code: str) -> None:
    scale = make()
    assert scale.hear(b"\x04\x02" + record + b"\x03", RESTED_S) == NAK
    assert status(scale) == code


def test_tare_and_text_are_taken() -> None:
    scale = make(770)
    assert scale.hear(b"\x04\x0205\x1b009000\x1b0030\x1bCAP 158.00   \x03", RESTED_S) == ACK
    assert scale.shown == "CAP 158.00"
    assert scale.hear(ASK_WEIGHT, RESTED_S) == WEIGHED


def test_an_amount_that_does_not_fit_is_an_error() -> None:
    scale = make(15_000)
    assert scale.hear(PRICE.replace(b"009000", b"999999") + ASK_WEIGHT, RESTED_S) == ACK + NAK
    assert status(scale) == "01"


def test_a_restart_forgets_the_price() -> None:
    scale = make()
    scale.hear(PRICE, RESTED_S)
    assert scale.restart(RESTED_S) == b""
    assert scale.hear(ASK_WEIGHT, 3.0) == NAK


def test_it_computes_with_a_price_for_a_kilogram() -> None:
    with pytest.raises(ValueError, match="price for a kg"):
        SIMULATED.make("standard", random.Random(1), PriceUnit.HALF_KG)


@given(
    st.lists(st.sampled_from([PRICE, ASK_WEIGHT, ASK_STATUS, PRICE[:5], b"\x04", b"\x00"]), max_size=8).map(b"".join)
)
def test_how_the_commands_are_cut_never_matters(stream: bytes) -> None:
    byte_by_byte = make()
    answers = b"".join(byte_by_byte.hear(bytes([byte]), RESTED_S) for byte in stream)
    assert answers == make().hear(stream, RESTED_S)


@given(st.binary(max_size=300))
def test_noise_is_survived_and_the_next_command_is_taken(noise: bytes) -> None:
    scale = make()
    scale.hear(noise, RESTED_S)
    assert scale.hear(PRICE, RESTED_S).endswith(ACK)
