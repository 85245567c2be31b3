"""Verifications, unfit scales, the tolerance table at its edges, a missing list."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.alert import AlertKind, Severity
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, VendorId
from domain.price_cap import Verdict
from domain.scale import AccuracyClass, ScaleFacts
from domain.weighed import Weighed
from domain.weighing import WeighingKey
from pricing.findings.of_registry import Registered, Standing, cap_list_missing, unregistered, unsuitable, verification
from pricing.findings.short_weight import Reweighed, Tolerance, error_tenths_g, tolerance_for
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory

RULES = read_rules_policy(policy_directory() / "rules.toml")
POLICY = RULES.findings
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
WHERE = Standing(market_id=MarketId("m"), day=TODAY, at=NOW)


def scale(**facts: object) -> Registered:
    registered = ScaleFacts(**facts)  # type: ignore[arg-type]  # each test names facts of its own
    return Registered(scale_id=ScaleId("S-1"), facts=registered, stall_id=None, vendor_id=VendorId("V-1"))


@pytest.mark.parametrize(
    ("left", "kind", "stage"),
    [
        (31, None, None),
        (30, AlertKind.VERIFICATION_DUE, 30),
        (16, AlertKind.VERIFICATION_DUE, 30),
        (15, AlertKind.VERIFICATION_DUE, 15),
        (7, AlertKind.VERIFICATION_DUE, 7),
        (0, AlertKind.VERIFICATION_DUE, 7),
        (-1, AlertKind.VERIFICATION_EXPIRED, -1),
        (-7, AlertKind.VERIFICATION_EXPIRED, -1),
        (-8, AlertKind.VERIFICATION_EXPIRED, -8),
    ],
)
def test_a_verification_is_told_of_at_each_stage_once(left: int, kind: AlertKind | None, stage: int | None) -> None:
    until = TODAY + timedelta(days=left)
    found = list(verification(WHERE, scale(verified_until=until), POLICY))
    assert [one.kind for one in found] == ([] if kind is None else [kind])
    if stage is not None:
        assert found[0].told_as_of == until - timedelta(days=stage)
        assert found[0].figures == {"days": abs(left)}


def test_where_no_verification_is_registered_nothing_is_said() -> None:
    assert list(verification(WHERE, scale(), POLICY)) == []


@pytest.mark.parametrize(
    ("per_kg_fen", "settled_g", "short_g"),
    [
        (3000, 2500, 5),
        (3000, 2501, 10),
        (3000, 15000, 15),
        (3000, 15001, None),
        (3001, 1000, 2),
        (10000, 4000, 4),
        (10000, 6001, None),
        (10001, 500, 1),
        (10001, 501, 2),
        (23000, 2000, 2),
        (23000, 2001, 3),
        (23000, 5001, None),
    ],
)
def test_the_statutory_table(per_kg_fen: int, settled_g: int, short_g: int | None) -> None:
    found = tolerance_for(POLICY.short_weight, settled_g=settled_g, per_kg_fen=per_kg_fen, category="shellfish")
    assert found == Tolerance(short_g, is_statutory=True)


@pytest.mark.parametrize(("settled_g", "short_g"), [(300, 10), (500, 10), (1000, 20)])
def test_live_fish_are_not_in_the_table(settled_g: int, short_g: int) -> None:
    found = tolerance_for(POLICY.short_weight, settled_g=settled_g, per_kg_fen=23000, category="fish")
    assert found == Tolerance(short_g, is_statutory=False)


@pytest.mark.parametrize(("actual_g", "is_short"), [(998, False), (997, True), (1010, False)])
def test_one_gram_beyond_the_tolerance_is_short(actual_g: int, is_short: bool) -> None:
    found = Reweighed(settled_g=1000, actual_g=actual_g, tolerance=Tolerance(2, is_statutory=True))
    assert found.is_short is is_short


def test_above_the_table_nobody_is_called_short() -> None:
    assert not Reweighed(settled_g=9000, actual_g=5000, tolerance=Tolerance(None, is_statutory=True)).is_short


@pytest.mark.parametrize(("permille", "severity"), [(99, Severity.HIGH), (100, Severity.CRITICAL)])
def test_a_tenth_short_is_critical(permille: int, severity: Severity) -> None:
    assert RULES.severity_by_kind(AlertKind.SHORT_WEIGHT, permille) is severity


@pytest.mark.parametrize(
    ("accuracy", "load_g", "tenths"),
    [
        (AccuracyClass.MEDIUM, 2500, 25),
        (AccuracyClass.MEDIUM, 2501, 50),
        (AccuracyClass.MEDIUM, 10001, 75),
        (AccuracyClass.ORDINARY, 250, 25),
        (AccuracyClass.ORDINARY, 1001, 75),
    ],
)
def test_the_permissible_error_of_a_scale_with_e_5_g(accuracy: AccuracyClass, load_g: int, tenths: int) -> None:
    assert error_tenths_g(5, accuracy, load_g) == tenths


@pytest.mark.parametrize(
    ("division_g", "category", "found"),
    [(5, "shellfish", True), (2, "shellfish", False), (5, "fish", False)],
    ids=["e 5 g", "e 2 g", "live fish"],
)
def test_a_scale_too_coarse_for_dear_goods(division_g: int, category: str, found: bool) -> None:
    key = WeighingKey(MarketId("m"), ScaleId("S-1"), JournalId("j"), 1, NOW)
    weighed = Weighed(
        key=key,
        vendor_id=VendorId("V-1"),
        stall_id=None,
        species=SpeciesCode("S01"),
        grade="",
        net_g=1000,
        per_kg_fen=23000,
        verdict=Verdict.WITHIN,
        received_at=NOW,
    )
    coarse = scale(division_g=division_g, accuracy_class=AccuracyClass.MEDIUM)
    seen = list(unsuitable(WHERE, coarse, [weighed], {SpeciesCode("S01"): category}, POLICY))
    assert [one.kind for one in seen] == [AlertKind.SCALE_UNSUITABLE] * found
    assert [one.told_as_of for one in seen] == [date(2026, 11, 1)] * found


@pytest.mark.parametrize(("hour", "has_list", "found"), [(7, False, False), (8, False, True), (8, True, False)])
def test_a_missing_list_is_told_of_from_its_hour_on_and_never_of_a_vendor(
    hour: int, has_list: bool, found: bool
) -> None:
    seen = list(cap_list_missing(WHERE, hour=hour, has_list=has_list, policy=POLICY))
    assert [(one.kind, one.vendor_id) for one in seen] == [(AlertKind.CAP_LIST_MISSING, None)] * found


def test_each_scale_that_nobody_registered_is_told_of() -> None:
    seen = list(unregistered(WHERE, {ScaleId("S-9"): 4}))
    assert [(one.subject, one.figures) for one in seen] == [("scale:S-9", {"messages": 4})]
