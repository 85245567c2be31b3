"""From what a station knows to what is warned of and shown."""

from dataclasses import replace
from typing import Any

import pytest

from domain.ids import JournalId, SpeciesCode
from domain.price_cap import Verdict
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.caps.before_sale import asking_of, view_of, with_sale
from edge_agent.caps.cap_warnings import Asking, Show, WarningState, look
from edge_agent.page.board import View
from edge_agent.weighing import offers
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.offers import Offer, PricedReading
from edge_agent.weighing.readings import Condition, Keyed, NoWeight, Reading
from tests.announcements import NOON
from tests.page_rig import BOOK, F01

GROUPER = Goods(plu="2031", species=F01, name="东星斑", unit_price_fen=Fen(15800))
TABLE = {"2031": GROUPER, "9": Goods(plu="9", species=F01, by_piece=True, unit_price_fen=Fen(900))}
KEYED = offers.keyed(TABLE, offers.nothing_keyed(), Keyed(plu="2031"))


def asking(offer: Offer, heard: PricedReading | NoWeight | None) -> Asking:
    return asking_of(offer, heard, scale_unit=PriceUnit.HALF_KG, zero_band_g=Grams(10))


def reading(offer: Offer, net_g: int, **fields: Any) -> PricedReading:
    return offers.price(offer, Reading(net_g=Grams(net_g), **fields), PriceUnit.HALF_KG)


def view(offer: Offer, heard: PricedReading | NoWeight | None) -> View:
    asked = asking(offer, heard)
    looked = look(WarningState(), BOOK, asked, NOON)
    return view_of(offer, heard, asked, looked, heard_at=1.0, preset_tare_g=Grams(30))


def test_goods_with_a_stored_price_are_warned_of_before_anything_is_on_the_pan() -> None:
    for heard in (None, reading(offers.nothing_keyed(), 0), NoWeight(Condition.BELOW_MINIMUM)):
        asked = asking(KEYED, heard)
        assert (asked.unit_price_fen, asked.price_unit, asked.is_empty) == (15800, PriceUnit.HALF_KG, True)
        assert isinstance(look(WarningState(), BOOK, asked, NOON).step, Show)


def test_the_keyed_price_goes_before_the_stored_one_and_the_scale_s_before_both() -> None:
    keyed = offers.keyed(TABLE, KEYED, Keyed(unit_price_fen=Fen(11000)))
    assert asking(keyed, reading(keyed, 700)).unit_price_fen == 11000
    assert asking(keyed, reading(keyed, 700, unit_price_fen=Fen(12000))).unit_price_fen == 12000
    assert asking(keyed, reading(keyed, 700, unit_price_fen=Fen(0))).unit_price_fen is None


def test_nothing_keyed_asks_for_nothing() -> None:
    nothing = offers.nothing_keyed()
    asked = asking(nothing, reading(nothing, 700))
    assert (asked.species, asked.unit_price_fen, asked.is_empty) == ("", None, False)
    assert view(nothing, reading(nothing, 700)).verdict is None


def test_goods_by_the_piece_are_asked_for_by_the_piece() -> None:
    offer = offers.keyed(TABLE, offers.nothing_keyed(), Keyed(plu="9", pieces=3))
    asked = asking(offer, reading(offer, 700, stable=True))
    assert (asked.unit_price_fen, asked.price_unit, asked.pieces, asked.is_stable) == (900, PriceUnit.PIECE, 3, True)
    assert asking(offer, None).pieces == 3


@pytest.mark.parametrize("condition", Condition)
def test_only_what_is_surely_off_the_pan_empties_it(condition: Condition) -> None:
    is_off = condition in {Condition.UNDERLOAD, Condition.BELOW_MINIMUM}
    assert asking(KEYED, NoWeight(condition)).is_empty is is_off
    shown = view(KEYED, NoWeight(condition))
    assert (shown.condition, shown.stable, shown.amount_fen) == (condition, False, None)


def test_the_page_shows_what_the_station_knows() -> None:
    heard = reading(KEYED, 712, stable=True)
    shown = view(KEYED, heard)
    assert (shown.net_g, shown.stable, shown.name, shown.plu, shown.tare_g) == (712, True, "东星斑", "2031", 30)
    assert (shown.unit_price_fen, shown.amount_fen, shown.verdict) == (15800, heard.amount_fen, Verdict.OVER)
    assert shown.entry.cap_fen_per_kg == 23000


def test_an_amount_of_the_order_before_is_not_shown_for_the_new_one() -> None:
    heard = reading(KEYED, 712, stable=True)
    other = offers.keyed(TABLE, KEYED, Keyed(unit_price_fen=Fen(9900)))
    assert view(other, heard).amount_fen is None
    assert view(other, heard).unit_price_fen == 9900


SOLD = Weighing(
    seq=5,
    weighed_at=NOON,
    plu="2031",
    species=F01,
    name="东星斑",
    net_g=Grams(712),
    unit_price_fen=Fen(11500),
    price_unit=PriceUnit.HALF_KG,
    amount_fen=Fen(16376),
    paid_fen=Fen(16376),
)
JOURNAL = JournalId("0193a")


def test_after_a_sale_the_sale_is_shown_until_the_next_goods_are_keyed() -> None:
    nothing = offers.nothing_keyed()
    after = with_sale(view(nothing, reading(nothing, 712, stable=True)), BOOK, JOURNAL, SOLD)
    assert (after.name, after.unit_price_fen, after.amount_fen) == ("东星斑", 11500, 16376)
    assert after.verdict is Verdict.WITHIN
    assert after.recorded is not None
    assert (after.recorded.journal_id, after.recorded.seq) == (JOURNAL, 5)
    before = view(KEYED, reading(KEYED, 712, stable=True))
    assert with_sale(before, BOOK, JOURNAL, SOLD) == replace(before, recorded=after.recorded)


def test_goods_without_a_species_were_judged_by_nobody_here() -> None:
    nothing = offers.nothing_keyed()
    unknown = replace(SOLD, species=SpeciesCode(""))
    assert with_sale(view(nothing, None), BOOK, JOURNAL, unknown).verdict is None
