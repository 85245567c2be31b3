"""One scale with its keypad, from bytes to drafts; and what the customer display is sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from domain.device_event import EventKind
from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import TareKind, Weighing
from edge_agent import display
from edge_agent.caps.cap_warnings import Show
from edge_agent.caps.caution import no_caps
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.display import recorded
from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods, look_up
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from edge_agent.weighing.readings import DeviceSaid, DeviceSale, Heard, Identity, Reading
from edge_agent.weighing.recording import Draft
from simulators.display import CustomerDisplay
from simulators.scales.yaohua_xk3190 import price_frame as frame
from tests.page_rig import BOOK

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
    return Station(config, standing=None, book=no_caps)


def moment(now: datetime = NOW, elapsed_s: float = 0.0) -> Moment:
    return Moment(now=now, clock_synced=True, elapsed_s=elapsed_s)


def key(at: Station, line: bytes) -> list[Draft]:
    return at.feed_keypad(line + b"\r", moment()).drafts


def put(at: Station, net_g: int = 712, price: int = 9000, *, times: int = 5) -> list[Draft]:
    return at.feed_scale(frame(net_g, price, at.config.price_unit) * times, moment()).drafts


def weigh(at: Station, net_g: int = 712, price: int = 9000, *, now: datetime = NOW, elapsed_s: float = 0.0) -> Weighing:
    outcome = at.feed_scale(frame(net_g, price, at.config.price_unit) * 5, moment(now, elapsed_s))
    (draft,) = outcome.drafts
    return draft.weighing


def test_a_keyed_plu_names_the_goods_of_the_next_load() -> None:
    here = station()
    key(here, b"2001")
    weighing = weigh(here)
    assert (weighing.plu, weighing.species, weighing.grade, weighing.name) == ("2001", "F01", "大", "东星斑")
    assert (weighing.net_g, weighing.amount_fen, weighing.paid_fen) == (712, 6408, 6408)
    assert (weighing.stable, weighing.clock_synced) == (True, True)


def test_a_plu_holds_for_one_load_only() -> None:
    here = station()
    key(here, b"2001")
    weigh(here)
    assert put(here, 0) == []
    assert weigh(here).plu == ""


def test_the_last_plu_keyed_counts() -> None:
    here = station()
    key(here, b"2002\r2001")
    assert weigh(here).plu == "2001"


def test_a_plu_that_is_not_in_the_table_is_sold_all_the_same() -> None:
    here = station()
    key(here, b"9999")
    weighing = weigh(here)
    assert (weighing.plu, weighing.species, weighing.name) == ("9999", "", "")


def test_the_raw_price_is_kept_with_its_unit_and_can_be_had_for_a_kg() -> None:
    weighing = weigh(station(price_unit=PriceUnit.HALF_KG), price=4500)
    assert (weighing.unit_price_fen, weighing.price_unit) == (4500, PriceUnit.HALF_KG)
    assert weighing.unit_price_fen_per_kg == 9000


def test_a_preset_tare_makes_the_gross() -> None:
    weighing = weigh(station(tare_g=30))
    assert (weighing.gross_g, weighing.tare_g, weighing.net_g) == (742, 30, 712)
    assert weighing.tare_kind is TareKind.PRESET
    assert weigh(station()).gross_g is None


def test_time_is_cut_to_the_millisecond() -> None:
    assert weigh(station()).weighed_at == datetime(2026, 11, 22, 2, 11, 8, 412_000, tzinfo=UTC)


def test_the_weighing_behind_a_step_of_the_clock_has_the_clocks_time_and_is_marked() -> None:
    here = station()
    here.feed_scale(b"", moment(elapsed_s=1000.0))  # what the clocks said at first counts, not only the last weighing
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


def test_a_step_of_the_clock_is_an_event() -> None:
    here = station()
    here.feed_scale(b"", moment())
    stepped = moment(NOW + timedelta(hours=1), elapsed_s=1.0)
    (event,) = here.feed_scale(b"", stepped).events
    assert (event.kind, event.detail) == (EventKind.CLOCK_CHANGED, {"step_ms": 3_599_000})
    assert here.feed_scale(b"", moment(NOW + timedelta(hours=1), elapsed_s=1.1)).events == []


def test_a_void_takes_back_the_last_sale_and_its_load_is_not_sold_again() -> None:
    here = station()
    put(here)
    assert [draft.voids_last for draft in key(here, b"-")] == [True]
    assert put(here, times=50) == []
    put(here, 0)
    assert [draft.voids_last for draft in put(here)] == [False]


def test_a_correction_voids_and_records_the_same_load_under_other_goods() -> None:
    here = station()
    first = weigh(here)
    void, corrected = key(here, b"+2001")
    assert (first.plu, void.voids_last, corrected.voids_last) == ("", True, False)
    assert (corrected.weighing.plu, corrected.weighing.net_g, corrected.weighing.amount_fen) == ("2001", 712, 6408)
    assert put(here, times=50) == []


def test_another_price_over_the_recorded_load_is_a_void_and_a_new_record_of_the_same_goods() -> None:
    here = station()
    key(here, b"2001")
    weigh(here)
    void, corrected = put(here, price=9900, times=20)
    assert (void.voids_last, corrected.weighing.unit_price_fen, corrected.weighing.amount_fen) == (True, 9900, 7049)
    assert (corrected.weighing.plu, corrected.weighing.name) == ("2001", "东星斑")


def assert_warned(outcome: Outcome) -> None:
    void, corrected = outcome.drafts
    assert (void.voids_last, void.weighing.cap_warning) == (True, None)
    assert corrected.weighing.unit_price_fen == 25_000
    assert corrected.weighing.cap_warning is not None
    assert corrected.weighing.cap_warning.cap_fen_per_kg == 23_000
    assert [step for step in outcome.steps if isinstance(step, Show)]


def test_a_sale_that_the_scales_keys_correct_to_over_the_cap_is_warned_of() -> None:
    here = Station(station().config, standing=None, book=lambda: BOOK, has_page=True)
    key(here, b"2001")
    assert weigh(here, price=23_000).cap_warning is None
    assert_warned(here.feed_scale(frame(712, 25_000, PriceUnit.KG) * 20, moment()))


def test_a_sale_that_the_keypad_corrects_to_over_the_cap_is_warned_of() -> None:
    here = Station(station().config, standing=None, book=lambda: BOOK, has_page=True)
    here.driver = ScriptedDriver(LYING)
    key(here, b"2001*230.00")
    assert [draft.weighing.cap_warning for draft in say(here).drafts] == [None]
    assert_warned(here.feed_keypad(b"+2001*250.00\r", moment()))


@pytest.mark.parametrize(
    ("line", "price"), [(b"+2001*100.00", 10_000), (b"+2001", 9000)], ids=["a price", "goods only"]
)
def test_a_scale_that_was_told_the_old_price_is_corrected_to_the_new_one(line: bytes, price: int) -> None:
    here = Station(replace(station().config, protocol="dibal"), standing=None, book=no_caps)
    here.driver = ScriptedDriver(Reading(net_g=Grams(500), stable=True, unit_price_fen=Fen(9000), amount_fen=Fen(4500)))
    key(here, b"2001*90.00")
    assert [draft.weighing.amount_fen for draft in say(here).drafts] == [4500]
    void, corrected = key(here, line)
    assert (void.voids_last, corrected.voids_last) == (True, False)
    assert (corrected.weighing.unit_price_fen, corrected.weighing.amount_fen) == (price, price // 2)


def test_there_is_nothing_to_correct_once_the_load_is_gone() -> None:
    here = station()
    put(here)
    put(here, 0)
    assert key(here, b"+2001") == []
    assert dict(here.counters.garbage) == {"keypad_nothing_to_correct": 1}


def test_a_load_that_lay_there_before_a_restart_is_sold_once_and_a_new_price_corrects_it() -> None:
    sold = weigh(station())
    here = Station(station().config, standing=sold, book=no_caps)
    assert put(here, times=50) == []
    assert [draft.voids_last for draft in put(here, price=9900, times=20)] == [True, False]


@pytest.mark.parametrize(
    ("protocol", "most"), [("dibal", b"999.99"), ("dialog06", b"9999.99"), ("yaohua_xk3190", b"999999.99")]
)
def test_a_price_that_the_scale_has_no_place_for_is_counted(protocol: str, most: bytes) -> None:
    config = ScaleConfig(scale_id=ScaleId("SC-001"), protocol=protocol, port="/dev/null", goods=GOODS)
    here = Station(config, standing=None, book=no_caps)
    key(here, b"2001*" + most)
    assert here.counters.garbage == {}
    key(here, b"2001*10000")
    assert here.counters.garbage == ({} if protocol == "yaohua_xk3190" else {"keypad_price_not_for_this_scale": 1})


class ScriptedDriver(ScaleDriver):
    """Says what it is told to, whatever comes."""

    def __init__(self, *heard: Heard) -> None:
        self.heard, self.price = list(heard), [Fen(-1)]

    def feed(self, data: bytes) -> list[Heard]:
        return self.heard

    def reset(self) -> None:
        self.heard = []

    def set_price(self, unit_price_fen: Fen | None) -> bool:
        self.price.append(unit_price_fen or Fen(0))
        return True


def scripted(*heard: Heard) -> tuple[Station, ScriptedDriver]:
    here, driver = station(), ScriptedDriver(*heard)
    here.driver = driver
    return here, driver


def say(at: Station) -> Outcome:
    return at.feed_scale(b"", moment())


LYING = Reading(net_g=Grams(500), stable=True, tare_g=Grams(30), tare_kind=TareKind.WEIGHED)


def test_on_a_scale_without_prices_a_load_waits_for_its_price() -> None:
    here, driver = scripted(LYING)
    assert say(here).drafts == []
    key(here, b"2001*98.50")
    assert driver.price[-1] == 9850
    (draft,) = say(here).drafts
    sold = draft.weighing
    assert (sold.species, sold.unit_price_fen, sold.amount_fen) == ("F01", 9850, 4925)
    assert (sold.gross_g, sold.tare_g, sold.tare_kind) == (530, 30, TareKind.WEIGHED)
    assert driver.price[-1] == 0, "the next load has no price yet"
    assert say(here).drafts == []


def test_the_price_of_the_plu_table_counts_where_no_other_was_keyed_and_pieces_are_counted() -> None:
    here, _driver = scripted(LYING)
    crab = Goods(plu="7", unit_price_fen=Fen(1500), by_piece=True)
    here.config = replace(here.config, goods={"7": crab})
    key(here, b"7/3")
    (draft,) = say(here).drafts
    sold = draft.weighing
    assert (sold.pieces, sold.unit_price_fen, sold.price_unit, sold.amount_fen) == (3, 1500, PriceUnit.PIECE, 4500)


def test_a_sale_the_scale_concluded_is_recorded_once_however_often_it_is_sent() -> None:
    sale = DeviceSale(
        number=17,
        plu="2001",
        net_g=Grams(712),
        unit_price_fen=Fen(9000),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(6408),
        tare_g=Grams(0),
    )
    here, _driver = scripted(sale)
    (draft,) = say(here).drafts
    assert (draft.weighing.name, draft.weighing.ticket_no, draft.weighing.tare_kind) == ("东星斑", "17", TareKind.NONE)
    assert say(here).drafts == []
    again = Station(here.config, standing=None, tickets=("17", "18"), book=no_caps)
    again.driver = ScriptedDriver(sale, replace(sale, number=18))
    assert say(again).drafts == [], "the scale sends anew whatever was not answered before the restart"


def test_a_label_that_was_printed_over_an_empty_pan_is_no_sale() -> None:
    here, _driver = scripted(DeviceSale(number=19, plu="2001", net_g=Grams(0), price_unit=PriceUnit.KG))
    assert say(here).drafts == []
    assert dict(here.counters.garbage) == {"not_recorded_net_g": 1}


@pytest.mark.parametrize(("plu", "price_and_amount"), [("7", (9000, 6408)), ("8", (0, 0)), ("9", (0, 0))])
def test_a_sale_without_a_price_has_the_plu_tables_for_a_weight_or_none(
    plu: str, price_and_amount: tuple[int, int]
) -> None:
    here, _driver = scripted(DeviceSale(number=18, plu=plu, net_g=Grams(712), price_unit=PriceUnit.KG))
    table = {"7": Goods(plu="7", unit_price_fen=Fen(9000)), "8": Goods(plu="8", unit_price_fen=Fen(50), by_piece=True)}
    here.config = replace(here.config, goods=table)
    (draft,) = say(here).drafts
    assert (draft.weighing.unit_price_fen, draft.weighing.amount_fen) == price_and_amount
    assert here.counters.garbage["sale_without_price"] == (price_and_amount == (0, 0))
    total = display.CLEAR + display.show_number("64.08") + display.LIGHT_TOTAL
    assert recorded(draft.weighing) == (total if price_and_amount[1] else display.CLEAR)


def test_another_serial_number_on_the_same_port_is_an_event() -> None:
    here, driver = scripted(Identity(serial="1", firmware="2.0"))
    assert say(here).events == []
    driver.heard = [Identity(model="XS"), Identity(firmware="2.1"), Identity(serial="2"), Identity(firmware="1.0")]
    assert [(event.kind, event.detail["now"]) for event in say(here).events] == [
        (EventKind.FIRMWARE_CHANGED, "2.1"),
        (EventKind.DEVICE_CHANGED, "2"),
    ]


def test_what_the_scale_says_happened_is_an_event() -> None:
    here, _driver = scripted(DeviceSaid(kind=EventKind.ZERO), DeviceSaid(kind=EventKind.TARE, detail="30 g"))
    assert [(event.kind, dict(event.detail)) for event in say(here).events] == [
        (EventKind.ZERO, {}),
        (EventKind.TARE, {"said": "30 g"}),
    ]


def test_garbage_is_counted_by_device_and_reason() -> None:
    here = station()
    key(here, b"abc")
    here.feed_scale(b"xxx=", moment())
    assert dict(here.counters.garbage) == {"keypad_not_an_order": 1, "scale_no_start": 1}


def test_an_unknown_plu_is_kept_as_it_was_keyed() -> None:
    assert look_up(GOODS, "7") == Goods(plu="7")


def test_the_display_shows_the_amount_in_yuan_under_the_light_total() -> None:
    weighing = weigh(station())
    assert recorded(weighing) == b"\x0c\x1bQA64.08\r\x1bs2"
    display = CustomerDisplay()
    display.feed(recorded(weighing))
    assert display.total_fen() == 6408


def test_a_sale_that_is_taken_back_is_no_total_to_pay() -> None:
    weighing = weigh(station())
    display = CustomerDisplay()
    display.feed(recorded(weighing) + recorded(replace(weighing, seq=2, voids_seq=1)))
    assert display.total_fen() is None
