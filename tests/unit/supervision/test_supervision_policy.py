"""The policy file of supervision: what is shipped, and what is wrong with another one."""

from pathlib import Path

import pytest

from domain.alert import Severity
from domain.errors import BadFile
from steelyard.resources import policy_directory
from supervision.deadlines.policy import Deadline
from supervision.policy import read_supervision_policy
from tests.alert_acts import POLICIES

SHIPPED = policy_directory() / "supervision.toml"


def test_the_shipped_file_is_a_reference_example_and_has_every_figure() -> None:
    assert "参考样式" in SHIPPED.read_text(encoding="utf-8")
    figures = POLICIES.supervision.deadlines
    for deadline in Deadline:
        for severity in (*Severity, None):
            within = figures.within(deadline, severity)
            assert (within is None) == (deadline is Deadline.RECTIFY)


def test_the_graver_the_sooner() -> None:
    figures = POLICIES.supervision.deadlines
    for deadline in set(Deadline) - {Deadline.RECTIFY}:
        minutes = [found.minutes for one in Severity if (found := figures.within(deadline, one)) is not None]
        assert minutes == sorted(minutes, reverse=True), deadline


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("usual_days = 7", "usual_days = 31", "usual_days is 31; expected at most longest_days, 30"),
        ("working_days = 5", "working_days = 0", "appeal.working_days"),
        ("longest_side = 2048", "longest_side = 100", "thumbnail_side is 320; expected at most longest_side, 100"),
        ("2026-10-07,\n]", "2026-10-07, 2027-01-01,\n]", "days_off has 2027-01-01; expected none after known_to"),
        ("2026-01-01, 2026-01-02", "2026-10-10, 2026-01-02", "2026-10-10 is both in days_off and in worked"),
        ('"06:00-22:00"', '"22:00-06:00"', "deadlines.hours.market: 22:00-06:00 ends before it begins"),
        ('"06:00-22:00"', '"6-22"', "deadlines.hours[...].spans[0]"),
        ('"14:30-17:30"', '"11:30-17:30"', "authority: 11:30 is not after the span before, which ends at 12:00"),
        ('high = { minutes = 30, hours = "market" }', 'high = { minutes = 30, hours = "night" }', "expected one of"),
        ("[deadlines.hours.market]", "[deadlines.hours.always]", "always is named; expected another name"),
        ("remind_after_percent = 75", "remind_after_percent = 100", "deadlines.remind_after_percent"),
        ("[watch]", "[watch]\nunknown = 1", "unknown"),
        ("version =", "version", "Expected '='"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert was in text
    file = tmp_path / "supervision.toml"
    file.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_supervision_policy(file)
    assert said in str(caught.value)
