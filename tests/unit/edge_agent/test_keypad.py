"""The goods keypad: numbers, prices, pieces, voids and corrections, a line each."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen
from edge_agent.drivers.keypad import MAX_LINE, MAX_PLU_DIGITS, KeypadDecoder
from edge_agent.weighing.readings import Garbage, Keyed, VoidKeyed


def read(data: bytes) -> list[Keyed | VoidKeyed | Garbage]:
    return KeypadDecoder().feed(data)


@pytest.mark.parametrize("line", [b"2031\r", b"2031\r\n", b"\n2031\r"])
def test_digits_and_cr_are_a_plu_with_or_without_lf(line: bytes) -> None:
    assert read(line) == [Keyed(plu="2031")]


def test_several_at_once_keep_their_order() -> None:
    assert read(b"2031\r\n2032\r") == [Keyed(plu="2031"), Keyed(plu="2032")]


@pytest.mark.parametrize(("digits", "is_plu"), [(MAX_PLU_DIGITS, True), (MAX_PLU_DIGITS + 1, False)])
def test_a_plu_has_at_most_fourteen_digits(digits: int, is_plu: bool) -> None:
    assert isinstance(read(b"1" * digits + b"\r")[0], Keyed) == is_plu


@pytest.mark.parametrize(
    ("line", "reason"), [(b"\r", "empty"), (b"20a1\r", "not_an_order"), (b"\xb2\r", "not_an_order")]
)
def test_what_is_no_order_is_garbage(line: bytes, reason: str) -> None:
    assert [item.reason for item in read(line) if isinstance(item, Garbage)] == [reason]


def test_the_end_of_an_overlong_line_is_not_a_plu_of_its_own() -> None:
    decoder = KeypadDecoder()
    assert decoder.feed(b"9" * 50) == []
    assert decoder.feed(b"2031\r2032\r") == [Garbage(reason="too_long", data=b"9" * (MAX_LINE + 1)), Keyed(plu="2032")]


def test_after_a_reset_the_half_line_is_forgotten() -> None:
    decoder = KeypadDecoder()
    assert decoder.feed(b"9" * 50) == []
    decoder.reset()
    assert decoder.feed(b"2031\r") == [Keyed(plu="2031")]


@pytest.mark.parametrize(
    ("line", "order"),
    [
        (b"2006*98.5\r", Keyed(plu="2006", unit_price_fen=Fen(9850))),
        (b"2006*98\r", Keyed(plu="2006", unit_price_fen=Fen(9800))),
        (b"*98.05\r", Keyed(unit_price_fen=Fen(9805))),
        (b"*0.01\r", Keyed(unit_price_fen=Fen(1))),
        (b"*1000000\r", Keyed(unit_price_fen=Fen(100_000_000))),
        (b"2006/3\r", Keyed(plu="2006", pieces=3)),
        (b"/12\r", Keyed(pieces=12)),
        (b"2006*15.00/3\r", Keyed(plu="2006", unit_price_fen=Fen(1500), pieces=3)),
        (b"+2006*98.50\r", Keyed(plu="2006", unit_price_fen=Fen(9850), corrects=True)),
        (b"+*98.50\r", Keyed(unit_price_fen=Fen(9850), corrects=True)),
        (b"-\r", VoidKeyed()),
    ],
)
def test_price_pieces_void_and_correction(line: bytes, order: Keyed | VoidKeyed) -> None:
    assert read(line) == [order]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"+\r", "not_an_order"),
        (b"*\r", "not_an_order"),
        (b"2006*\r", "not_an_order"),
        (b"2006*98,50\r", "not_an_order"),
        (b"2006*98.505\r", "not_an_order"),
        (b"2006*.50\r", "not_an_order"),
        (b"2006/0\r", "not_an_order"),
        (b"2006/3*15\r", "not_an_order"),
        (b"--\r", "not_an_order"),
        (b"*0\r", "impossible_price"),
        (b"*1000000.01\r", "impossible_price"),
        (b"20\x0006\r", "not_an_order"),
    ],
)
def test_an_order_that_is_none_is_garbage_with_its_reason(line: bytes, reason: str) -> None:
    assert [item.reason for item in read(line) if isinstance(item, Garbage)] == [reason]


lines = st.lists(
    st.sampled_from([b"2031", b"*", b"9.5", b"/", b"-", b"+", b"\r", b"\n", b"\r\n", b"x", b"123456789", b"\x1b"])
).map(b"".join)


@given(lines, st.lists(st.integers(0, 200)))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes, cuts: list[int]) -> None:
    decoder = KeypadDecoder()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [item for start, end in itertools.pairwise(places) for item in decoder.feed(stream[start:end])]
    assert found == read(stream)
