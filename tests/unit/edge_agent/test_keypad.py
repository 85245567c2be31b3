"""The goods keypad: digits and CR."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.keypad import MAX_PLU_DIGITS, KeypadDecoder
from edge_agent.readings import Garbage, PluKeyed


def read(data: bytes) -> list[PluKeyed | Garbage]:
    return KeypadDecoder().feed(data)


@pytest.mark.parametrize("line", [b"2031\r", b"2031\r\n", b"\n2031\r"])
def test_digits_and_cr_are_a_plu_with_or_without_lf(line: bytes) -> None:
    assert read(line) == [PluKeyed("2031")]


def test_several_at_once_keep_their_order() -> None:
    assert read(b"2031\r\n2032\r") == [PluKeyed("2031"), PluKeyed("2032")]


@pytest.mark.parametrize(("digits", "is_plu"), [(MAX_PLU_DIGITS, True), (MAX_PLU_DIGITS + 1, False)])
def test_a_plu_has_at_most_fourteen_digits(digits: int, is_plu: bool) -> None:
    assert isinstance(read(b"1" * digits + b"\r")[0], PluKeyed) == is_plu


@pytest.mark.parametrize(("line", "reason"), [(b"\r", "empty"), (b"20a1\r", "not_digits"), (b"\xb2\r", "not_digits")])
def test_what_is_no_number_is_garbage(line: bytes, reason: str) -> None:
    assert [item.reason for item in read(line) if isinstance(item, Garbage)] == [reason]


def test_the_end_of_an_overlong_line_is_not_a_plu_of_its_own() -> None:
    decoder = KeypadDecoder()
    assert decoder.feed(b"9" * 50) == []
    assert decoder.feed(b"2031\r2032\r") == [Garbage(reason="too_long", data=b"9" * 15), PluKeyed("2032")]


def test_after_a_reset_the_half_line_is_forgotten() -> None:
    decoder = KeypadDecoder()
    assert decoder.feed(b"9" * 50) == []
    decoder.reset()
    assert decoder.feed(b"2031\r") == [PluKeyed("2031")]


lines = st.lists(st.sampled_from([b"2031", b"\r", b"\n", b"\r\n", b"x", b"123456789", b"\x1b"])).map(b"".join)


@given(lines, st.lists(st.integers(0, 200)))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes, cuts: list[int]) -> None:
    decoder = KeypadDecoder()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [item for start, end in itertools.pairwise(places) for item in decoder.feed(stream[start:end])]
    assert found == read(stream)
