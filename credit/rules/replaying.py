"""What a ledger would be by other rules: the same facts, charged anew. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from credit.rules.shape import BonusName, CreditRules
from credit.scoring import charge_for, standing
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent, CreditSource

_PERCENT: Final = 100


def replayed(ledger: Sequence[CreditEvent], rules: CreditRules, timezone: str) -> list[CreditEvent]:
    """Return a vendor's standing facts as these rules would have charged them, in the order in which they happened.

    What the rules know nothing of is not there; what people recorded has the nearest points that they allow. A line
    that a promise multiplied is multiplied by as much.
    """
    made: list[CreditEvent] = []
    by_id: dict[int, CreditEvent] = {}
    facts = [event for event in standing(ledger) if event.repairs is None]
    for event in sorted(facts, key=lambda one: (one.occurred_at, one.event_id)):
        anew = _charged(event, made, rules, timezone)
        if anew is not None:
            made.append(anew)
            by_id[anew.event_id] = anew
    repairs = (event for event in standing(ledger) if event.repairs is not None)
    return [*made, *(one for event in repairs if (one := _repaired(event, by_id, rules)) is not None)]


def severity_of(event: CreditEvent) -> Severity | None:
    """Return how severe a charged alert was, as its line says it ("tare_abuse.points.medium …"); None: it does not."""
    name = event.rule.partition(" ")[0].rpartition(".")[2]
    return Severity(name) if name in set(Severity) else None


def _charged(
    event: CreditEvent, before: Sequence[CreditEvent], rules: CreditRules, timezone: str
) -> CreditEvent | None:
    if event.source is CreditSource.RECORD:
        return _recorded(event, rules)
    if event.source is CreditSource.BONUS:
        bonus = rules.bonus_for(BonusName(event.reason))
        return None if bonus is None else replace(event, points=bonus.points)
    severity = severity_of(event)
    if event.reason not in set(AlertKind) or severity is None:
        return event
    charge = charge_for(
        kind=AlertKind(event.reason),
        severity=severity,
        occurred_at=event.occurred_at,
        business_day=event.occurred_at.astimezone(ZoneInfo(timezone)).date(),
        ledger=before,
        rules=rules,
        timezone=timezone,
    )
    if charge is None:
        return None
    return replace(event, points=charge.points * event.factor, rule=charge.rule, is_veto=charge.is_veto)


def _recorded(event: CreditEvent, rules: CreditRules) -> CreditEvent | None:
    rule = rules.recorded_for(event.reason)
    if rule is None:
        return None
    return replace(event, points=max(rule.least, min(rule.most, event.points)), is_veto=rule.is_veto)


def _repaired(event: CreditEvent, by_id: dict[int, CreditEvent], rules: CreditRules) -> CreditEvent | None:
    repaired = None if event.repairs is None else by_id.get(event.repairs)
    if repaired is None or repaired.is_veto:
        return None
    most = -repaired.points * rules.repair.most_percent // _PERCENT
    return replace(event, points=min(event.points, most)) if most > 0 else None
