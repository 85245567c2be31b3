"""When a destination is switched off by itself."""

from datetime import timedelta

import pytest

from steelyard.resources import policy_directory
from supervision.exports.policy import read_exports_policy
from supervision.notices.failing import why_switched_off
from supervision.notices.retrying import Outcome
from tests.factories import NOW

POLICY = read_exports_policy(policy_directory() / "exports.toml")
A_LITTLE = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "failing_for", "because"),
    [
        (503, POLICY.disabled_after - A_LITTLE, ""),
        (503, POLICY.disabled_after, "nothing taken for 72 h; last: busy"),
        (None, POLICY.disabled_after + timedelta(hours=5), "nothing taken for 77 h; last: busy"),
        (410, timedelta(), "busy"),
        (404, timedelta(), ""),
    ],
    ids=["just not", "just", "no answer", "gone", "not found"],
)
def test_it_is_switched_off_after_the_policys_time_or_where_nobody_is_any_more(
    status: int | None, failing_for: timedelta, because: str
) -> None:
    outcome = Outcome(status=status, error="busy")
    assert why_switched_off(outcome, "busy", NOW - failing_for, NOW, POLICY.disabled_after) == because
