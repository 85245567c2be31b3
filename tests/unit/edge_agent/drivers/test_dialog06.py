"""Dialog 06: who says what and when, why there is no weight, and that a load is sold once and at its own price."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams, PriceUnit
from domain.weighing import TareKind
from edge_agent.drivers.dialog06 import ANSWER_WITHIN_S, ASK_EVERY_S, DRIVER, Dialog06Driver
from edge_agent.drivers.dialog06_records import ASK_STATUS, ASK_WEIGHT, LONGEST_RECORD
from edge_agent.drivers.protocol import Command, DriverOptions
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

FRAMES = Path(__file__).parents[3] / "frames"
PRICE = (FRAMES / "dialog06_price.bin").read_bytes()
WEIGHED = (FRAMES / "dialog06_weighed.bin").read_bytes()
SAME_LOAD = (FRAMES / "dialog06_same_load.bin").read_bytes()
ACK, NAK = b"\x06", b"\x15"
SOLD = Reading(net_g=Grams(740), stable=True, unit_price_fen=Fen(9000), amount_fen=Fen(6660), is_new_load=True)


def make(price_fen: int | None = 9000) -> Dialog06Driver:
    driver = Dialog06Driver()
    driver.set_price(None if price_fen is None else Fen(price_fen))
    return driver


def asking_for_weight() -> Dialog06Driver:
    driver = make()
    driver.poll(0.0)
    driver.feed(ACK)
    assert driver.poll(0.0) == ASK_WEIGHT
    return driver


def asking_for_status() -> Dialog06Driver:
    driver = asking_for_weight()
    assert driver.feed(NAK) == []
    assert driver.poll(0.0) == ASK_STATUS
    return driver


def test_price_acknowledged_weight_asked_and_told() -> None:
    driver = make()
    assert driver.poll(0.0) == PRICE
    assert driver.poll(0.1) == b""
    assert driver.feed(ACK) == []
    assert driver.poll(0.1) == ASK_WEIGHT == b"\x04\x05"
    assert driver.feed(WEIGHED) == [SOLD]
    assert driver.poll(0.2) == b""
    assert driver.poll(0.2 + ASK_EVERY_S) == PRICE


def test_without_a_price_nothing_is_asked() -> None:
    driver = make(None)
    assert [driver.poll(float(second)) for second in range(10)] == [b""] * 10


@pytest.mark.parametrize("price_fen", [0, 1_000_000, 100_000_000])
def test_a_price_without_a_place_in_six_digits_is_as_none(price_fen: int) -> None:
    assert make(price_fen).poll(0.0) == b""


def test_the_largest_price_has_its_place() -> None:
    assert make(999_999).poll(0.0) == b"\x04\x0201\x1b999999\x1b\x03"


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        (b"20", Condition.MOTION),
        (b"21", Condition.SAME_LOAD),
        (b"22", Condition.NOT_READY),
        (b"30", Condition.BELOW_MINIMUM),
        (b"31", Condition.UNDERLOAD),
        (b"32", Condition.OVERLOAD),
    ],
)
def test_a_status_says_why_there_is_no_weight(code: bytes, condition: Condition) -> None:
    assert asking_for_status().feed(b"\x0209\x1b" + code + b"\x03") == [NoWeight(condition)]


def test_the_same_load_is_not_sold_twice() -> None:
    assert asking_for_status().feed(SAME_LOAD) == [NoWeight(Condition.SAME_LOAD)]


@pytest.mark.parametrize("code", [b"01", b"02", b"10", b"11", b"12", b"13", b"99"])
def test_what_the_scale_could_not_read_is_counted(code: bytes) -> None:
    record = b"\x0209\x1b" + code + b"\x03"
    assert asking_for_status().feed(record) == [Garbage(reason=f"refused_{code.decode()}", data=record)]


def test_no_error_is_nothing_to_tell() -> None:
    assert asking_for_status().feed(b"\x0209\x1b00\x03") == []


@pytest.mark.parametrize(
    ("code", "question"), [(b"20", ASK_WEIGHT), (b"22", ASK_WEIGHT), (b"21", PRICE), (b"30", PRICE)]
)
def test_after_motion_the_weight_is_asked_again_and_else_all_begins_again(code: bytes, question: bytes) -> None:
    driver = asking_for_status()
    driver.feed(b"\x0209\x1b" + code + b"\x03")
    assert (driver.poll(0.0), driver.poll(ASK_EVERY_S)) == (b"", question)


def test_a_price_that_is_refused_is_asked_about() -> None:
    driver = make()
    driver.poll(0.0)
    driver.feed(NAK)
    assert driver.poll(0.0) == ASK_STATUS


@pytest.mark.parametrize("answered", [b"", b"\x06", WEIGHED[:9]], ids=["nothing", "only the price", "half a weight"])
def test_what_is_not_answered_in_time_begins_again(answered: bytes) -> None:
    driver = make()
    driver.poll(0.0)
    driver.feed(answered)
    driver.poll(0.0)
    assert driver.poll(ANSWER_WITHIN_S - 0.01) == b""
    assert driver.poll(ANSWER_WITHIN_S) == PRICE
    driver.feed(ACK)
    driver.poll(ANSWER_WITHIN_S)
    assert driver.feed(WEIGHED) == [SOLD]


def test_a_price_keyed_before_the_weight_is_asked_is_told_first() -> None:
    driver = make()
    driver.poll(0.0)
    driver.feed(ACK)
    driver.set_price(Fen(100))
    assert driver.poll(0.0) == b"\x04\x0201\x1b000100\x1b\x03"


@pytest.mark.parametrize("price_fen", [100, None])
def test_a_weight_computed_with_another_price_is_not_this_sale(price_fen: int | None) -> None:
    driver = asking_for_weight()
    driver.set_price(None if price_fen is None else Fen(price_fen))
    assert driver.feed(WEIGHED) == [Garbage(reason="other_price", data=WEIGHED)]


def test_the_same_price_again_does_not_hurry() -> None:
    driver = asking_for_weight()
    driver.feed(WEIGHED)
    driver.set_price(Fen(9000))
    assert driver.poll(0.0) == b""


def test_a_new_price_does_not_wait_for_the_pause() -> None:
    driver = asking_for_weight()
    driver.feed(WEIGHED)
    driver.poll(0.0)
    driver.set_price(Fen(100))
    assert driver.poll(0.01) == b"\x04\x0201\x1b000100\x1b\x03"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(b"006659", ""), (b"006661", ""), (b"006658", "amount_mismatch"), (b"000000", "amount_mismatch")],
)
def test_the_amount_must_be_what_weight_and_price_make(amount: bytes, reason: str) -> None:
    found = asking_for_weight().feed(WEIGHED.replace(b"006660", amount))
    assert [item.reason for item in found if isinstance(item, Garbage)] == [reason] * bool(reason)


def test_an_amount_that_has_no_place_in_six_digits_is_counted_as_such() -> None:
    driver = make(999_999)
    driver.poll(0.0)
    driver.feed(ACK)
    driver.poll(0.0)
    (found,) = driver.feed(b"\x0202\x1b3\x1b15000\x1b999999\x1b999998\x03")
    assert isinstance(found, Garbage)
    assert found.reason == "amount_overflow"


def test_a_unit_price_of_five_digits_is_read() -> None:
    assert asking_for_weight().feed(WEIGHED.replace(b"009000", b"09000")) == [SOLD]


@pytest.mark.parametrize("unit", [b"0", b"1", b"2"])
def test_pounds_are_garbage(unit: bytes) -> None:
    record = WEIGHED.replace(b"\x1b3\x1b", b"\x1b" + unit + b"\x1b")
    assert asking_for_weight().feed(record) == [Garbage(reason="not_kg", data=record)]


@pytest.mark.parametrize("data", [ACK, NAK, WEIGHED, SAME_LOAD])
def test_what_nobody_asked_for_is_garbage(data: bytes) -> None:
    assert make().feed(data) == [Garbage(reason="unasked", data=data)]


def test_a_weight_is_heard_once() -> None:
    assert asking_for_weight().feed(WEIGHED * 2) == [SOLD, Garbage(reason="unasked", data=WEIGHED)]


def test_a_scale_that_wants_checksums_is_counted() -> None:
    record = b"\x0211\x1b2A7\x03"
    assert asking_for_weight().feed(record) == [Garbage(reason="wants_checksums", data=record)]


@pytest.mark.parametrize("cut", range(1, len(WEIGHED)))
def test_half_a_record_before_a_whole_one(cut: int) -> None:
    assert asking_for_weight().feed(WEIGHED[:cut] + WEIGHED) == [Garbage(reason="torn", data=WEIGHED[:cut]), SOLD]


@pytest.mark.parametrize(
    ("tare_g", "text", "record"),
    [
        (30, "", b"\x04\x0203\x1b009000\x1b0030\x03"),
        (0, "CAP 158.00", b"\x04\x0204\x1b009000\x1bCAP 158.00   \x03"),
        (9999, "over the cap of today", b"\x04\x0205\x1b009000\x1b9999\x1bover the cap \x03"),
    ],
)
def test_tare_and_text_go_with_the_price(tare_g: int, text: str, record: bytes) -> None:
    driver = make()
    assert driver.show(text)
    assert driver.command(Command.PRESET_TARE, Grams(tare_g))
    assert driver.poll(0.0) == record


def test_a_text_that_ends_is_told_no_more() -> None:
    driver = make()
    driver.show("CAP 158.00")
    driver.poll(0.0)
    driver.feed(ACK)
    assert driver.show("")
    assert driver.poll(0.0) == PRICE


@pytest.mark.parametrize("text", ["超过最高限价", "CAP\x03", "a\nb"])
def test_what_its_display_has_not_is_refused(text: str) -> None:
    driver = make()
    assert not driver.show(text)
    assert driver.poll(0.0) == PRICE


def test_a_weighing_has_the_tare_that_its_price_was_told_with() -> None:
    driver = make()
    driver.command(Command.PRESET_TARE, Grams(30))
    driver.poll(0.0)
    driver.feed(ACK)
    driver.poll(0.0)
    driver.command(Command.CLEAR_TARE)
    (found,) = driver.feed(WEIGHED)
    assert isinstance(found, Reading)
    assert (found.tare_g, found.tare_kind) == (30, TareKind.PRESET)
    driver.poll(0.0)
    assert driver.poll(ASK_EVERY_S) == PRICE


@pytest.mark.parametrize("tare_g", [None, -1, 10_000])
def test_a_tare_without_a_place_in_four_digits_is_refused(tare_g: int | None) -> None:
    assert not make().command(Command.PRESET_TARE, None if tare_g is None else Grams(tare_g))


@pytest.mark.parametrize("command", [Command.ZERO, Command.TARE, Command.IDENTIFY, Command.RESET])
def test_what_the_dialogue_has_no_record_for_is_refused(command: Command) -> None:
    assert not make().command(command)


def test_after_a_reset_the_dialogue_begins_again_at_the_same_price() -> None:
    driver = asking_for_weight()
    driver.feed(WEIGHED[:9])
    driver.reset()
    assert driver.feed(WEIGHED) == [Garbage(reason="unasked", data=WEIGHED)]
    assert driver.poll(0.0) == PRICE


@pytest.mark.parametrize("unit", [PriceUnit.HALF_KG, PriceUnit.HUNDRED_GRAMS, PriceUnit.PIECE])
def test_it_computes_with_a_price_for_a_kilogram(unit: PriceUnit) -> None:
    with pytest.raises(ValueError, match="price for a kg"):
        DRIVER.make(DriverOptions(profile="standard", price_unit=unit))


pieces = st.one_of(st.sampled_from([ACK, NAK, WEIGHED, SAME_LOAD, WEIGHED[:9]]), st.binary(max_size=LONGEST_RECORD + 5))


@given(st.lists(pieces, max_size=8).map(b"".join))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes) -> None:
    byte_by_byte = asking_for_weight()
    found: list[Heard] = [item for byte in stream for item in byte_by_byte.feed(bytes([byte]))]
    assert found == asking_for_weight().feed(stream)


@given(st.binary(max_size=100))
def test_whatever_noise_came_before_the_weight_is_read(noise: bytes) -> None:
    driver = asking_for_weight()
    clean = bytes(byte for byte in noise if byte not in b"\x06\x15")
    assert driver.feed(clean + WEIGHED)[-1] == SOLD
