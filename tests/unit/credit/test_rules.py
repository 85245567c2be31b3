"""The file of credit rules: each mistake is told with its line and field, and each number means what it says."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules.reading import parse_credit_rules, read_credit_rules
from credit.rules.versions import Rulebook
from domain.alert import AlertKind, Severity
from domain.errors import BadFile
from steelyard.resources import policy_directory

SHIPPED = policy_directory() / "credit.toml"
EXAMPLES = sorted((policy_directory() / "credit-examples").glob("*.toml"))
TEXT = SHIPPED.read_text(encoding="utf-8")
RULES = read_credit_rules(SHIPPED)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("base = 100", "base = 200", "base is 200; expected between floor 0 and ceiling 110"),
        ("ceiling = 110", "ceiling = true", "Expected `int`, got `bool` - at `$.ceiling`"),
        ("repeat_percent = 150", "repeat_percent = 90", "Expected `int` >= 100 - at `$.repeat_percent`"),
        ("from_points = 75", "from_points = 95", "tier B.from_points is 95; expected below 90"),
        ("from_points = 0", "from_points = 10", "tier D.from_points is 10; expected the floor 0 for the last"),
        ('colour = "#1b7f4b"', 'colour = "green"', "Expected `str` matching regex"),
        ('praised = ["A"]', 'praised = ["A", "E"]', "publicity.praised names E; expected one of A, B, C, D"),
        ("most_percent = 50", "most_percent = 150", "Expected `int` <= 100"),
        ("grave_clean_days = 60", "grave_clean_days = 10", "grave_clean_days is 10; expected at least clean_days 30"),
        ('efforts = ["training", "promise"]', "efforts = []", "Expected `array` of length >= 1"),
        ("points = { low = -1, medium", "points = { medium", "deduction price_over_cap.points lacks low"),
        ("points = { low = -1, ", "points = { low = 1, ", "Expected `int` <= -1 - at `$.deduction[0].points[...]`"),
        ('kind = "price_scaled"', 'kind = "price_over_cap"', "deduction price_over_cap stands twice"),
        ('kind = "price_scaled"', 'kind = "prices_scaled"', "Invalid enum value 'prices_scaled'"),
        ('veto = ["critical"]', 'veto = ["worst"]', "Invalid enum value 'worst'"),
        ('name = "award"', 'name = "tare_abuse"', "recorded tare_abuse: the name is taken"),
        ('name = "award"', 'name = "repair"', "recorded repair: the name is taken"),
        ("least = -40", "least = -5", "recorded administrative_penalty takes -5 to -10; expected least up to most"),
        ("most = -10", "most = 10", "recorded administrative_penalty takes -40 to 10; expected least up to most"),
        ('name = "clean_month"', 'name = "clean_year"', "Invalid enum value 'clean_year'"),
        (
            "most_a_cycle = 3\nat_least_days",
            "most_a_cycle = 3\nmost_a_week = 1\nat_least_days",
            "unknown field `most_a_week`",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(old: str, new: str, says: str) -> None:
    assert old in TEXT
    wrong = TEXT.replace(old, new, 1)
    with pytest.raises(BadFile) as refused:
        parse_credit_rules("credit.toml", wrong)
    [problem] = [one for one in refused.value.problems if says in one]
    told = int(problem.removeprefix("line ").partition(":")[0])
    # At the line itself, or where its table begins for what the table lacks, has too much or repeats.
    at = TEXT[: TEXT.index(old)].count("\n") + 1
    begins = max(
        n for n, line in enumerate(wrong.splitlines(), start=1) if n <= at and (line.startswith("[") or n == 1)
    )
    assert begins <= told <= at + new.count("\n")


def test_every_problem_is_told_at_once() -> None:
    wrong = TEXT.replace("base = 100", "base = 200", 1).replace("from_points = 75", "from_points = 95", 1)
    with pytest.raises(BadFile) as refused:
        parse_credit_rules("credit.toml", wrong)
    assert len(refused.value.problems) == 2


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(BadFile, match="line 3"):
        parse_credit_rules("credit.toml", 'version = "1"\n\nbase 100\n')


@pytest.mark.parametrize("path", [SHIPPED, *EXAMPLES], ids=lambda path: path.stem)
def test_what_is_shipped_is_whole_and_says_that_it_is_an_example(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "参考样式" in text.splitlines()[0]
    assert read_credit_rules(path).publicity.praised


def test_three_schemes_are_shipped() -> None:
    tiers = {path.stem: [tier.name for tier in read_credit_rules(path).tier] for path in (SHIPPED, *EXAMPLES)}
    assert tiers == {
        "credit": ["A", "B", "C", "D"],
        "red-orange-blue-black": ["红", "橙", "蓝", "黑"],
        "twelve-points": ["AAA", "AA", "A", "B", "C", "D"],
    }


@given(points=st.integers(-1000, -1), percent=st.integers(100, 1000))
def test_a_repeat_takes_its_share_rounded_up_and_never_less(points: int, percent: int) -> None:
    rule = msgspec.structs.replace(RULES.deduction[0], points=dict.fromkeys(Severity, points), repeat_percent=percent)
    taken = -RULES.points_for(rule, Severity.LOW, is_repeat=True)
    assert taken >= -points
    assert 100 * (taken - 1) < -points * percent <= 100 * taken


def test_the_shipped_repeats_are_one_and_a_half_times_and_vetoes_are_not_multiplied() -> None:
    price, opened = RULES.deduction_for(AlertKind.PRICE_OVER_CAP), RULES.deduction_for(AlertKind.CASE_OPEN)
    assert price is not None
    assert opened is not None
    assert [RULES.points_for(price, one, is_repeat=True) for one in Severity] == [
        -((-price.points[one] * 3 + 1) // 2) for one in Severity
    ]
    assert RULES.points_for(opened, Severity.LOW, is_repeat=True) == opened.points[Severity.LOW]


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2025, 1, 1), "first"),
        (date(2026, 12, 31), "first"),
        (date(2027, 1, 1), "second"),
        (date(2027, 6, 30), "second"),
        (date(2027, 7, 1), "third"),
        (date(2050, 1, 1), "third"),
    ],
)
def test_each_day_has_the_version_of_its_own(day: date, version: str) -> None:
    begins = {"first": date(2026, 1, 1), "second": date(2027, 1, 1), "third": date(2027, 7, 1)}
    book = Rulebook(
        tuple(msgspec.structs.replace(RULES, version=name, in_force_from=at) for name, at in begins.items())
    )
    assert book.at(day).version == version
    assert book.version(version) is book.at(day)
    assert book.version("fourth") is None
