"""Hypothesis strategies of the trade."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from messages import limits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_text = st.text(
    alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),  # what may stand in a ticket
    max_size=32,
)
_grams = st.integers(0, 5_000_000)
_fen = st.integers(0, limits.MAX_PRICE_FEN)


@st.composite
def weighings(draw: st.DrawFn) -> Weighing:
    """Any weighing the contract allows."""
    tare = draw(_grams)
    net = draw(st.integers(1, 5_000_000))
    unit = draw(st.sampled_from(PriceUnit))
    amount = draw(_fen)
    discount = draw(st.integers(0, amount))
    return Weighing(
        seq=draw(st.integers(1, limits.MAX_SEQ)),
        prev=draw(st.sampled_from(["", "q" * 44])),
        weighed_at=draw(st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))),
        clock_synced=draw(st.booleans()),
        plu=draw(_text),
        species=SpeciesCode(draw(_text)),
        grade=draw(_text),
        name=draw(_text),
        gross_g=Grams(tare + net),
        tare_g=Grams(tare),
        net_g=Grams(net),
        stable=draw(st.sampled_from([None, True, False])),
        zero_offset_g=draw(st.none() | st.integers(-100, 100)),
        pieces=draw(st.integers(1, 100)),
        unit_price_fen=Fen(draw(_fen)),
        price_unit=unit,
        amount_fen=Fen(amount),
        discount_fen=Fen(discount),
        paid_fen=Fen(amount - discount),
        fee_fen=Fen(draw(_fen)),
        voids_seq=draw(st.none() | st.integers(1, 1000)),
        ticket_no=draw(_text),
    )
