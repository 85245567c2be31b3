"""The XK3190's formats without a price: the manuals' frames, what each refuses, and what is not believed at once."""

import itertools
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.yaohua_weights import grams_of_digits
from edge_agent.drivers.yaohua_xk3190_weight import DRIVER, Xk3190WeightDecoder
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading
from simulators.scales.platform import Seen
from simulators.scales.yaohua_xk3190 import a12e_frame, plain_frame, reversed_frame, tf0_frame

FRAMES = Path(__file__).parents[3] / "frames"
TF0 = (FRAMES / "xk3190_tf0.bin").read_bytes()
A12E = (FRAMES / "xk3190_a12e.bin").read_bytes()
MOTION = NoWeight(Condition.MOTION)


def read(profile: str, data: bytes) -> list[Heard]:
    return Xk3190WeightDecoder(profile).feed(data)


def grams(net_g: int) -> Reading:
    return Reading(net_g=Grams(net_g))


def gross(net_g: int) -> Reading:
    return Reading(net_g=Grams(net_g), tare_g=Grams(0), tare_kind=TareKind.NONE)


def reasons(found: list[Heard]) -> list[str]:
    return [item.reason for item in found if isinstance(item, Garbage)]


@pytest.mark.parametrize(
    ("profile", "file", "heard"),
    [
        ("tf0", "xk3190_tf0.bin", [grams(1234)]),
        ("reversed", "xk3190_reversed.bin", [MOTION, *[grams(3000)] * 3]),
        ("reversed", "xk3190_reversed_negative.bin", [MOTION, *[grams(-1000)] * 3]),
        ("plain", "xk3190_plain.bin", [MOTION, *[grams(3000)] * 3]),
        ("plain", "xk3190_plain_negative.bin", [MOTION, *[grams(-1000)] * 3]),
        ("a12e", "xk3190_a12e.bin", [gross(4139)]),
        ("a12e", "xk3190_a12e_over.bin", [NoWeight(Condition.OVERLOAD)]),
        ("a12e", "xk3190_a12e_under.bin", [NoWeight(Condition.UNDERLOAD)]),
    ],
)
def test_the_frames_of_the_manuals(profile: str, file: str, heard: list[Heard]) -> None:
    assert read(profile, (FRAMES / file).read_bytes()) == heard


@pytest.mark.parametrize("profile", DRIVER.profiles)
@given(net_g=st.integers(-999, 14_999))
def test_every_weight_that_the_scale_shows_is_read_exactly(profile: str, net_g: int) -> None:
    seen = Seen(gross_g=net_g, is_stable=True)
    frame = {
        "tf0": tf0_frame(net_g),
        "reversed": reversed_frame(net_g),
        "plain": plain_frame(net_g),
        "a12e": a12e_frame(seen, 0),
    }[profile]
    found = read(profile, frame * 2)[-1]
    assert isinstance(found, Reading)
    assert found.net_g == net_g


@pytest.mark.parametrize("at", range(1, 11))
def test_tf0_with_a_byte_that_changed_is_garbage(at: int) -> None:
    damaged = TF0[:at] + bytes([TF0[at] ^ 1]) + TF0[at + 1 :]
    assert reasons(read("tf0", damaged)) in (["checksum"], ["not_a_frame"])


@pytest.mark.parametrize("at", range(13))
def test_an_a12e_line_with_a_byte_that_changed_is_garbage(at: int) -> None:
    damaged = A12E[:at] + bytes([A12E[at] ^ 1]) + A12E[at + 1 :]
    assert reasons(read("a12e", damaged)) in (["checksum"], ["not_a_frame"], ["not_kg"])


def test_the_check_is_an_xor_and_no_sum() -> None:
    assert reasons(read("a12e", b"WG004.139kgCF\r\n")) == ["checksum"]


@pytest.mark.parametrize(("decimals", "net_g"), [(0, 1_234_000), (1, 123_400), (2, 12_340), (3, 1234), (4, 123)])
def test_the_decimals_say_where_the_point_is(decimals: int, net_g: int) -> None:
    assert grams_of_digits(1234, decimals) == net_g


