"""The file of the risk classes: what is wrong with it is named, all of it at once."""

from pathlib import Path

import pytest

from credit.risk.policy import read_risk_policy
from domain.alert import AlertKind
from domain.errors import BadFile
from domain.supervision_item import RiskClass

SHIPPED = Path(__file__).parents[3] / "policy" / "risk.toml"


def test_the_shipped_file_places_every_kind_of_alert_and_calls_itself_an_example() -> None:
    policy = read_risk_policy(SHIPPED)
    assert sorted([*policy.counted_kinds, *policy.uncounted.kinds]) == sorted(AlertKind)
    assert [policy.class_of(points) for points in (0, 5, 6, 17, 18, 39, 40, 1000)] == [*"AABBCCDD"]
    assert "参考样式" in SHIPPED.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"clock_drift", ', "", "clock_drift stands nowhere"),
        ('"clock_drift"', '"clock_drift", "tare_abuse"', "tare_abuse stands 2 times"),
        ('name = "tamper"', 'name = "price"', "confirmed.name price is there already"),
        ('name = "tamper"', 'name = "complaints"', "confirmed.name complaints is there already"),
        ("{ low = 1, medium = 3,", "{ low = 4, medium = 3,", "confirmed.points of price are [4, 3, 6, 10]"),
        ("{ low = 1, medium = 3, high = 6,", "{ low = 1, medium = 3,", "confirmed.points of price lack high"),
        ("1000, 1000, 1000, 850", "1000, 900, 1000, 850", "decay_permille"),
        ("months = 3\nnear", "months = 13\nnear", "prices.months is 13; expected 12 at most"),
        ("{ from = 3, points = 3 }", "{ from = 30, points = 3 }", "prices.over goes from [30, 10, 30]"),
        ("from_points = 18", "from_points = 6", "class.from_points are [0, 6, 6, 40]"),
        ('name = "B"\nfrom', 'name = "A"\nfrom', "class.name are ['A', 'A', 'C', 'D']"),
        ("inspected_permille = [30, 50]", "inspected_permille = [50, 30]", "class.inspected_permille of B"),
        ('default_class = "B"', 'default_class = "A"', "data.default_class is A"),
        ("{ D = 100, C", "{ A = 100, C", "shares.most_permille has A"),
        ("never_from_points = 60", "never_from_points = 39", "shares.never_from_points is 39; expected 40"),
        ("least_months_before = 3", "least_months_before = 7", "warning.vendor.least_months_before is 7"),
        ("least_months_before = 6", "least_months_before = 13", "warning.market.least_months_before is 13"),
        ("day_of_month = 3", "day_of_month = 29", "day_of_month"),
        ("near_permille = 970", "near_permille = 1001", "near_permille"),
        ("upheld = 5", "upheld = -5", "complaints.upheld"),
        ("most = 60", "most = 60\nother = 1", "other"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "risk.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_risk_policy(path)
    assert said in str(caught.value)


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace('"clock_drift", ', "").replace('default_class = "B"', f'default_class = "{RiskClass.A}"')
    path = tmp_path / "risk.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_risk_policy(path)
    assert "clock_drift" in str(caught.value)
    assert "default_class" in str(caught.value)
