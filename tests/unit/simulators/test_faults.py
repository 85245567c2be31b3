"""Faults to order: what they do to bytes and to a platform, and that they end."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import PriceUnit
from simulators.device import make_device
from simulators.faults import Fault, FaultKind, Faults, corrupted, cut, doubled, dropped, parse_fault
from simulators.one_scale.steps import HaveFault
from simulators.scales.platform import Capacity, Platform
from simulators.scales.registry import SIMULATED_SCALES

FRAME = b"=0002.000kg;0001.00;0002.00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drop 10%", Fault(kind=FaultKind.DROP, rate=0.1)),
        ("corrupt 0.5% for 3", Fault(kind=FaultKind.CORRUPT, rate=0.005, lasts_s=3.0)),
        ("silence for 5", Fault(kind=FaultKind.SILENCE, lasts_s=5.0)),
        ("gain 120%", Fault(kind=FaultKind.GAIN, gain_percent=120)),
        ("clock -3600", Fault(kind=FaultKind.CLOCK, leap_s=-3600.0)),
        ("restart", Fault(kind=FaultKind.RESTART)),
        ("none", Fault(kind=FaultKind.NONE)),
    ],
)
def test_a_fault_is_read(text: str, expected: Fault) -> None:
    assert parse_fault(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected one of drop, double"),
        ("dropp 10%", "'dropp 10%'; expected one of"),
        ("drop", "drop is ''; expected a percentage"),
        ("drop 101%", "expected a number from 0 to 100"),
        ("drop nan%", "expected a number from 0 to 100"),
        ("drop 10% for", "expected `for` and seconds"),
        ("drop 10% for x", "for is 'x'"),
        ("gain 5%", "whole percentage of 10% to 1000%"),
        ("restart for 5", "expected nothing more"),
        ("clock soon", "clock is 'soon'"),
    ],
)
def test_what_is_no_fault_says_what_was_expected(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_fault(text)


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_at_no_rate_bytes_stay_and_at_full_rate_none_does(data: bytes, seed: int) -> None:
    rng = random.Random(seed)
    assert [damage(data, rng, 0.0) for damage in (dropped, doubled, corrupted, cut)] == [data] * 4
    assert dropped(data, rng, 1.0) == b""
    assert doubled(data, rng, 1.0) == b"".join(bytes((byte, byte)) for byte in data)
    assert all(before != after for before, after in zip(data, corrupted(data, rng, 1.0), strict=True))
    assert data.startswith(cut(data, rng, 1.0))


def test_rates_are_kept() -> None:
    data = bytes(range(256)) * 100
    assert 0.08 < 1 - len(dropped(data, random.Random(1), 0.1)) / len(data) < 0.12


def test_merged_pieces_come_together_and_none_is_lost() -> None:
    faults = Faults(random.Random(1))
    faults.order(parse_fault("merge 100% for 10"), 0.0)
    sent = [FRAME[:n] for n in range(1, 10)]
    arrived = [faults.on_line(piece, 0.0) for piece in sent]
    arrived.append(faults.on_line(b"", 10.0))
    assert arrived[:2] == [b"", sent[0] + sent[1]]
    assert b"".join(arrived) == b"".join(sent)


def test_silence_ends_when_its_time_is_over() -> None:
    faults = Faults(random.Random(1))
    faults.order(parse_fault("silence for 5"), 1.0)
    assert faults.on_line(FRAME, 5.9) == b""
    assert faults.on_line(FRAME, 6.0) == FRAME
    assert faults.active(6.0) == []


def test_none_ends_all_of_them() -> None:
    faults = Faults(random.Random(1))
    for text in ("drop 50%", "garbage", "gain 110%"):
        faults.order(parse_fault(text), 0.0)
    assert faults.on_line(FRAME, 0.0) != FRAME
    faults.order(parse_fault("none"), 0.0)
    assert faults.on_line(FRAME, 0.0) == FRAME


def test_a_cheating_calibration_weighs_too_much_and_then_no_more() -> None:
    faults, platform = Faults(random.Random(1)), Platform(random.Random(1))
    platform.put(1000, 0.0)
    faults.order(parse_fault("gain 106% for 5"), 0.0)
    faults.bend(platform, 1.0)
    assert platform.look(1.0).gross_g == 1060
    faults.bend(platform, 5.0)
    assert platform.look(5.0).gross_g == 1000


def test_stuck_motion_never_rests() -> None:
    faults, platform = Faults(random.Random(1)), Platform(random.Random(1))
    faults.order(parse_fault("motion"), 0.0)
    faults.bend(platform, 1000.0)
    assert not platform.look(1000.0).is_stable


@given(st.integers(0, 10_000), st.integers(0, 12_000), st.sampled_from([1, 5, 50, 500]))
def test_a_swinging_scale_never_says_the_same_twice_in_a_row(seed: int, load_g: int, e_g: int) -> None:
    platform = Platform(random.Random(seed), Capacity(e_g=e_g))
    platform.is_stuck_moving = True
    platform.put(load_g, 0.0)
    looks = [platform.look(n / 10).gross_g for n in range(20)]
    assert all(before != after for before, after in pairwise(looks))


def test_a_clock_leaps_and_leaps_back() -> None:
    device = make_device(SIMULATED_SCALES["yaohua_xk3190"], "price", PriceUnit.KG, seed=1)
    for text in ("clock 3600", "clock -60"):
        device.do(HaveFault(parse_fault(text)), 0.0)
    assert device.scale.clock_is_ahead == timedelta(minutes=59)
