"""The blueprint is a driver that works, so that a copy of it starts from something that works; it is not on offer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams
from edge_agent.drivers import _blueprint
from edge_agent.drivers.protocol import DriverOptions, ScaleDriver
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.readings import Condition, Garbage, NoWeight, Reading

ANSWER = b"S +01234\r\n"
READING = Reading(net_g=Grams(1234), stable=True)


def make() -> ScaleDriver:
    return _blueprint.DRIVER.make(DriverOptions(profile="standard"))


def test_it_is_not_in_the_registry() -> None:
    assert _blueprint.DRIVER.name not in SCALE_DRIVERS
    assert _blueprint.DRIVER not in SCALE_DRIVERS.values()


def test_every_answer_is_understood() -> None:
    assert make().feed(ANSWER + b"M -00030\r\n? O\r\n? U\r\n") == [
        READING,
        Reading(net_g=Grams(-30), stable=False),
        NoWeight(Condition.OVERLOAD),
        NoWeight(Condition.UNDERLOAD),
    ]


def test_it_asks_pauses_after_the_answer_and_asks_again_without_one() -> None:
    driver = make()
    assert (driver.poll(0.0), driver.poll(0.5)) == (b"W\r", b"")
    driver.feed(ANSWER)
    assert (driver.poll(0.6), driver.poll(0.7), driver.poll(0.81)) == (b"", b"", b"W\r")
    assert (driver.poll(1.5), driver.poll(1.9)) == (b"", b"W\r")


def test_half_a_frame_does_not_take_the_whole_one_with_it() -> None:
    assert make().feed(ANSWER[:4] + ANSWER) == [Garbage(reason="too_long", data=b"S +0S +0"), READING]


@pytest.mark.parametrize("bad", [b"S +01,34", b"X +01234", b"S 001234", b"S"])
def test_what_is_no_answer_is_garbage(bad: bytes) -> None:
    assert make().feed(bad + b"\r\n") == [Garbage(reason="not_an_answer", data=bad)]


def test_a_reset_forgets_the_half_frame_and_the_question() -> None:
    driver = make()
    driver.poll(0.0)
    driver.feed(ANSWER[:5])
    driver.reset()
    assert driver.feed(ANSWER) == [READING]
    driver.reset()
    assert driver.poll(0.1) == b"W\r"


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of standard"):
        _blueprint.DRIVER.make(DriverOptions(profile="other"))


@given(st.lists(st.one_of(st.just(ANSWER), st.binary(max_size=30), st.just(ANSWER[:6])), max_size=8).map(b"".join))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes) -> None:
    byte_by_byte = make()
    assert [item for byte in stream for item in byte_by_byte.feed(bytes([byte]))] == make().feed(stream)