@pytest.mark.parametrize(("digits", "net_g"), [(12_344, 1234), (12_345, 1235), (12_346, 1235)])
def test_what_is_finer_than_a_gram_is_rounded_half_up(digits: int, net_g: int) -> None:
    assert grams_of_digits(digits, 4) == net_g


def test_a_net_weight_of_an_a12e_has_a_tare_that_it_does_not_tell() -> None:
    assert read("a12e", a12e_frame(Seen(gross_g=770, is_stable=True), 30)) == [grams(740)]


def test_an_a12e_without_a_point_shows_whole_kilograms() -> None:
    body = b"WG000020 kg"
    assert read("a12e", body + b"%02X\r\n" % reduce(xor, body)) == [gross(20_000)]


def test_pounds_in_mid_stream_are_garbage_and_the_next_line_is_read() -> None:
    found = read("a12e", A12E + A12E.replace(b"kg", b"lb") + A12E)
    assert (found[0], found[2], reasons(found)) == (gross(4139), gross(4139), ["not_kg"])


@pytest.mark.parametrize("weight", [b"=0003,000", b"=00003000", b"=03.00000"], ids=["comma", "no point", "5 decimals"])
def test_a_display_that_is_no_weight_is_garbage(weight: bytes) -> None:
    assert reasons(read("plain", weight * 2)) == ["not_a_frame"] * 2


@pytest.mark.parametrize(("profile", "other"), [("plain", "reversed"), ("reversed", "plain")])
@given(net_g=st.integers(-9999, 15_000), decimals=st.integers(1, 3))
def test_a_scale_that_is_set_the_other_way_round_is_never_misread(
    profile: str, other: str, net_g: int, decimals: int
) -> None:
    display = f"{net_g / 10**decimals:08.{decimals}f}".encode("ascii")
    sent = b"=" + (display if other == "plain" else display[::-1])
    assert {type(item) for item in read(profile, sent * 4)} == {Garbage}


def test_one_frame_of_two_halves_is_not_believed() -> None:
    """Nine bytes are lost on the line, from the middle of 0003.000 to the middle of 0001.500."""
    found = read("plain", b"=0003.000" * 2 + b"=0003" + b".500" + b"=0001.500" * 2)
    assert found == [MOTION, grams(3000), MOTION, MOTION, grams(1500)]


def test_garbage_between_two_frames_does_not_make_them_neighbours() -> None:
    assert read("plain", b"=0003.000" + b"=00" + b"=0003.000" * 2) == [
        MOTION,
        Garbage(reason="torn", data=b"=00"),
        MOTION,
        grams(3000),
    ]


@pytest.mark.parametrize(
    ("profile", "frame", "heard"),
    [("tf0", TF0, grams(1234)), ("a12e", A12E, gross(4139)), ("plain", b"=0003.000" * 2, grams(3000))],
)
@given(cut=st.integers(1, 8))
def test_half_a_frame_does_not_take_the_whole_one_behind_it_with_it(
    profile: str, frame: bytes, heard: Heard, cut: int
) -> None:
    assert read(profile, frame[:cut] + frame)[-1] == heard


def test_a_reset_forgets_the_frame_that_the_next_would_confirm() -> None:
    decoder = Xk3190WeightDecoder("plain")
    assert decoder.feed(b"=0003.000") == [MOTION]
    decoder.reset()
    assert decoder.feed(b"=0003.000=0003.000") == [MOTION, grams(3000)]


@pytest.mark.parametrize("profile", DRIVER.profiles)
@given(noise=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300)))
def test_the_way_noise_is_cut_never_matters_and_garbage_does_not_outgrow_it(
    profile: str, noise: bytes, cuts: list[int]
) -> None:
    whole, pieces = Xk3190WeightDecoder(profile), Xk3190WeightDecoder(profile)
    found = whole.feed(noise)
    places = [0, *sorted(min(cut, len(noise)) for cut in cuts), len(noise)]
    cut_up = [item for start, end in itertools.pairwise(places) for item in pieces.feed(noise[start:end])]
    assert cut_up == found
    assert sum(len(item.data) for item in found if isinstance(item, Garbage)) <= 2 * len(noise)
