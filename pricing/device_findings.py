"""What happened to a scale beside weighing, and whether an alert tells of it. Pure."""

from dataclasses import dataclass

from domain.alert import AlertKind, Severity
from domain.device_event import DeviceEvent, EventKind
from pricing.policy import TAMPER_KINDS, RulesPolicy, TamperRule

_MS_IN_A_S = 1000
#: What a clock event says of how far: stepped by, or found off by.
_CLOCK_FACTS = ("step_ms", "offset_ms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """An event that an alert tells of, and how grave the policy holds it to be."""

    kind: AlertKind
    severity: Severity
    legal_basis_zh: str
    legal_basis_en: str


def finding_of(event: DeviceEvent, *, under_maintenance: bool, policy: RulesPolicy) -> Finding | None:
    """Say what is to be told of an event; None where the policy does not name it, or something excuses it."""
    rule = next((one for one in policy.tamper if one.event is event.kind), None)
    if rule is None or (under_maintenance and rule.excused_by_maintenance) or not _is_far_enough(event, rule):
        return None
    return Finding(
        kind=TAMPER_KINDS[event.kind],
        severity=rule.severity,
        legal_basis_zh=rule.legal_basis_zh,
        legal_basis_en=rule.legal_basis_en,
    )


def may_be_told(kind: EventKind, policy: RulesPolicy) -> bool:
    """Say whether events of a kind can come to anything, so that nothing is looked up for those that cannot."""
    return any(rule.event is kind for rule in policy.tamper)


def _is_far_enough(event: DeviceEvent, rule: TamperRule) -> bool:
    """A clock that does not say by how much it changed is told of: nothing speaks for it."""
    if event.kind is not EventKind.CLOCK_CHANGED:
        return True
    said = [value for fact in _CLOCK_FACTS if isinstance(value := event.detail.get(fact), int)]
    return not said or max(map(abs, said)) > rule.beyond_s * _MS_IN_A_S
