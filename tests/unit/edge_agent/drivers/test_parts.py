"""What several drivers share: cutting a stream into frames, parity bits, and amounts that fit."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, fen_per_kg
from edge_agent.drivers.amounts import AMOUNT_TOLERANCE_FEN, amount_fits, check_prices_by_weight
from edge_agent.drivers.framing import NOISE_BLOCK, Framer, Piece
from edge_agent.drivers.parity import LOW_SEVEN, both_parities, is_parity_whole


def end_of(window: bytes) -> int | None:
    """A frame is `<`, its length as a digit, that many bytes and `>`."""
    if len(window) < 2:
        return None
    size = window[1] - ord("0") + 3
    if not 3 <= size <= 8:
        return 0
    return None if len(window) < size else size * window.endswith(b">", 0, size)


def pieces(*parts: bytes) -> list[Piece]:
    framer = Framer(starts=b"<", longest=8, end_of=end_of)
    return [piece for part in parts for piece in framer.feed(part)]


class TestFraming:
    def test_whole_frames(self) -> None:
        assert pieces(b"<2ab><0>") == [Piece(b"<2ab>", is_frame=True), Piece(b"<0>", is_frame=True)]

    def test_a_start_inside_a_frame_does_not_end_it(self) -> None:
        assert pieces(b"<2<>>") == [Piece(b"<2<>>", is_frame=True)]

    def test_a_start_before_a_frame_does_not_swallow_it(self) -> None:
        assert pieces(b"<4a<2ab>") == [Piece(b"<4a", is_frame=False), Piece(b"<2ab>", is_frame=True)]

    def test_noise_is_given_up_at_the_length_of_the_longest_frame(self) -> None:
        assert pieces(b"x" * 8 + b"x" * 12) == [Piece(b"x" * 8, is_frame=False)]

    def test_noise_that_goes_on_is_given_up_in_blocks_or_before_the_next_frame(self) -> None:
        noise = [Piece(b"x" * size, is_frame=False) for size in (8, NOISE_BLOCK, 12)]
        assert pieces(b"x" * (20 + NOISE_BLOCK) + b"<0>" + b"x" * 8) == [
            *noise,
            Piece(b"<0>", is_frame=True),
            Piece(b"x" * 8, is_frame=False),
        ]

    def test_ten_megabytes_without_an_end_are_given_up_as_they_come(self) -> None:
        framer = Framer(starts=b"<", longest=37, end_of=lambda window: None)
        size = sum(len(piece.data) for _ in range(10 * 16) for piece in framer.feed(b"<" + b"0" * 65_535))
        assert 10 * 1024 * 1024 - NOISE_BLOCK < size <= 10 * 1024 * 1024
        assert [piece.is_frame for piece in framer.feed(b"<")] == [False]

    def test_after_a_reset_the_half_frame_is_forgotten(self) -> None:
        framer = Framer(starts=b"<", longest=8, end_of=end_of)
        assert list(framer.feed(b"<2a")) == []
        framer.reset()
        assert list(framer.feed(b"<0>")) == [Piece(b"<0>", is_frame=True)]

    @given(st.text("<>012345x", max_size=60).map(str.encode), st.lists(st.integers(0, 60)))
    def test_cuts_never_matter_and_no_byte_is_lost(self, stream: bytes, cuts: list[int]) -> None:
        places = [0, *sorted(min(place, len(stream)) for place in cuts), len(stream)]
        found = pieces(*(stream[start:end] for start, end in itertools.pairwise(places)))
        assert found == pieces(stream)
        whole = b"".join(piece.data for piece in found)
        assert stream.startswith(whole)
        assert len(stream) - len(whole) < NOISE_BLOCK

    @given(st.lists(st.integers(0, 3000), max_size=6), st.integers(0, 100))
    def test_the_blocks_of_long_noise_do_not_depend_on_the_cuts(self, cuts: list[int], tail: int) -> None:
        stream = b"x" * 1500 + b"<0>" + b"<4" + b"x" * 1100 + b"<0>" + b"x" * tail
        places = [0, *sorted(min(place, len(stream)) for place in cuts), len(stream)]
        assert pieces(*(stream[start:end] for start, end in itertools.pairwise(places))) == pieces(stream)


class TestParity:
    @given(st.binary(max_size=30).map(lambda data: data.translate(LOW_SEVEN)), st.sampled_from([0, 1]))
    def test_either_parity_is_whole_and_taken_away_gives_the_seven_bits(self, data: bytes, odd: int) -> None:
        sent = bytes(value | 0x80 if value.bit_count() % 2 != odd else value for value in data)
        assert is_parity_whole(data)
        assert is_parity_whole(sent)
        assert sent.translate(LOW_SEVEN) == data

    def test_mixed_parity_is_not(self) -> None:
        assert not is_parity_whole(b"\x82\x30\xb1\x31")

    def test_starts_with_and_without_it(self) -> None:
        assert both_parities(b"\x02W") == b"\x02W\x82\xd7"


class TestAmounts:
    @given(st.integers(0, 30_000), st.integers(0, 10_000_000), st.sampled_from(list(PriceUnit)), st.integers(-3, 3))
    def test_within_a_fen_of_what_is_due(self, net_g: int, price: int, unit: PriceUnit, off: int) -> None:
        per_kg = fen_per_kg(Fen(price), unit)
        amount = Fen(amount_due(Grams(net_g), FenPerKg(per_kg or 0)) + off)
        fits = per_kg is not None and abs(off) <= AMOUNT_TOLERANCE_FEN
        assert amount_fits(Grams(net_g), Fen(price), amount, unit) == fits

    @pytest.mark.parametrize(("amount", "fits"), [(-1, True), (0, True), (1, False)])
    def test_below_zero_nothing_is_sold(self, amount: int, fits: bool) -> None:
        assert amount_fits(Grams(-30), Fen(4500), Fen(amount), PriceUnit.KG) == fits

    def test_a_price_by_the_piece_is_refused_by_name(self) -> None:
        check_prices_by_weight(PriceUnit.HALF_KG, "this scale")
        with pytest.raises(ValueError, match="this scale prices by weight"):
            check_prices_by_weight(PriceUnit.PIECE, "this scale")
