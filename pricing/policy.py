"""`policy/rules.toml`: which weighings are taken, and what counts as how bad."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity
from domain.device_event import EventKind
from pricing.findings.policy import FindingsPolicy
from tables.toml_file import read_toml

_Count = Annotated[int, Meta(ge=0)]


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times of weighing that are believed, around the time of arrival."""

    future_tolerance_s: _Count
    oldest_days: _Count

    @property
    def future_tolerance(self) -> timedelta:
        """How far after its arrival a weighing may claim to have been made."""
        return timedelta(seconds=self.future_tolerance_s)

    @property
    def oldest(self) -> timedelta:
        """How long before its arrival a weighing may have been made."""
        return timedelta(days=self.oldest_days)


class Judging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tolerances of the rule, in fen."""

    payment_rounding_fen: _Count


class Continuity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a hole in a journal is told of."""

    grace_s: _Count

    @property
    def grace(self) -> timedelta:
        """How long a late line is waited for."""
        return timedelta(seconds=self.grace_s)


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a device's clock is not believed."""

    drift_limit_s: _Count
    measured_over_s: _Count

    @property
    def drift_limit(self) -> timedelta:
        """How far a clock may be off."""
        return timedelta(seconds=self.drift_limit_s)

    @property
    def measured_over(self) -> timedelta:
        """How long messages are compared for one measurement."""
        return timedelta(seconds=self.measured_over_s)


class PurchasePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a vendor's own purchase price makes a cap."""

    valid_days: _Count


class Warnings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a scale is warned of a sale that is committed."""

    fresh_s: _Count

    @property
    def fresh(self) -> timedelta:
        """How long ago a sale may have been made."""
        return timedelta(seconds=self.fresh_s)


class SeverityBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Excess up to and including `up_to_permille` of the cap is this severe; None: whatever is above."""

    name: Severity
    up_to_permille: _Count | None = None


#: What happens to a scale and may be told of in an alert.
TAMPER_KINDS: Final[Mapping[EventKind, AlertKind]] = {
    EventKind.CASE_OPEN: AlertKind.CASE_OPEN,
    EventKind.SEAL_BROKEN: AlertKind.SEAL_BROKEN,
    EventKind.CALIBRATION_CHANGED: AlertKind.CALIBRATION_CHANGED,
    EventKind.FIRMWARE_CHANGED: AlertKind.FIRMWARE_CHANGED,
    EventKind.DEVICE_CHANGED: AlertKind.DEVICE_CHANGED,
    EventKind.CLOCK_CHANGED: AlertKind.CLOCK_CHANGED,
    EventKind.LOCKED: AlertKind.SCALE_LOCKED,
    EventKind.UNLOCKED: AlertKind.SCALE_UNLOCKED,
}


_ABOUT_PRICES: Final = frozenset({AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP})


class TamperRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device event that raises an alert. `beyond_s`: a clock that changed by no more than this does not."""

    event: EventKind
    severity: Severity
    excused_by_maintenance: bool
    legal_basis_zh: Annotated[str, Meta(min_length=1)]
    legal_basis_en: Annotated[str, Meta(min_length=1)]
    beyond_s: _Count = 0


class RulesPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Bands are in rising order and the last has no end."""

    version: str
    in_force_from: date
    acceptance: Acceptance
    judging: Judging
    continuity: Continuity
    clock: Clock
    purchases: PurchasePolicy
    warnings: Warnings
    findings: FindingsPolicy
    severity: tuple[SeverityBand, ...]
    tamper: tuple[TamperRule, ...] = ()

    def tamper_rule(self, kind: AlertKind) -> TamperRule | None:
        """Return the rule behind an alert about what happened to a scale; None where there is none (any more)."""
        return next((rule for rule in self.tamper if TAMPER_KINDS[rule.event] is kind), None)

    @property
    def gravest(self) -> tuple[AlertKind, ...]:
        """The kinds of alerts that are critical whatever a price was."""
        return tuple(TAMPER_KINDS[rule.event] for rule in self.tamper if rule.severity is Severity.CRITICAL)

    def severity_of(self, excess_permille: int) -> Severity:
        """Return how severe an excess over the cap is."""
        for band in self.severity:
            if band.up_to_permille is None or excess_permille <= band.up_to_permille:
                return band.name
        raise AssertionError("the last band has no end: checked when the file was read")

    def severity_by_kind(self, kind: AlertKind, excess_permille: int) -> Severity:
        """Return how severe an alert is: a finding as its rule says, others by how far over the cap it was."""
        return self.findings.severity_of(kind, excess_permille) or self.severity_of(excess_permille)

    def severity_told(self, kind: AlertKind, excess_permille: int) -> Severity | None:
        """Return how severe an alert is; None where it is about the record of a device, which is no conduct."""
        if kind in _ABOUT_PRICES or self.findings.rule_of(kind) is not None:
            return self.severity_by_kind(kind, excess_permille)
        rule = self.tamper_rule(kind)
        return None if rule is None else rule.severity


def read_rules_policy(path: Path) -> RulesPolicy:
    """Read the policy file. Raise BadFile naming what is wrong with it."""
    return read_toml(path, RulesPolicy, _problems)


def _problems(policy: RulesPolicy) -> Iterator[str]:
    bounds = [band.up_to_permille for band in policy.severity]
    ends = [bound for bound in bounds if bound is not None]
    if not bounds or bounds[-1] is not None or len(ends) != len(bounds) - 1 or ends != sorted(set(ends)):
        yield "severity: bands must rise, and only the last is without up_to_permille"
    named = [rule.event for rule in policy.tamper]
    for event in named:
        if event not in TAMPER_KINDS:
            yield f"tamper: {event} raises no alert"
    for event in sorted({one for one in named if named.count(one) > 1}):
        yield f"tamper: {event} is there twice"
