"""Which list and which of its items judge a weighing."""

from datetime import UTC, datetime, timedelta

from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapList, CapStatus, CapUnit, Channel, PriceCap
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from pricing.cap_book import CapBook, MarketScope

MORNING = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
MARKET = MarketId("m")


def item(species: str, grade: str, cap_fen: int | None, list_id: int = 1) -> PriceCap:
    return PriceCap(
        cap_list_id=list_id,
        species=SpeciesCode(species),
        grade=grade,
        status=CapStatus.UNCAPPED if cap_fen is None else CapStatus.CAPPED,
        unit=CapUnit.KG,
        cap_fen=None if cap_fen is None else Fen(cap_fen),
    )


def cap_list(list_id: int, start: datetime, end: datetime | None, *items: PriceCap) -> CapList:
    return CapList(
        cap_list_id=list_id, area="sanya", channel=Channel.EATERY, effective_from=start, effective_to=end, items=items
    )


def book(*lists: CapList) -> CapBook:
    return CapBook(
        revision=1,
        lists={("sanya", Channel.EATERY): lists},
        markets={
            MARKET: MarketScope(area="sanya", channel=Channel.EATERY, timezone="Asia/Shanghai"),
            MarketId("retail"): MarketScope(area="sanya", channel=Channel.STALL, timezone="Asia/Shanghai"),
        },
        species=frozenset({SpeciesCode("F01")}),
        species_by_name={"红立鱼": SpeciesCode("F09")},
    )


def weighing(species: str = "", name: str = "") -> Weighing:
    return Weighing(
        seq=1,
        weighed_at=MORNING,
        net_g=Grams(1),
        unit_price_fen=Fen(1),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(1),
        paid_fen=Fen(1),
        species=SpeciesCode(species),
        name=name,
    )


def test_the_list_in_force_at_the_moment_judges_and_a_new_one_takes_over_at_its_first_moment() -> None:
    noon = MORNING + timedelta(hours=12)
    of_two = book(cap_list(1, MORNING, noon, item("F01", "", 1)), cap_list(2, noon, None, item("F01", "", 2, 2)))
    before_all = of_two.list_in_force(MARKET, MORNING - timedelta(microseconds=1))
    at = [of_two.list_in_force(MARKET, moment) for moment in (MORNING, noon - timedelta(microseconds=1), noon)]
    assert before_all is None
    assert [one.cap_list_id for one in at if one] == [1, 1, 2]


def test_a_list_for_eateries_does_not_bind_a_retail_market() -> None:
    assert book(cap_list(1, MORNING, None, item("F01", "", 1))).list_in_force(MarketId("retail"), MORNING) is None


def test_the_grade_decides_and_the_medium_may_be_dearer_than_the_large() -> None:
    stonefish = cap_list(1, MORNING, None, item("F19", "大", 47600), item("F19", "中", 53200))
    of_one = book(stonefish)
    caps = [of_one.item_for(stonefish, SpeciesCode("F19"), grade) for grade in ("大", "中", "小", "")]
    assert [one.cap_fen for one in caps if one] == [47600, 53200, 53200, 53200]


def test_an_ungraded_item_judges_every_grade_that_has_none_of_its_own() -> None:
    mixed = cap_list(1, MORNING, None, item("F01", "", 100), item("F01", "大", 200))
    of_one = book(mixed)
    assert getattr(of_one.item_for(mixed, SpeciesCode("F01"), "小"), "cap_fen", None) == 100
    assert of_one.item_for(mixed, SpeciesCode("F02"), "") is None


def test_an_uncapped_grade_is_the_most_lenient_of_all() -> None:
    mixed = cap_list(1, MORNING, None, item("F01", "大", None), item("F01", "小", 200))
    unknown_grade = book(mixed).item_for(mixed, SpeciesCode("F01"), "特")
    assert unknown_grade is not None
    assert unknown_grade.status is CapStatus.UNCAPPED


def test_a_species_is_known_by_its_code_or_by_any_of_its_names() -> None:
    of_none = book()
    assert of_none.species_of(SpeciesCode("F01"), "红立鱼") == "F01"
    assert of_none.species_of(SpeciesCode(""), "红立鱼") == "F09"
    assert of_none.species_of(SpeciesCode("Z99"), "nobody knows it") == "Z99"
