"""Ledgers in memory, for tests of what is a pure function of them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from credit.rules.shape import CreditRules
from credit.scoring import charge_for
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent, CreditSource
from domain.ids import MarketId, VendorId

SANYA: Final = "Asia/Shanghai"
NOON: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KINDS: Final = (AlertKind.PRICE_OVER_CAP, AlertKind.TARE_ABUSE, AlertKind.SHORT_WEIGHT, AlertKind.CASE_OPEN)


def line(event_id: int, points: int, at: datetime = NOON, **more: Any) -> CreditEvent:
    """Return a line of one vendor's ledger."""
    values: dict[str, Any] = {
        "market_id": MarketId("m"),
        "vendor_id": VendorId("V-1"),
        "occurred_at": at,
        "recorded_at": at,
        "recorded_by": "manager",
        "reason": AlertKind.PRICE_OVER_CAP.value,
        "rule": "price_over_cap.points.low",
        "rules_version": "1",
        "alert_id": event_id,
    }
    return CreditEvent(event_id=event_id, points=points, **values | more)


def undone(event: CreditEvent, event_id: int, **more: Any) -> CreditEvent:
    """Return the line that gives another one back."""
    values: dict[str, Any] = {"reason": "overturned", "source": event.source, "reverses": event.event_id}
    return line(event_id, -event.points, event.occurred_at, **values | more)


def charged(
    ledger: list[CreditEvent], kind: AlertKind, severity: Severity, at: datetime, rules: CreditRules
) -> CreditEvent | None:
    """Return the line that confirming an alert appends; None where the rules take nothing."""
    charge = charge_for(
        kind=kind,
        severity=severity,
        occurred_at=at,
        business_day=(at + timedelta(hours=8)).date(),
        ledger=ledger,
        rules=rules,
        timezone=SANYA,
    )
    if charge is None:
        return None
    event_id = len(ledger) + 1
    said = {"reason": charge.reason, "rule": charge.rule, "is_veto": charge.is_veto}
    return line(event_id, charge.points, charge.occurred_at, rules_version=rules.version, **said)


@st.composite
def ledgers(draw: st.DrawFn, rules: CreditRules, *, in_order: bool = False) -> list[CreditEvent]:
    """Draw a ledger as these rules make it: alerts of some months, merits, repairs, and some of it given back.

    `in_order`: alerts are confirmed in the order in which they happened, and nothing is given back.
    """
    ledger: list[CreditEvent] = []
    hours = draw(st.lists(st.integers(0, 200 * 24), max_size=12))
    for hour in sorted(hours) if in_order else hours:
        at = NOON - timedelta(hours=hour) if not in_order else NOON - timedelta(days=200) + timedelta(hours=hour)
        what = draw(st.sampled_from(("alert", "alert", "alert", "bonus", "record")))
        made: CreditEvent | None
        if what == "bonus":
            bonus = draw(st.sampled_from(rules.bonus))
            said = {"reason": bonus.name.value, "rule": bonus.name.value, "alert_id": None}
            made = line(len(ledger) + 1, bonus.points, at, source=CreditSource.BONUS, **said)
        elif what == "record":
            rule = draw(st.sampled_from(rules.recorded))
            said = {"reason": rule.name, "rule": rule.name, "alert_id": None}
            points = draw(st.integers(rule.least, rule.most))
            made = line(len(ledger) + 1, points, at, source=CreditSource.RECORD, evidence="d", **said)
        else:
            made = charged(ledger, draw(st.sampled_from(KINDS)), draw(st.sampled_from(Severity)), at, rules)
        if made is None:
            continue
        ledger.append(made)
        most = -made.points * rules.repair.most_percent // 100
        if most > 0 and not made.is_veto and draw(st.integers(0, 3)) == 0:
            repair: dict[str, Any] = {"reason": "repair", "rule": "repair", "source": CreditSource.REPAIR}
            ledger.append(line(len(ledger) + 1, most, at, **repair, alert_id=None, repairs=made.event_id))
    if not in_order:
        for event in draw(st.lists(st.sampled_from(ledger), unique=True)) if ledger else []:
            ledger += [undone(one, len(ledger) + 1 + n) for n, one in enumerate(_with_repairs(event, ledger))]
    return ledger


def _with_repairs(event: CreditEvent, ledger: list[CreditEvent]) -> list[CreditEvent]:
    known = {one.reverses for one in ledger}
    own = [one for one in ledger if one.repairs == event.event_id]
    return [one for one in (*own, event) if one.event_id not in known]
