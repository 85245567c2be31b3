"""What can be put on record, by whom, with how many points, for which day: pure."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from credit.records.entry import LONGEST_NUMBER, LONGEST_WORDS, Entry, Problem, day_of, read_entry, reason_of, rules_for
from domain.errors import FieldRefused, NotAllowed
from supervision.alerts.states import Authority
from tests.unit.credit.test_scoring import RULES, SANYA

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 in Sanya
ENTRY = Entry(name="no_price_tag", document_no="巡-7", evidence="一条鱼未标价", happened_on="2026-11-21")
PENALTY = Entry(name="administrative_penalty", document_no="琼监罚1", evidence="见决定书", happened_on="2026-11-21")


def read(entry: Entry, authority: Authority = Authority.REGULATOR) -> tuple[int, date, datetime]:
    taken = read_entry(entry, rules=RULES, authority=authority, now=NOW, timezone=SANYA)
    return taken.points, taken.happened_on, taken.occurred_at


def refused(entry: Entry, authority: Authority = Authority.REGULATOR) -> FieldRefused:
    with pytest.raises(FieldRefused) as error:
        read(entry, authority)
    return error.value


def test_points_are_left_out_where_the_rule_leaves_no_choice_and_it_counts_at_noon() -> None:
    assert read(ENTRY) == (-2, date(2026, 11, 21), datetime(2026, 11, 21, 4, 0, tzinfo=UTC))


def test_what_happened_today_does_not_count_before_it_was_recorded() -> None:
    assert read(replace(ENTRY, happened_on="2026-11-22"))[2] == NOW


@pytest.mark.parametrize("typed", ["-40", "-10", " −15 "])
def test_points_within_the_bounds_are_taken(typed: str) -> None:
    assert read(replace(PENALTY, points=typed))[0] == int(typed.strip().replace("−", "-"))


@pytest.mark.parametrize("typed", ["", "-41", "-9", "0", "10", "x", "-1.5", "-99999", "１０", "--10"])
def test_points_outside_the_bounds_name_value_and_expectation(typed: str) -> None:
    error = refused(replace(PENALTY, points=typed))
    assert (error.field, error.problem, error.facts) == (
        "points",
        Problem.NOT_POINTS,
        {"value": typed, "least": "-40", "most": "-10"},
    )
    assert "a whole number from -40 to -10" in str(error)


@pytest.mark.parametrize("day", ["2026-10-01", "2026-11-22"], ids=["the cycle's first day", "today"])
def test_a_day_of_the_running_cycle_is_taken(day: str) -> None:
    assert read(replace(ENTRY, happened_on=day))[1] == date.fromisoformat(day)


@pytest.mark.parametrize("day", ["2026-09-30", "2026-11-23"], ids=["before the cycle", "tomorrow"])
def test_no_other_day_is(day: str) -> None:
    error = refused(replace(ENTRY, happened_on=day))
    assert (error.field, error.problem) == ("happened_on", Problem.NOT_IN_CYCLE)
    assert error.facts == {"value": day, "first": "2026-10-01", "last": "2026-11-22"}


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-02-30"])
def test_what_is_no_day_is_refused_as_that(typed: str) -> None:
    with pytest.raises(FieldRefused) as error:
        day_of(replace(ENTRY, happened_on=typed))
    assert (error.value.field, error.value.problem) == ("happened_on", Problem.NOT_A_DAY)


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"document_no": " "}, "document_no", Problem.MISSING),
        ({"document_no": "9" * (LONGEST_NUMBER + 1)}, "document_no", Problem.TOO_LONG),
        ({"evidence": ""}, "evidence", Problem.MISSING),
        ({"evidence": "长" * (LONGEST_WORDS + 1)}, "evidence", Problem.TOO_LONG),
        ({"name": ""}, "name", Problem.MISSING),
        ({"name": "price_over_cap"}, "name", Problem.NO_SUCH_RULE),
    ],
)
def test_what_is_missing_or_too_long_is_told_by_its_field(change: dict[str, str], field: str, problem: Problem) -> None:
    error = refused(replace(ENTRY, **change))
    assert (error.field, error.problem) == (field, problem)


def test_a_manager_records_what_the_rules_leave_to_a_manager() -> None:
    assert read(ENTRY, Authority.MARKET)[0] == -2
    with pytest.raises(NotAllowed, match="administrative_penalty is put on record by a regulator"):
        read(replace(PENALTY, points="-10"), Authority.MARKET)
    assert {rule.name for rule in rules_for(Authority.MARKET, RULES)} < {
        rule.name for rule in rules_for(Authority.REGULATOR, RULES)
    }


def test_a_withdrawal_says_why() -> None:
    assert reason_of(" 张冠李戴 ") == "张冠李戴"
    with pytest.raises(FieldRefused):
        reason_of("  ")
