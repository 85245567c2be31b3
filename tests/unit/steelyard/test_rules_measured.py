"""The rules keep what they promise on played markets, and a measurement that shows otherwise says so."""

from typing import Any

from pricing.policy import read_rules_policy
from simulators.market.vendors import Trick
from steelyard.bench.rules import FOUND_BY, RulesPlan, broken_promises, measure_rules
from steelyard.resources import data_directory, policy_directory

DATA = data_directory()
PLAN = RulesPlan(
    goods=DATA / "goods.csv", cap_list=DATA / "cap_list_sanya_2013-08-26.csv", markets=1, honest=60, seed=41
)


def measured() -> dict[str, Any]:
    policy = read_rules_policy(policy_directory() / "rules.toml")
    return measure_rules(PLAN, policy)


def test_no_rule_speaks_of_honest_vendors_and_each_finds_its_tricks() -> None:
    found = measured()
    assert broken_promises(found) == []
    assert found["honest_vendor_days"] == 180
    assert {trick for rule in found["rules"].values() for trick in rule["tricks"]} == {one.value for one in FOUND_BY}
    assert all(counts["played"] for rule in found["rules"].values() for counts in rule["tricks"].values())
    weighed_again = found["short_weight"]
    assert weighed_again[Trick.NONE.value]["short"] == 0
    assert weighed_again[Trick.GAIN.value]["short"] == weighed_again[Trick.GAIN.value]["loads"] > 0


def test_every_trick_but_a_calibration_that_cheats_has_a_rule_that_is_to_find_it() -> None:
    assert {trick for trick in Trick if trick not in FOUND_BY} == {Trick.NONE, Trick.GAIN}


def test_a_promise_that_is_broken_is_told() -> None:
    rule = {"false_alarms": 2, "tricks": {"slip": {"played": 100, "found": 94}, "over_cap": {"played": 1, "found": 1}}}
    broken = broken_promises({"honest_vendor_days": 1999, "rules": {"price_over_cap": rule}})
    assert broken == [
        "price_over_cap: 2 false alarms in 1999 vendor-days",
        "price_over_cap: found 94 of 100 days of slip",
    ]
