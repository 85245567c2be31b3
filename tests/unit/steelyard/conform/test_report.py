"""The last line of a report names what failed, and what was not put to the test."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from domain.ids import ScaleId
from steelyard.conform.check import judge
from steelyard.conform.report import passes, print_table
from steelyard.conform.transcript import Transcript
from tests.unit.steelyard.conform.test_statements import GOOD, VOID, chained, sent, with_published


def conclusion(transcript: Transcript, *, needs_all: bool = False) -> str:
    verdicts = judge(transcript)
    out = StringIO()
    passed = passes(verdicts, needs_all=needs_all)
    print_table(Console(file=out, width=200), ScaleId("s"), verdicts, passed=passed)
    return out.getvalue().splitlines()[-1]


def test_a_device_that_keeps_everything_is_told_so() -> None:
    assert conclusion(GOOD) == "The device conforms in all that was seen; everything was put to the test."


def test_what_was_not_put_to_the_test_is_named() -> None:
    unproven = replace(GOOD, is_between=False, published=(), sessions=GOOD.sessions)
    assert conclusion(unproven).endswith("; not put to the test: W1, C1, C2, C3, C4.")
    assert conclusion(unproven, needs_all=True) == (
        "The device does not conform: not put to the test: W1, C1, C2, C3, C4."
    )


def test_what_is_broken_is_named() -> None:
    assert conclusion(with_published(qos=0)).startswith("The device does not conform: it breaks W1; ")
    only_void = replace(GOOD, messages=(sent(1.0, *chained([VOID])),), deeds=(), sessions=(), published=())
    assert "it breaks W12; not put to the test: W1, " in conclusion(only_void)


def test_a_device_that_was_never_heard_does_not_conform() -> None:
    silent = replace(GOOD, messages=(), deeds=(), sessions=(), published=(), is_between=False)
    assert conclusion(silent) == "The device does not conform: no weighing of it was heard at all."
