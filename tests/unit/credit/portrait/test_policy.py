"""`policy/portrait.toml`: what is wrong with one is named."""

from pathlib import Path

import pytest

from credit.portrait.policy import read_portrait_policy
from domain.errors import BadFile
from steelyard.resources import policy_directory

SHIPPED = (policy_directory() / "portrait.toml").read_text(encoding="utf-8")


def test_the_shipped_policy_calls_itself_a_reference_example() -> None:
    assert "参考样式" in SHIPPED.splitlines()[0]
    assert read_portrait_policy(policy_directory() / "portrait.toml").peers.at_least >= 5


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("at_least = 8", "at_least = 4", r"`int` >= 5 - at `\$.peers.at_least`"),
        ("near_cap_permille = 950", "near_cap_permille = 1001", r"`int` <= 1000 - at `\$.prices.near_cap_permille`"),
        ("weeks = 13", "weeks = 1", r"`int` >= 2 - at `\$.span.weeks`"),
        ("keep_days = 400", "keep_days = 90", "counting.keep_days is 90; expected at least the 91 days of the span"),
        ("after_hour = 3", "after_hour = 24", r"`int` <= 23 - at `\$.counting.after_hour`"),
        ("due_at_least = 1", "due_at_least = 1\nmore = 1", r"unknown field `more` - at `\$.response`"),
        ("sales_at_least = 100", "", r"missing required field `sales_at_least` - at `\$.complaints`"),
        ("weeks = 13", "weeks = 2", "volume.held_days_at_least is 14; expected at most the 14 days"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = SHIPPED.replace(was, becomes, 1)
    if becomes == "weeks = 2":
        text = text.replace("held_days_at_least = 14", "held_days_at_least = 15", 1)
        said = "volume.held_days_at_least is 15; expected at most the 14 days of the span"
    (tmp_path / "portrait.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        read_portrait_policy(tmp_path / "portrait.toml")
