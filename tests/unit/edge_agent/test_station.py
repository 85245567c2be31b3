"""One scale with its keypad, from bytes to drafts; and what the customer display is sent."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from domain.ids import ScaleId, SpeciesCode
from domain.units import Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.display import recorded
from edge_agent.goods import Goods, look_up
from edge_agent.scale_config import ScaleConfig
from edge_agent.station import Station
from simulators.display import CustomerDisplay
from simulators.scale import frame

NOW = datetime(2026, 11, 22, 2, 11, 8, 412_987, tzinfo=UTC)
GOODS = MappingProxyType({"2001": Goods(plu="2001", species=SpeciesCode("F01"), grade="大", name="东星斑")})


def station(*, price_unit: PriceUnit = PriceUnit.KG, tare_g: int | None = None) -> Station:
    config = ScaleConfig(
        scale_id=ScaleId("SC-001"),
        protocol="yaohua_xk3190",
        port="/dev/null",
        price_unit=price_unit,
        tare_g=None if tare_g is None else Grams(tare_g),
        goods=GOODS,
    )
    return Station(config, clock_synced=True, sold_net_g=None)


def weigh(at: Station, net_g: int = 712, price: int = 9000, *, now: datetime = NOW, elapsed_s: float = 0.0) -> Weighing:
    (draft,) = at.feed_scale(frame(net_g, price, at.config.price_unit) * 5, now, elapsed_s)
    return draft.weighing


def test_a_keyed_plu_names_the_goods_of_the_next_load() -> None:
    here = station()
    here.feed_keypad(b"2001\r")
    weighing = weigh(here)
    assert (weighing.plu, weighing.species, weighing.grade, weighing.name) == ("2001", "F01", "大", "东星斑")
    assert (weighing.net_g, weighing.amount_fen, weighing.paid_fen) == (712, 6408, 6408)
    assert (weighing.stable, weighing.clock_synced) == (True, True)


def test_a_plu_holds_for_one_load_only() -> None:
    here = station()
    here.feed_keypad(b"2001\r")
    weigh(here)
    assert here.feed_scale(frame(0, 9000, PriceUnit.KG) * 5, NOW, 0.0) == []
    assert weigh(here).plu == ""


def test_the_last_plu_keyed_counts() -> None:
    here = station()
    here.feed_keypad(b"2002\r2001\r")
    assert weigh(here).plu == "2001"


def test_a_plu_that_is_not_in_the_table_is_sold_all_the_same() -> None:
    here = station()
    here.feed_keypad(b"9999\r")
    weighing = weigh(here)
    assert (weighing.plu, weighing.species, weighing.name) == ("9999", "", "")


def test_the_raw_price_is_kept_with_its_unit_and_can_be_had_for_a_kg() -> None:
    weighing = weigh(station(price_unit=PriceUnit.HALF_KG), price=4500)
    assert (weighing.unit_price_fen, weighing.price_unit) == (4500, PriceUnit.HALF_KG)
    assert weighing.unit_price_fen_per_kg == 9000


def test_a_preset_tare_makes_the_gross() -> None:
    weighing = weigh(station(tare_g=30))
    assert (weighing.gross_g, weighing.tare_g, weighing.net_g) == (742, 30, 712)
    assert weigh(station()).gross_g is None


def test_time_is_cut_to_the_millisecond() -> None:
    assert weigh(station()).weighed_at == datetime(2026, 11, 22, 2, 11, 8, 412_000, tzinfo=UTC)


def test_the_weighing_behind_a_step_of_the_clock_has_the_clocks_time_and_is_marked() -> None:
    here = station()
    here.feed_scale(b"", NOW, 1000.0)  # what the clocks said at first counts, not only the last weighing
    leapt = NOW + timedelta(days=365)
    seen = [
        weigh(here, net_g, now=now, elapsed_s=elapsed_s)
        for net_g, now, elapsed_s in [
            (500, leapt, 1010.0),
            (700, leapt + timedelta(seconds=10), 1020.0),
            (500, NOW + timedelta(seconds=30), 1030.0),
            (700, NOW + timedelta(seconds=40), 1040.0),
        ]
    ]
    assert [weighing.clock_synced for weighing in seen] == [False, True, False, True]
    assert [weighing.weighed_at.year for weighing in seen] == [2027, 2027, 2026, 2026]


def test_garbage_is_counted_by_device_and_reason() -> None:
    here = station()
    here.feed_keypad(b"abc\r")
    here.feed_scale(b"xxx=", NOW, 0.0)
    assert dict(here.counters.garbage) == {"keypad_not_digits": 1, "scale_no_start": 1}


def test_an_unknown_plu_is_kept_as_it_was_keyed() -> None:
    assert look_up(GOODS, "7") == Goods(plu="7")


def test_the_display_shows_the_amount_in_yuan_under_the_light_total() -> None:
    weighing = weigh(station())
    assert recorded(weighing) == b"\x0c\x1bQA64.08\r\x1bs2"
    display = CustomerDisplay()
    display.feed(recorded(weighing))
    assert display.total_fen() == 6408
