"""The simulated ST,GS scales send as their manuals say, byte for byte."""

import random

import pytest

from simulators.scales.st_gs_lines import SimulatedStGsLines


def scale(profile: str, load_g: int = 0) -> SimulatedStGsLines:
    made = SimulatedStGsLines(profile, random.Random(1))
    made.platform.put(load_g, 0.0)
    return made


def ask(made: SimulatedStGsLines, question: bytes, now: float = 10.0) -> bytes:
    return made.hear(question + b"\r\n", now)


def over_time(made: SimulatedStGsLines, start: float, seconds: float) -> bytes:
    return b"".join(made.tick(start + step / 50) for step in range(round(seconds * 50)))


@pytest.mark.parametrize(
    ("profile", "line", "net"),
    [
        ("standard", b"ST,GS,+  4.875kg\r\n", b"ST,NT,-  0.125kg\r\n"),
        ("and", b"ST,+004875.0  g\r\n", b"ST,-000125.0  g\r\n"),
        ("cas", b"ST,GS,1\xc4,   4.875 kg\r\n", b"ST,NT,1\xc2,  -0.125 kg\r\n"),
    ],
)
def test_a_line_ten_times_a_second(profile: str, line: bytes, net: bytes) -> None:
    made = scale(profile, 4875)
    assert over_time(made, 10.0, 0.99) == line * 10
    made.key_tare(5000)
    assert made.tick(11.5) == net


def test_while_it_swings_the_line_says_so() -> None:
    for profile in ("standard", "and", "cas"):
        assert scale(profile, 4875).tick(0.1).startswith(b"US,")


def test_zero_on_cas_lights_its_lamp() -> None:
    assert scale("cas").tick(10.0) == b"ST,GS,1\xc5,   0.000 kg\r\n"


@pytest.mark.parametrize(
    ("profile", "over", "under"),
    [
        ("standard", b"OL,GS,+       kg\r\n", b"OL,GS,-       kg\r\n"),
        ("and", b"OL,+9999999E+19\r\n", b"OL,-9999999E+19\r\n"),
        ("cas", b"OL,GS,1\xc4,  20.000 kg\r\n", b"OL,GS,1\xc4,  -1.000 kg\r\n"),
    ],
)
def test_outside_its_range(profile: str, over: bytes, under: bytes) -> None:
    assert scale(profile, 20_000).tick(10.0) == over
    assert scale(profile, -1000).tick(10.0) == under


def test_a_scale_that_sends_by_itself_is_deaf_and_one_that_is_asked_is_dumb() -> None:
    assert ask(scale("and"), b"Q") == b""
    assert over_time(scale("and_polled"), 10.0, 1.0) == b""


@pytest.mark.parametrize(
    ("profile", "question", "answer"),
    [
        ("and_polled", b"Q", b"ST,+000250.0  g\r\n"),
        ("and_polled", b"Z", b"\x06\r\n\x06\r\n"),
        ("and_polled", b"T", b"\x06\r\n"),
        ("and_polled", b"X", b"EC,E01\r\n"),
        ("cas_polled", b"01RW", b"ST,GS,1\xc4,   0.250 kg\r\n"),
        ("cas_polled", b"01MZ", b"01MZ\r\n"),
        ("cas_polled", b"01MT", b"01MT\r\n"),
        ("cas_polled", b"02RW", b"?\r\n"),
        ("excell_polled", b"READ", b"ST,GS,+  0.250kg\r\n"),
        ("excell_polled", b"MT", b"MT\r\n"),
        ("excell_polled", b"CT", b"CT\r\n"),
        ("excell_polled", b"HELLO", b"E HELLO\r\n"),
    ],
)
def test_answers(profile: str, question: bytes, answer: bytes) -> None:
    assert ask(scale(profile, 250), question) == answer


@pytest.mark.parametrize(
    ("profile", "question", "refusal"),
    [("and_polled", b"T", b"EC,E11"), ("cas_polled", b"01MT", b"!"), ("excell_polled", b"MT", b"E MT")],
)
def test_a_tare_waits_for_rest_and_gives_up(profile: str, question: bytes, refusal: bytes) -> None:
    made = scale(profile, 250)
    made.platform.is_stuck_moving = True
    assert ask(made, question) == b""
    assert over_time(made, 10.0, 4.0) == refusal + b"\r\n"
    assert made.tare_g == 0


def test_counting() -> None:
    made = scale("and", 1500)
    made.unit_pieces_g = 250
    assert made.tick(10.0) == b"QT,+00000006 PC\r\n"


def test_switched_off_and_on_the_tare_is_gone() -> None:
    made = scale("standard", 0)
    made.key_tare(100)
    assert made.restart(10.0) == b""
    assert made.tick(10.0) == b"ST,GS,+  0.000kg\r\n"
