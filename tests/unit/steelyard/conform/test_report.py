"""The last line of a report names what failed, and what was not put to the test."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from domain.ids import ScaleId
from steelyard.conform.check import judge
from steelyard.conform.report import conclude, print_table
from steelyard.conform.transcript import Act, Transcript
from tests.unit.steelyard.conform.test_statements import (
    GOOD,
    TOPIC,
    VOID,
    chained,
    sent,
    with_published,
    without_messages,
)


def conclusion(transcript: Transcript, *, needs_all: bool = False, was_stopped: bool = False) -> str:
    verdicts = judge(transcript)
    out = StringIO()
    found = conclude(verdicts, needs_all=needs_all, was_stopped=was_stopped)
    print_table(Console(file=out, width=200), ScaleId("s"), verdicts, conclusion=found)
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


def test_what_was_watched_too_shortly_is_named_and_decides_nothing() -> None:
    once = without_messages(lambda message: message.topic == TOPIC and message.at > 3.0)
    hasty = replace(once, due_within_s=120.0)
    assert conclusion(hasty) == (
        "Whether the device conforms cannot be told: watched too shortly to tell: R1, R3, R4, R5, C6;"
        " everything was put to the test."
    )
    uncut = replace(hasty, deeds=tuple(deed for deed in hasty.deeds if deed.act is not Act.CUT))
    both = replace(uncut, published=with_published(qos=0).published)
    assert conclusion(both) == (
        "The device does not conform: it breaks W1; watched too shortly to tell: R1, R3, R4, R5;"
        " not put to the test: C5, C6, S2."
    )


def test_a_check_that_was_stopped_early_claims_nothing() -> None:
    assert conclusion(GOOD, was_stopped=True).startswith("Whether the device conforms cannot be told: ")
    assert conclusion(with_published(qos=0), was_stopped=True).startswith("The device does not conform: it breaks W1; ")


def test_of_a_device_that_was_never_heard_nothing_can_be_told() -> None:
    silent = replace(GOOD, messages=(), deeds=(), sessions=(), published=(), is_between=False)
    says = "no weighing of it was heard at all."
    assert conclusion(silent) == f"Whether the device conforms cannot be told: {says}"
    assert conclusion(silent, needs_all=True) == f"The device does not conform: {says}"
