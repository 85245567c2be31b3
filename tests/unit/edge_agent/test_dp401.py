"""DP-401: packets with and without an end, lines that come twice, and what a bad field is called."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams, PriceUnit
from edge_agent.drivers.dp401 import LONGEST_LINE, MODEL, Dp401Driver
from edge_agent.drivers.protocol import DriverOptions
from edge_agent.weighing.readings import DeviceSale, Garbage, Heard, Identity
from simulators.scales.dp401 import HEARTBEAT_EVERY_S, RESEND_AFTER_S, SENDINGS, SimulatedDp401

FRAMES = Path(__file__).parents[2] / "frames"
SALE = (FRAMES / "dp401_sale.bin").read_bytes()
SESSION = (FRAMES / "dp401_session.bin").read_bytes()
REGISTERED = Identity(serial="SCALE-01", model=MODEL)


def make(profile: str = "grams") -> Dp401Driver:
    return Dp401Driver(DriverOptions(profile=profile))


def read(data: bytes, profile: str = "grams") -> list[Heard]:
    return make(profile).feed(data)


def sale(found: list[Heard]) -> DeviceSale:
    (item,) = [item for item in found if isinstance(item, DeviceSale)]
    return item


def reasons(found: list[Heard]) -> list[str]:
    return [item.reason for item in found if isinstance(item, Garbage)]


@pytest.mark.parametrize(
    ("name", "profile", "net_g", "tare_g"),
    [
        ("dp401_sale", "grams", 9676, 62_415),
        ("dp401_sale_hundred_grams", "hundred_grams", 1400, 1300),
        ("dp401_sale_running_total", "running_total", 35, None),
    ],
)
def test_captured_lines_in_their_reading(name: str, profile: str, net_g: int, tare_g: int | None) -> None:
    sold = sale(read((FRAMES / f"{name}.bin").read_bytes(), profile))
    assert (sold.net_g, sold.tare_g, sold.plu) == (net_g, tare_g, "00001")
    assert (sold.unit_price_fen, sold.amount_fen, sold.price_unit) == (None, None, PriceUnit.KG)


def test_a_total_read_as_a_weight_is_garbage_and_no_fish_of_38_tonnes() -> None:
    assert reasons(read((FRAMES / "dp401_sale_running_total.bin").read_bytes(), "grams")) == ["net_too_large"]


def test_a_session_is_a_registration_and_one_sale_told_twice() -> None:
    found = read(SESSION)
    assert found[0] == REGISTERED
    numbers = [item.number for item in found if isinstance(item, DeviceSale)]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    assert reasons(found) == []


def test_a_line_that_is_sent_again_has_the_same_number_after_a_restart_too() -> None:
    assert sale(read(SALE)).number == sale(read(SALE)).number


def test_the_same_weight_later_is_another_sale() -> None:
    later = SALE.replace(b"06:00:27", b"06:00:33")
    numbers = {item.number for item in read(SALE + later) if isinstance(item, DeviceSale)}
    assert len(numbers) == 2


def test_another_weight_in_the_same_second_is_another_sale() -> None:
    other = SALE.replace(b"0000072091", b"0000072090").replace(b"0000009676", b"0000009675")
    assert sale(read(SALE)).number != sale(read(other)).number


def test_a_clock_that_was_set_back_makes_another_number() -> None:
    back = SALE.replace(b"06:00:27", b"06:00:26")
    numbers = {item.number for item in read(SALE + back) if isinstance(item, DeviceSale)}
    assert len(numbers) == 2


def test_names_are_read_as_they_were_written() -> None:
    assert sale(read(SALE)).name == "BONFİLE"
    assert sale(read(SALE.replace(b"BONF\xddLE", "东星斑".encode()))).name == "东星斑"


def test_a_sale_and_a_question_are_acknowledged_and_nothing_else() -> None:
    driver = make()
    driver.feed(b"SCALE-01HB" + SALE + b"KONTROLLU AKTAR OK?" + b"00001,bad\r\n")
    assert driver.poll(0.0) == b"OK\nOK\n"
    assert driver.poll(0.1) == b""


def test_the_question_after_a_line_that_could_not_be_read_is_not_answered() -> None:
    driver = make()
    driver.feed(SALE.replace(b"0000009676", b"0000009677") + b"KONTROLLU AKTAR OK?")
    assert driver.poll(0.0) == b"", "the scale would take the sale for transferred"
    driver.feed(SALE + b"KONTROLLU AKTAR OK?")
    assert driver.poll(0.1) == b"OK\nOK\n"


@pytest.mark.parametrize(
    "stuck",
    [(b"30.01.2026", b"00.00.2000"), (b"30.01.2026", b"31.02.2026"), (b"06:00:27", b"24:61:00")],
    ids=["no date", "a day that is not", "a time that is not"],
)
def test_a_sale_by_a_clock_that_cannot_be_is_taken_when_it_comes_again_and_once(stuck: tuple[bytes, bytes]) -> None:
    line, driver = SALE.replace(*stuck), make()
    assert reasons(driver.feed(line + b"KONTROLLU AKTAR OK?")) == ["bad_date_or_time"]
    assert driver.poll(0.0) == b"", "it may be noise: the scale sends it again"
    sold = sale(driver.feed(line + b"KONTROLLU AKTAR OK?"))
    assert driver.poll(5.0) == b"OK\nOK\n", "else the scale would send it for ever"
    assert sale(driver.feed(b'P"' + line)).number == sold.number
    other = sale(driver.feed(line.replace(b"06:00:27", b"06:01:40").replace(b"24:61:00", b"06:01:40")))
    assert other.number != sold.number
    assert other.net_g == sold.net_g == 9676


def test_a_sale_by_a_clock_that_cannot_be_is_known_after_a_restart() -> None:
    line, driver = SALE.replace(b"30.01.2026", b"00.00.2000"), make()
    number = sale(driver.feed(line + line)).number
    assert number is not None
    again = make()
    again.sold_last(number)
    assert sale(again.feed(line + line)).number == number


def test_other_lines_between_do_not_make_noise_believed() -> None:
    noisy = SALE.replace(b"30.01.2026", b"30.91.2026")
    assert reasons(read(noisy + SALE + noisy.replace(b"30.91", b"30.71"))) == ["bad_date_or_time"] * 2


def test_a_label_without_a_weight_is_no_sale_and_is_not_asked_for_again() -> None:
    driver, empty = make(), SALE.replace(b"0000062415", b"0000072091").replace(b"0000009676", b"0000000000")
    assert reasons(driver.feed(empty + b"KONTROLLU AKTAR OK?")) == ["no_net"]
    assert driver.poll(0.0) == b"OK\nOK\n"


PRINTED = b'P"' + SALE.replace(b"06:00:27", b"06:00:44")


def test_a_label_that_is_printed_late_is_still_the_same_sale() -> None:
    numbers = [item.number for item in read(SALE + SALE + PRINTED) if isinstance(item, DeviceSale)]
    assert len(numbers) == 3
    assert len(set(numbers)) == 1


def test_a_label_that_is_printed_after_a_restart_is_still_the_same_sale() -> None:
    driver, number = make(), sale(read(SALE)).number
    assert number is not None
    driver.sold_last(number)
    assert sale(driver.feed(PRINTED)).number == number


@pytest.mark.parametrize("line", [PRINTED.replace(b"06:00:44", b"06:02:00"), SALE.replace(b"06:00:27", b"06:00:35")])
def test_after_a_restart_a_later_line_is_another_sale(line: bytes) -> None:
    driver, number = make(), sale(read(SALE)).number
    assert number is not None
    driver.sold_last(number)
    assert sale(driver.feed(line)).number != number


def test_a_ticket_number_of_another_kind_of_scale_is_no_sale_of_ours() -> None:
    driver = make()
    driver.sold_last(4711)
    assert sale(driver.feed(SALE)).number == sale(read(SALE)).number


def test_after_a_reset_nothing_of_the_old_connection_is_acknowledged() -> None:
    driver = make()
    driver.feed(SALE + SALE[:40])
    driver.reset()
    assert driver.poll(0.0) == b""
    assert reasons(driver.feed(SALE)) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (SALE.replace(b"30.01.2026", b"30.02.2026"), "bad_date_or_time"),
        (SALE.replace(b"06:00:27", b"26:00:27"), "bad_date_or_time"),
        (SALE.replace(b"0000072091", b"00000720x1"), "bad_value_1"),
        (SALE.replace(b"0000062415", b"62415"), "bad_value_2"),
        (SALE.replace(b"0000009676", b"-000009676"), "bad_value_3"),
        (SALE.replace(b"0000009676", b"0000009677"), "values_disagree"),
        (SALE[:60] + b"\r\n", "too_few_fields"),
        (b"1,2,3\r\n", "torn"),
        (b"what is this\r\n", "not_a_packet"),
        (b"\0" * 20 + b"\r\n", "not_a_packet"),
    ],
)
def test_bad_lines_say_what_is_bad_and_the_next_one_is_read(line: bytes, reason: str) -> None:
    found = read(line + SALE)
    assert reasons(found) == [reason]
    assert sale(found).net_g == 9676


@pytest.mark.parametrize("half", [SALE[:40], SALE[40:70], b"\x00\xff", b"SCALE-", b"KONTROLLU", b"HBx"])
def test_half_a_packet_before_a_whole_line_costs_itself_only(half: bytes) -> None:
    found = read(half + SALE)
    assert sale(found).net_g == 9676
    assert len(reasons(found)) == 1


def test_half_a_line_before_a_registration_costs_itself_only() -> None:
    found = read(SALE[:60] + b"SCALE-01HB")
    assert [type(item) for item in found] == [Garbage, Identity]


def test_ten_megabytes_without_an_end_are_garbage_in_pieces_and_the_next_line_is_read() -> None:
    driver = make()
    found: list[Heard] = []
    for _ in range(10):
        found += driver.feed(b"7" * 1_000_000)
        assert len(driver._buffer) < LONGEST_LINE
    found += driver.feed(SALE)
    assert sale(found).net_g == 9676


@pytest.mark.parametrize("unit", [PriceUnit.PIECE])
def test_it_has_no_pieces(unit: PriceUnit) -> None:
    with pytest.raises(ValueError, match="a DP-401 prices by weight"):
        Dp401Driver(DriverOptions(profile="grams", price_unit=unit))


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of grams"):
        make("kilograms")


packets = st.one_of(
    st.sampled_from([SALE, b"HB", b"SCALE-07", b"KONTROLLU AKTAR OK?", b"\r\n", b'P"', b"P", b"H", b"S"]),
    st.binary(max_size=40),
    st.integers(0, len(SALE)).map(lambda n: SALE[:n]),
    st.integers(0, 600).map(lambda n: b"x" * n),
)


@given(st.lists(packets, max_size=8).map(b"".join), st.lists(st.integers(0, 2000)))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes, cuts: list[int]) -> None:
    driver = make()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [item for start, end in itertools.pairwise(places) for item in driver.feed(stream[start:end])]
    assert found == read(stream)


@given(st.binary(max_size=1500))
def test_after_any_noise_and_a_line_end_the_next_line_is_read(noise: bytes) -> None:
    assert isinstance(read(noise + b"\r\n" + SALE)[-1], DeviceSale)


def simulated(profile: str = "grams") -> SimulatedDp401:
    scale = SimulatedDp401(profile, random.Random(1))
    scale.platform.put(1500, 0.0)
    return scale


@pytest.mark.parametrize("profile", ["grams", "hundred_grams", "running_total"])
def test_what_the_simulated_scale_sells_is_heard_once(profile: str) -> None:
    scale, driver = simulated(profile), make(profile)
    heard = driver.feed(scale.tick(0.0) + scale.key_total(2.0))
    heard += driver.feed(scale.hear(driver.poll(2.0)[:3], 3.0))
    assert heard[0] == REGISTERED
    sales = [item for item in heard if isinstance(item, DeviceSale)]
    assert [item.net_g for item in sales] == [Grams(1500), Grams(1500)]
    assert len({item.number for item in sales}) == 1
    assert reasons(heard) == []


def test_the_simulated_scale_sends_an_unacknowledged_line_again_and_then_gives_up() -> None:
    scale = simulated()
    scale.tick(0.0)
    first = scale.key_total(2.0)
    again = [scale.tick(2.0 + RESEND_AFTER_S * n) for n in range(1, SENDINGS + 1)]
    assert again == [first] * (SENDINGS - 1) + [b""]


def test_the_simulated_scale_keeps_quiet_while_the_pan_is_empty_or_swings() -> None:
    scale = simulated()
    assert scale.key_total(0.1) == b""
    scale.platform.put(0, 5.0)
    assert scale.key_total(9.0) == b""


def test_the_simulated_scale_beats_and_registers_anew_after_a_restart() -> None:
    scale = simulated()
    assert scale.tick(0.0) == b"SCALE-01"
    assert scale.tick(1.0) == b""
    assert scale.tick(HEARTBEAT_EVERY_S) == b"HB"
    assert scale.restart(40.0) == b"SCALE-01"


@pytest.mark.parametrize(("profile", "told_g"), [("grams", 1170), ("hundred_grams", 1100), ("running_total", 1170)])
def test_the_simulated_scale_knows_what_its_line_says(profile: str, told_g: int) -> None:
    scale = SimulatedDp401(profile, random.Random(1))
    scale.load_names({"02001": "东星斑鱼,活", "02002": "a name that is too long for the table"})
    scale.platform.put(1200, 0.0)
    scale.key_tare(30)
    for plu, name in (("02001", "东星斑鱼 活"), ("02002", "a name that is t")):
        scale.key_plu(plu)
        sold = sale(read(scale.key_total(10.0), profile))
        assert (sold.plu, sold.name, sold.net_g) == (plu, name, told_g)
        assert scale.told_g == told_g
