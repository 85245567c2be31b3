"""What happened to a scale beside weighing, and what the shipped policy makes of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from domain.alert import AlertKind, Severity
from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadFile
from pricing.device_findings import finding_of
from pricing.policy import TAMPER_KINDS, read_rules_policy

POLICY_FILE = Path(__file__).parents[3] / "policy" / "rules.toml"
POLICY = read_rules_policy(POLICY_FILE)
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def happened(kind: EventKind, **detail: int) -> DeviceEvent:
    return DeviceEvent(kind=kind, at=NOW, detail=detail)


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        (EventKind.CASE_OPEN, Severity.CRITICAL),
        (EventKind.SEAL_BROKEN, Severity.CRITICAL),
        (EventKind.CALIBRATION_CHANGED, Severity.CRITICAL),
        (EventKind.FIRMWARE_CHANGED, Severity.HIGH),
        (EventKind.DEVICE_CHANGED, Severity.HIGH),
        (EventKind.LOCKED, Severity.HIGH),
        (EventKind.UNLOCKED, Severity.MEDIUM),
        (EventKind.CLOCK_CHANGED, Severity.MEDIUM),
    ],
)
def test_tampering_is_told_with_its_severity_and_legal_basis_outside_maintenance(
    kind: EventKind, severity: Severity
) -> None:
    finding = finding_of(happened(kind), under_maintenance=False, policy=POLICY)
    assert finding is not None
    assert (finding.kind, finding.severity) == (TAMPER_KINDS[kind], severity)
    assert finding.legal_basis_zh
    assert finding.legal_basis_en
    assert finding_of(happened(kind), under_maintenance=True, policy=POLICY) is None


@pytest.mark.parametrize("kind", sorted(set(EventKind) - set(TAMPER_KINDS)))
def test_what_happens_every_day_is_no_finding(kind: EventKind) -> None:
    assert finding_of(happened(kind), under_maintenance=False, policy=POLICY) is None


@pytest.mark.parametrize(
    ("detail", "is_told"),
    [
        ({"step_ms": 120_000}, False),
        ({"step_ms": 120_001}, True),
        ({"step_ms": -120_001}, True),
        ({"offset_ms": 3_600_000, "error_ms": 40}, True),
        ({"offset_ms": 12, "error_ms": 200_000}, False),
        ({}, True),
    ],
    ids=["at the limit", "beyond it", "back beyond it", "found off", "right again", "does not say"],
)
def test_a_clock_may_be_moved_as_far_as_it_may_be_off(detail: dict[str, int], is_told: bool) -> None:
    event = happened(EventKind.CLOCK_CHANGED, **detail)
    assert (finding_of(event, under_maintenance=False, policy=POLICY) is not None) == is_told


def test_only_what_the_policy_names_is_told() -> None:
    silent = structs.replace(POLICY, tamper=())
    assert finding_of(happened(EventKind.CASE_OPEN), under_maintenance=False, policy=silent) is None
    assert silent.tamper_rule(AlertKind.CASE_OPEN) is None
    strict = structs.replace(
        POLICY, tamper=tuple(structs.replace(rule, excused_by_maintenance=False) for rule in POLICY.tamper)
    )
    assert finding_of(happened(EventKind.CASE_OPEN), under_maintenance=True, policy=strict) is not None


def test_the_critical_ones_come_before_any_price() -> None:
    assert set(POLICY.gravest) == {AlertKind.CASE_OPEN, AlertKind.SEAL_BROKEN, AlertKind.CALIBRATION_CHANGED}


@pytest.mark.parametrize(
    ("event", "problem"), [("tare", "tare raises no alert"), ("case_open", "case_open is there twice")]
)
def test_a_policy_that_cannot_be_meant_is_refused(tmp_path: Path, event: str, problem: str) -> None:
    more = f'\n[[tamper]]\nevent = "{event}"\nseverity = "low"\nexcused_by_maintenance = true\n'
    file = tmp_path / "rules.toml"
    words = 'legal_basis_zh = "x"\nlegal_basis_en = "x"\n'
    file.write_text(POLICY_FILE.read_text(encoding="utf-8") + more + words, encoding="utf-8")
    with pytest.raises(BadFile, match=problem):
        read_rules_policy(file)
