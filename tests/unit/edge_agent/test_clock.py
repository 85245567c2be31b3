"""Where the clock stepped, and where it only ran on."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_agent.clock.stepping import StepWatch

NOW = datetime(2026, 11, 22, 2, 11, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock_s", "elapsed_s", "has_stepped"),
    [
        (0.2, 0.2, False),
        (43_200, 43_200, False),
        (64.9, 60, False),
        (65.1, 60, True),
        (55.1, 60, False),
        (54.9, 60, True),
        (31_536_000, 60, True),
    ],
    ids=["at once", "half a day", "slight", "forward", "slight back", "back but later", "a year"],
)
def test_a_step_is_what_the_monotonic_clock_did_not_see(clock_s: float, elapsed_s: float, has_stepped: bool) -> None:
    watch = StepWatch()
    watch.begin(NOW, 1000)
    step = watch.step(NOW + timedelta(seconds=clock_s), 1000 + elapsed_s)
    assert step == (timedelta(seconds=clock_s - elapsed_s) if has_stepped else None)


def test_only_the_weighing_behind_a_step_is_doubted() -> None:
    watch = StepWatch()
    leapt = NOW + timedelta(days=365)
    answers = [
        watch.step(NOW, 0),
        watch.step(leapt, 1),
        watch.step(leapt + timedelta(seconds=1), 2),
    ]
    assert answers == [None, timedelta(days=365) - timedelta(seconds=1), None]
