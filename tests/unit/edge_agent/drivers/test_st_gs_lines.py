"""The ST,GS family: every form and header, bad input, the polled dialects; and with the simulated scales."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.protocol import DriverOptions, ScaleDriver
from edge_agent.drivers.st_gs_frames import LONGEST_LINE
from edge_agent.drivers.st_gs_lines import DRIVER, PROFILES
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading
from tests.unit.edge_agent.drivers.dialogues import cut, readings, reasons

FRAMES = Path(__file__).parents[3] / "frames"
STREAMS = ("standard", "loose", "and", "cas")
POLLED = ("and_polled", "cas_polled", "excell_polled")


def frame(name: str) -> bytes:
    return (FRAMES / f"st_gs_{name}.bin").read_bytes()


GOOD_FRAMES = {
    "standard": (frame("tscale"), 4876),
    "loose": (b"ST,GS,+   1.250kg\r\n", 1250),
    "and": (frame("and_compared"), 1234),
    "cas": (frame("cas"), 13_500),
}


def driver(profile: str = "standard") -> ScaleDriver:
    return DRIVER.make(DriverOptions(profile=profile))


def read(data: bytes, profile: str = "standard") -> list[Heard]:
    return driver(profile).feed(data)


def gross(net_g: int, *, stable: bool = True) -> Reading:
    return Reading(net_g=Grams(net_g), stable=stable, tare_g=Grams(0), tare_kind=TareKind.NONE)


def weighed(net_g: int, *, stable: bool = True) -> Reading:
    return Reading(net_g=Grams(net_g), stable=stable)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="profile is 'loud'; expected one of standard, loose, and"):
        driver("loud")


class TestForms:
    def test_the_published_lines(self) -> None:
        assert read(frame("tscale")) == [gross(4876)]
        assert read(frame("excell_gross")) == [gross(876)]
        assert reasons(read(frame("excell_pounds"))) == ["unit_not_metric"]
        assert read(frame("and_stable"), "and") == [weighed(1235)]
        assert read(frame("and_compared"), "and") == [weighed(1234)]
        assert read(frame("and_over"), "and") == [NoWeight(Condition.OVERLOAD)]
        assert read(frame("and_under"), "and") == [NoWeight(Condition.UNDERLOAD)]
        assert read(frame("cas"), "cas") == [gross(13_500)]

    def test_pieces_come_without_a_weight(self) -> None:
        assert read(frame("and_pieces"), "and") == [Reading(net_g=Grams(0), stable=True, pieces=12_345)]
        assert read(b"US,+00000002 PC\r\n", "and") == [Reading(net_g=Grams(0), stable=False, pieces=2)]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (b"ST,G,+   30.5g", gross(31)),
            (b"ST,N,-   30.5 g ", weighed(-30)),
            (b"ST,GS,+   1.250kg", gross(1250)),
            (b"ST,GS,0.0,kg", gross(0)),
            (b"ST,GS +  48.6 g", gross(49)),
        ],
    )
    def test_clones_are_read_loosely_and_rest_when_they_say_it_twice(self, line: bytes, expected: Reading) -> None:
        assert read((line + b"\r\n") * 3, "loose") == [replace(expected, stable=False), expected, expected]

    @pytest.mark.parametrize("lost", range(len(b"ST,GS,+   1.250kg\r\n")))
    def test_a_clone_that_lost_a_byte_is_never_at_rest_at_another_weight(self, lost: int) -> None:
        line = b"ST,GS,+   1.250kg\r\n"
        heard = read(line * 2 + line[:lost] + line[lost + 1 :] + line * 2, "loose")
        assert {item.net_g for item in heard if isinstance(item, Reading) and item.stable} == {1250}

    @pytest.mark.parametrize(
        ("profile", "line", "net_g"),
        [
            ("standard", b"ST,GS,+ 14.876kg\r\n", 14_876),
            ("standard", b"ST,GS,+ 14.876 kg\r\n", 14_876),
            ("and", b"ST,+014876.5  g\r\n", 14_877),
            ("cas", b"ST,GS,1\xc4,  14.876 kg\r\n", 14_876),
        ],
    )
    def test_a_byte_lost_on_its_way_makes_no_other_weight(self, profile: str, line: bytes, net_g: int) -> None:
        assert readings(read(line, profile))[0].net_g == net_g
        for lost in range(len(line) - 2):
            heard = readings(read(line + line[:lost] + line[lost + 1 :], profile))
            assert {reading.net_g for reading in heard} <= {net_g}

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (b"ST,NT,+  4.876kg", weighed(4876)),
            (b"US,GS,+  4.876kg", gross(4876, stable=False)),
            (b"US,NT,-  0.030kg", weighed(-30, stable=False)),
            (b"ST,GS,  -1.250kg", gross(-1250)),
            (b"ST,GS,     0.0,kg", gross(0)),
            (b"HD,GS,+  4.876kg", gross(4876, stable=False)),
            (b"OL,GS,+       kg", NoWeight(Condition.OVERLOAD)),
            (b"OL,NT,-   .   kg", NoWeight(Condition.UNDERLOAD)),
            (b"UL,GS,     0.0,kg", NoWeight(Condition.UNDERLOAD)),
        ],
    )
    def test_headers_and_clones(self, line: bytes, expected: Heard) -> None:
        assert read(line + b"\r\n") == [expected]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (b"ST,+00123.45  g", weighed(123)),
            (b"ST,-00123.50  g", weighed(-123)),
            (b"US,+0001.234 kg", weighed(1234, stable=False)),
            (b"HD,+0001.234 kg", weighed(1234, stable=False)),
            (b"OL,+9999999E+19", NoWeight(Condition.OVERLOAD)),
            (b"OL,-9999999E+19", NoWeight(Condition.UNDERLOAD)),
        ],
    )
    def test_the_standard_format_of_a_and_d(self, line: bytes, expected: Heard) -> None:
        assert read(line + b"\r\n", "and") == [expected]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (b"ST,GS,1\xc4,   1.234 kg", gross(1234)),
            (b"US,GS,1\x84,   1.234 kg", gross(1234, stable=False)),
            (b"ST,NT,1\xc2,  -0.030 kg", weighed(-30)),
            (b"ST,GS,1\xc6,   1.234 kg", weighed(1234)),  # gross is shown while a tare is set
            (b"ST,GS,1\xd4,   1.234 kg", gross(1234, stable=False)),  # held
            (b"ST,GS,,\xc4,   1.234 kg", gross(1234)),  # the device number may be any byte
            (b"OL,GS,1\x84,  30.000 kg", NoWeight(Condition.OVERLOAD)),
            (b"OL,GS,1\x84,  -3.000 kg", NoWeight(Condition.UNDERLOAD)),
        ],
    )
    def test_the_22_bytes_of_cas(self, line: bytes, expected: Heard) -> None:
        assert len(line) == 20
        assert read(line + b"\r\n", "cas") == [expected]

    @pytest.mark.parametrize(
        ("line", "profile", "reason"),
        [
            (b"ST,GS,+  4.876lb", "standard", "unit_not_metric"),
            (b"ST,+001234.5 oz", "and", "unit_not_metric"),
            (b"ST,+000123.4  %", "and", "unit_not_metric"),
            (b"ST,+000001.0  t", "and", "unit_not_metric"),
            (b"ST,GS,+  4,876kg", "standard", "decimal_comma"),
            (b"ST,GS,1\xc4,   1,234 kg", "cas", "decimal_comma"),
            (b"ST,TR,+  0.250kg", "standard", "tare_only"),
            (b"QT,+000123.4 PC", "and", "not_a_frame"),
            (b"QT,+000123.4  g", "and", "not_a_frame"),
            (b"ST,GS,1\xc4,1.2.3.45 kg", "cas", "not_a_frame"),
            (b"ST,GS,+kg", "standard", "not_a_frame"),
            (b"st,gs,+  4.876kg", "standard", "not_a_frame"),
            (b"ST,+00123.45  g", "standard", "not_a_frame"),
        ],
    )
    def test_what_is_garbage_and_why(self, line: bytes, profile: str, reason: str) -> None:
        assert reasons(read(line + b"\r\n", profile)) == [reason]

    def test_another_unit_is_believed_when_it_comes_again(self) -> None:
        kilos, in_grams, pounds = b"ST,GS,+  1.500kg\r\n", b"ST,GS,+   1500g\r\n", b"ST,GS,+  3.307lb\r\n"
        heard = read(kilos + in_grams + in_grams + pounds + in_grams + kilos)
        assert [reading.net_g for reading in readings(heard)] == [1500, 1500, 1500]
        assert reasons(heard) == ["unit_changed", "unit_not_metric", "unit_changed"]

    def test_kilograms_that_lost_their_k_are_no_grams(self) -> None:
        heard = read(b"ST,GS,+ 14.876kg\r\nST,GS,+ 14.876g\r\nST,GS,+ 14.876kg\r\n")
        assert [reading.net_g for reading in readings(heard)] == [14_876, 14_876]


@pytest.mark.parametrize("profile", STREAMS)
class TestBadInput:
    def test_ten_megabytes_without_an_end(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        made = driver(profile)
        heard = [item for _ in range(2500) for item in made.feed(b"7" * 4096)]
        assert heard == [Garbage(reason="too_long", data=b"7" * LONGEST_LINE)]
        assert kept(made) <= LONGEST_LINE
        assert [reading.net_g for reading in readings(made.feed(good))] == [net_g]

    def test_two_frames_in_one_read(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        assert [reading.net_g for reading in readings(read(good + good, profile))] == [net_g, net_g]

    def test_half_a_frame_before_a_whole_one(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        for length in range(1, len(good) - 2):
            torn, whole = read(good[:length] + good, profile)
            assert torn == Garbage(reason="torn", data=good[:length])
            assert readings([whole])[0].net_g == net_g

    def test_nuls(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        torn, whole = read(b"\0\0" + good, profile)
        assert torn == Garbage(reason="torn", data=b"\0\0")
        assert readings([whole])[0].net_g == net_g
        assert reasons(read(good.replace(b".", b"\0"), profile)) == ["not_a_frame"]

    def test_wrong_parity(self, profile: str) -> None:
        """Of the bytes that mean a weight: CAS's device number and lamps may be anything."""
        good, net_g = GOOD_FRAMES[profile]
        for place in [*range(5), *range(9, len(good) - 2)]:
            damaged = bytearray(good)
            damaged[place] |= 0x80
            assert readings(read(bytes(damaged), profile)) == []
            assert readings(read(bytes(damaged) + good, profile))[-1].net_g == net_g

    def test_after_a_reset_the_half_line_is_forgotten(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        made = driver(profile)
        made.feed(good[:9])
        made.reset()
        assert [readings([item])[0].net_g for item in made.feed(good)] == [net_g]

    def test_torn_in_an_overload(self, profile: str) -> None:
        good, net_g = GOOD_FRAMES[profile]
        heard = read(b"OL,GS,+ " + good, profile)
        assert reasons(heard) == ["torn"]
        assert readings(heard)[0].net_g == net_g


def kept(made: ScaleDriver) -> int:
    return len(vars(vars(made)["_lines"])["_line"])


def streams(profile: str) -> st.SearchStrategy[bytes]:
    lines = st.sampled_from([GOOD_FRAMES[profile][0], b"OL,GS,+ kg\r\n", b"QT,+00000002 PC\r\n", b"\r", b"\n"])
    halves = st.tuples(lines, st.integers(0, 20)).map(lambda half: half[0][: half[1]])
    return st.lists(st.one_of(lines, halves, st.binary(max_size=50)), max_size=10).map(b"".join)


@given(st.data(), st.sampled_from(STREAMS), st.lists(st.integers(0, 300), max_size=8))
def test_the_way_the_stream_is_cut_never_matters(data: st.DataObject, profile: str, cuts: list[int]) -> None:
    stream = data.draw(streams(profile))
    made = driver(profile)
    assert [item for piece in cut(stream, cuts) for item in made.feed(piece)] == read(stream, profile)


@given(st.binary(max_size=2000), st.sampled_from(sorted(PROFILES)))
def test_noise_never_crashes_and_what_is_kept_is_bounded(noise: bytes, profile: str) -> None:
    made = driver(profile)
    made.feed(noise)
    assert kept(made) <= LONGEST_LINE


@given(st.binary(max_size=300), st.sampled_from(STREAMS))
def test_a_good_frame_after_any_garbage_is_read(noise: bytes, profile: str) -> None:
    good, net_g = GOOD_FRAMES[profile]
    assert readings(read(noise + good, profile))[-1].net_g == net_g
