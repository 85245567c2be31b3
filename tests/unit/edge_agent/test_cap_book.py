"""What the agent says of a price before the sale is what the service says of the sale."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapStatus, CapUnit, Channel, PriceCap, Verdict
from domain.units import Fen, FenPerKg, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.caps.cap_book import CapBook, CapEntry, book_of, highest_legal_fen
from messages.caps import Announcement, decode_caps, encode_caps
from pricing import cap_book as service
from pricing.rules import judge
from tests.announcements import DAY, MIDNIGHT, NOON, announced, item

F01 = SpeciesCode("F01")
MARKET = MarketId("sanya-1")
SECOND = timedelta(seconds=1)


def says(book: CapBook, price_fen: int, unit: PriceUnit = PriceUnit.KG, *, grade: str = "") -> Verdict:
    return book.verdict(Fen(price_fen), unit, F01, grade, NOON)


def test_a_price_equal_to_the_cap_is_within_and_a_fen_more_is_over() -> None:
    book = CapBook((announced(item("F01", 23000)),))
    assert [says(book, price) for price in (22999, 23000, 23001)] == [Verdict.WITHIN, Verdict.WITHIN, Verdict.OVER]
    assert says(book, 11500, PriceUnit.HALF_KG) is Verdict.WITHIN
    assert says(book, 11501, PriceUnit.HALF_KG) is Verdict.OVER


def test_without_a_cap_the_answer_says_why() -> None:
    assert says(CapBook(), 1) is Verdict.NO_LIST
    assert says(CapBook((announced(item("F02", 1)),)), 9**9) is Verdict.UNLISTED
    assert says(CapBook((announced(item("F01")),)), 9**9) is Verdict.UNCAPPED
    assert says(CapBook((announced(item("F01", status=CapStatus.OUT_OF_STOCK)),)), 9**9) is Verdict.OUT_OF_STOCK


def test_a_list_to_come_takes_over_at_its_moment_without_being_told_again() -> None:
    today = announced(item("F01", 23000), ends=MIDNIGHT)
    tomorrow = announced(item("F01", 24000, list_id=2), list_id=2, begins=MIDNIGHT, ends=MIDNIGHT + DAY)
    book = book_of(decode_caps(encode_caps(Announcement(in_force=today, coming=(tomorrow,)))))
    moments = (MIDNIGHT - DAY - SECOND, MIDNIGHT - SECOND, MIDNIGHT, MIDNIGHT + DAY - SECOND, MIDNIGHT + DAY)
    assert [book.in_force(at) for at in moments] == [None, today, tomorrow, tomorrow, None]
    assert book.lookup(F01, "", MIDNIGHT - SECOND).cap_fen_per_kg == 23000
    assert book.lookup(F01, "", MIDNIGHT).cap_fen_per_kg == 24000
    assert book.lookup(F01, "", MIDNIGHT + DAY) == CapEntry()


def test_a_list_that_was_not_trimmed_ends_where_the_next_one_begins() -> None:
    today, tomorrow = announced(item("F01", 1)), announced(item("F01", 2), list_id=2, begins=MIDNIGHT)
    assert CapBook((today, tomorrow)).in_force(MIDNIGHT) == tomorrow


def test_nothing_announced_is_no_list() -> None:
    assert book_of(None) == book_of(Announcement(in_force=None)) == CapBook()
    assert CapBook().lookup(F01, "", NOON).list_version == ""


@pytest.mark.parametrize(
    ("unit", "legal"), [(PriceUnit.KG, 23001), (PriceUnit.HALF_KG, 11500), (PriceUnit.HUNDRED_GRAMS, 2300)]
)
def test_the_highest_legal_price_is_legal_and_the_next_one_is_not(unit: PriceUnit, legal: int) -> None:
    book = CapBook((announced(item("F01", 23001)),))
    assert highest_legal_fen(FenPerKg(23001), unit) == legal
    assert (says(book, legal, unit), says(book, legal + 1, unit)) == (Verdict.WITHIN, Verdict.OVER)


def test_a_piece_has_no_highest_price_for_a_kg() -> None:
    assert highest_legal_fen(FenPerKg(23001), PriceUnit.PIECE) is None


def caps() -> st.SearchStrategy[PriceCap]:
    status = st.sampled_from([one for one in CapStatus if one is not CapStatus.ABSENT])
    return st.builds(
        lambda grade, status, unit, cap: item(
            "F01", cap if status is CapStatus.CAPPED else None, grade=grade, status=status, unit=unit
        ),
        st.sampled_from(["", "大", "中"]),
        status,
        st.sampled_from(CapUnit),
        st.integers(1, 500),
    )


@given(
    items=st.lists(caps(), max_size=3, unique_by=lambda one: one.grade),
    has_list=st.booleans(),
    species=st.sampled_from(["F01", "F01", "F02", ""]),
    grade=st.sampled_from(["", "大", "小"]),
    price=st.integers(0, 600),
    unit=st.sampled_from(PriceUnit),
    net_g=st.integers(0, 3000),
    pieces=st.none() | st.integers(1, 5),
)
def test_the_agent_and_the_service_agree(
    items: list[PriceCap],
    has_list: bool,
    species: str,
    grade: str,
    price: int,
    unit: PriceUnit,
    net_g: int,
    pieces: int | None,
) -> None:
    """For every sale the contract allows. Only where the load is nothing in the cap's terms may the agent say more."""
    one = announced(*items)
    edge = CapBook((one,)) if has_list else CapBook()
    book = service.CapBook(
        revision=1,
        lists={("sanya", Channel.EATERY): (one.cap_list,)} if has_list else {},
        markets={MARKET: service.MarketScope(area="sanya", channel=Channel.EATERY, timezone="Asia/Shanghai")},
        species=frozenset({F01, SpeciesCode("F02")}),
        species_by_name={},
    )
    weighing = Weighing(
        seq=1,
        weighed_at=NOON,
        net_g=Grams(net_g),
        unit_price_fen=Fen(price),
        price_unit=unit,
        amount_fen=Fen(0),
        paid_fen=Fen(0),
        pieces=pieces,
        species=SpeciesCode(species),
        grade=grade,
    )
    in_force = book.list_in_force(MARKET, NOON)
    cap = None if in_force is None else book.item_for(in_force, book.species_of(weighing.species, weighing.name), grade)
    judged = judge(weighing, has_list=in_force is not None, cap=cap)
    said = edge.verdict(Fen(price), unit, SpeciesCode(species), grade, NOON, net_g=Grams(net_g), pieces=pieces)
    assert edge.lookup(SpeciesCode(species), grade, NOON).cap == cap
    quantity = None if cap is None else (pieces or 0) if cap.unit is CapUnit.PIECE else net_g
    is_unlimited_by_load = cap is not None and cap.cap_fen is not None and quantity == 0
    if not is_unlimited_by_load:
        assert said is judged.declared
    else:
        loaded = replace(weighing, net_g=Grams(1000), pieces=1)
        has_own_unit = cap is not None and (cap.unit is CapUnit.PIECE) == (unit is PriceUnit.PIECE)
        assert said is (judge(loaded, has_list=True, cap=cap).declared if has_own_unit else Verdict.UNLISTED)
