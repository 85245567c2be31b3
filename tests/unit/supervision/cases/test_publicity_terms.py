"""Terms of publicity, and when a penalty is final: each edge of them."""

from datetime import date
from pathlib import Path

import pytest

from domain.errors import BadFile
from domain.publicity import PenaltyKind, PublicityField
from steelyard.resources import policy_directory
from supervision.publicity.policy import read_publicity_policy
from supervision.publicity.terms import is_published, months_after, term_of

SHIPPED = policy_directory() / "publicity.toml"
POLICY = read_publicity_policy(SHIPPED)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 27), 36, date(2029, 11, 27)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one_there_is(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_food_is_repaired_later_and_nothing_is_public_for_more_than_three_years() -> None:
    general, food = (term_of(field, date(2026, 1, 1), POLICY) for field in PublicityField)
    assert general.repairable_from == date(2026, 4, 1)
    assert food.repairable_from == date(2027, 1, 1)
    assert food.published_to == date(2029, 1, 1)


def test_warnings_and_the_simple_procedure_are_not_told() -> None:
    assert is_published(PenaltyKind.FINE, POLICY)
    assert not is_published(PenaltyKind.WARNING, POLICY)
    assert not is_published(PenaltyKind.FINE, POLICY, is_simple=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("months = 36\nrepairable_after_months = 3", "months = 2\nrepairable_after_months = 3", "at most months, 2"),
        ("months = 36", "months = 37", "<= 36"),
        ("[terms.food]", "[terms.goods]", "goods"),
        ('["warning", "unstated"]', '["frown"]', "frown"),
    ],
)
def test_a_policy_that_is_wrong_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "publicity.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        read_publicity_policy(path)
