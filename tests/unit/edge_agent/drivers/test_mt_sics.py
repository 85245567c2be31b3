"""MT-SICS: every answer and error, the dialogue, and bad input. `test_mt_sics_balance` plays it with a balance."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.mt_sics import DRIVER
from edge_agent.drivers.mt_sics_lines import LONGEST_LINE
from edge_agent.drivers.mt_sics_questions import PROFILES
from edge_agent.drivers.protocol import DriverOptions, PriceFrom, ScaleDriver
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading
from tests.unit.edge_agent.drivers.dialogues import cut, reasons

FRAMES = Path(__file__).parents[3] / "frames"
STABLE = (FRAMES / "mt_sics_stable.bin").read_bytes()
GOOD = Reading(net_g=Grams(100), stable=True)


def driver(profile: str = "standard") -> ScaleDriver:
    return DRIVER.make(DriverOptions(profile=profile))


def weighing(profile: str = "standard", tare: bytes = b"TA A       0.00 g") -> ScaleDriver:
    """Return a driver past its first questions: `@`, I2, I3, TA answered, the question for a weight just sent."""
    made = driver(profile)
    for asked, answer in (
        (b"@", b'I4 A "1234567"'),
        (b"I2", b'I2 A "XS204 Excellence 220.0090 g"'),
        (b"I3", b'I3 A "2.10 10.28.0.493.142"'),
        (b"TA", tare),
    ):
        assert made.poll(0.0) == asked + b"\r\n"
        made.feed(answer + b"\r\n")
    assert made.poll(0.0) == PROFILES[profile].weigh.frame
    return made


def ask(made: ScaleDriver, now: float, expected: bytes) -> None:
    assert made.poll(now) == expected + b"\r\n"


def tare_of(heard: list[Heard]) -> list[tuple[int | None, TareKind | None]]:
    return [(item.tare_g, item.tare_kind) for item in heard if isinstance(item, Reading)]


def test_it_knows_weights_only() -> None:
    assert DRIVER.price_from is PriceFrom.KEYPAD
    assert DRIVER.is_polled


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="profile is 'loud'; expected one of standard, repeat"):
        driver("loud")


class TestWeights:
    def test_the_examples_of_the_manual(self) -> None:
        assert driver().feed(STABLE) == [GOOD]
        assert driver().feed((FRAMES / "mt_sics_dynamic.bin").read_bytes()) == [Reading(net_g=Grams(129), stable=False)]
        assert driver().feed((FRAMES / "mt_sics_negative.bin").read_bytes()) == [
            Reading(net_g=Grams(-100), stable=True)
        ]

    @pytest.mark.parametrize(
        ("field", "net_g"),
        [
            (b"    12.345 kg", 12_345),
            (b"    0.0305 kg", 31),
            (b"    30.499  g", 30),
            (b"    30.500  g", 31),
            (b"   -30.500  g", -30),
            (b"   -30.501  g", -31),
            (b"        -5 g", -5),
            (b"   1234567 mg", 1235),
            (b"123456.789 kg", 123_456_789),
        ],
    )
    def test_whole_grams_half_up_from_exact_decimals(self, field: bytes, net_g: int) -> None:
        assert driver().feed(b"S S " + field + b"\r\n") == [Reading(net_g=Grams(net_g), stable=True)]

    @pytest.mark.parametrize(
        ("status", "condition"),
        [(b"I", Condition.NOT_READY), (b"+", Condition.OVERLOAD), (b"-", Condition.UNDERLOAD)],
    )
    def test_without_a_weight_it_says_why(self, status: bytes, condition: Condition) -> None:
        assert driver().feed(b"S " + status + b"\r\n") == [NoWeight(condition)]

    @pytest.mark.parametrize("unit", [b"lb", b"oz", b"ozt", b"ct", b"t", b"PCS", b"%"])
    def test_units_that_are_not_metric_are_garbage(self, unit: bytes) -> None:
        assert reasons(driver().feed(b"S S     100.00 " + unit + b"\r\n")) == ["unit_not_metric"]

    def test_a_comma_is_not_guessed_at(self) -> None:
        assert reasons(driver().feed(b"S S      1,234 kg\r\n")) == ["decimal_comma"]

    @pytest.mark.parametrize("lost", range(4, len(STABLE) - 4))
    def test_a_byte_lost_on_its_way_makes_no_other_weight(self, lost: int) -> None:
        line = STABLE[:lost] + STABLE[lost + 1 :]
        assert readings_g(driver().feed(line)) == []

    def test_a_clone_may_write_in_another_width(self) -> None:
        assert driver("loose").feed(b"S S 100.00 g\r\n" * 2) == [replace(GOOD, stable=False), GOOD]
        assert reasons(driver().feed(b"S S 100.00 g\r\n")) == ["field_width"]

    def test_a_clone_that_lost_a_byte_is_never_at_rest_at_another_weight(self) -> None:
        heard = driver("loose").feed(b"S S 100.00 g\r\nS S 10.00 g\r\nS S 100.00 g\r\nS S 100.00 g\r\n")
        assert [item.net_g for item in heard if isinstance(item, Reading) and item.stable] == [100]

    def test_another_unit_is_believed_when_it_comes_again(self) -> None:
        kilos, in_grams = b"S S      1.500 kg\r\n", b"S S       1500 g\r\n"
        heard = driver("repeat").feed(kilos + in_grams + in_grams + b"S S      3.307 lb\r\n" + in_grams + kilos)
        assert readings_g(heard) == [1500, 1500, 1500]
        assert reasons(heard) == ["unit_changed", "unit_not_metric", "unit_changed"]

    def test_kilograms_that_lost_their_k_are_no_grams(self) -> None:
        kilos = b"S S     14.876 kg\r\n"
        assert readings_g(driver().feed(kilos + kilos.replace(b"k", b"") + kilos)) == [14_876, 14_876]


def readings_g(heard: list[Heard]) -> list[int]:
    return [item.net_g for item in heard if isinstance(item, Reading)]


class TestBadInput:
    def test_ten_megabytes_without_an_end_are_one_garbage_and_the_next_frame_is_read(self) -> None:
        made = driver()
        heard = [item for _ in range(2500) for item in made.feed(b"7" * 4096)]
        assert heard == [Garbage(reason="too_long", data=b"7" * LONGEST_LINE)]
        assert kept(made) <= LONGEST_LINE
        assert made.feed(b"\r\n" + STABLE) == [GOOD]

    def test_in_one_piece_too_even_where_the_good_frame_follows_at_once(self) -> None:
        assert driver().feed(b"7" * 10_000_000 + STABLE)[1:] == [GOOD]

    def test_nuls_before_a_frame(self) -> None:
        assert driver().feed(b"\0\0\0" + STABLE) == [Garbage(reason="torn", data=b"\0\0\0"), GOOD]

    def test_a_nul_in_a_frame(self) -> None:
        assert reasons(driver().feed(STABLE.replace(b".", b"\0"))) == ["not_a_frame"]

    @pytest.mark.parametrize("place", range(len(STABLE) - 2))
    def test_wrong_parity(self, place: int) -> None:
        damaged = bytearray(STABLE)
        damaged[place] |= 0x80
        assert reasons(driver().feed(bytes(damaged))) == ["not_a_frame"]
        assert driver().feed(bytes(damaged) + STABLE)[-1] == GOOD

    def test_two_frames_in_one_read(self) -> None:
        assert driver().feed(STABLE + STABLE) == [GOOD, GOOD]

    @pytest.mark.parametrize("length", range(1, len(STABLE) - 2))
    def test_half_a_frame_before_a_whole_one(self, length: int) -> None:
        assert driver().feed(STABLE[:length] + STABLE) == [Garbage(reason="torn", data=STABLE[:length]), GOOD]

    @pytest.mark.parametrize("half", [b"", b"\r", b"\n"])
    def test_one_end_byte_may_be_lost(self, half: bytes) -> None:
        assert driver().feed(STABLE[:-2] + (half or b"\r") + STABLE) == [GOOD, GOOD]

    @pytest.mark.parametrize(
        "line", [b"S S", b"S S 1", b"S X 1.0 g", b"T S", b"TA A", b"S S 1.2.3 g", b"s s 1 g", b"S A"]
    )
    def test_what_is_no_answer(self, line: bytes) -> None:
        assert reasons(driver().feed(line + b"\r\n")) == ["not_a_frame"]

    def test_after_a_reset_the_half_line_is_forgotten(self) -> None:
        made = driver()
        made.feed(STABLE[:9])
        made.reset()
        assert made.feed(STABLE) == [GOOD]


def kept(made: ScaleDriver) -> int:
    return len(vars(vars(made)["_lines"])["_line"])


lines = st.sampled_from(
    [
        STABLE,
        b"S I\r\n",
        b"TA A     30.00 g\r\n",
        b'I4 A "1"\r\n',
        b"ES\r\n",
        b"Z A\r\n",
        b"T S       1.00 g\r\n",
        b"\r",
        b"\n",
    ]
)
halves = st.tuples(lines, st.integers(0, 20)).map(lambda half: half[0][: half[1]])
pieces = st.one_of(lines, st.binary(max_size=60), halves)
streams = st.lists(pieces, max_size=10).map(b"".join)


@given(streams, st.lists(st.integers(0, 400), max_size=8))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes, cuts: list[int]) -> None:
    made = weighing()
    assert [item for piece in cut(stream, cuts) for item in made.feed(piece)] == weighing().feed(stream)


@given(st.binary(max_size=2000), st.sampled_from(sorted(PROFILES)))
def test_noise_never_crashes_and_what_is_kept_is_bounded(noise: bytes, profile: str) -> None:
    made = weighing(profile)
    made.feed(noise)
    assert kept(made) <= LONGEST_LINE
    assert readings_g(made.feed(b"\r\n" + STABLE))[-1:] == [100]


@given(st.binary(max_size=600))
def test_a_good_frame_after_any_garbage_is_read(noise: bytes) -> None:
    assert readings_g(weighing().feed(noise + STABLE))[-1:] == [100]


@given(streams, st.lists(st.floats(0, 60), max_size=20))
def test_whatever_was_heard_it_asks_for_weights_again(stream: bytes, times: list[float]) -> None:
    made = weighing()
    for piece, now in zip(cut(stream, [20 * n for n in range(len(times) - 1)]), sorted(times), strict=False):
        made.feed(piece)
        made.poll(now)
    asked = {made.poll(100.0 + step) for step in range(60)}
    assert b"SI\r\n" in asked
