"""The ledger follows what supervision decided: a confirmed alert is charged, an overturned one given back."""

from datetime import datetime

from psycopg import Connection

from credit.rules import CreditRules
from credit.scoring import charge_for
from db import credit
from domain.alert import Alert, AlertAction, AlertState, DismissReason, Severity
from domain.errors import RuleViolation
from domain.ids import MarketId, VendorId
from pricing.policy import RulesPolicy
from supervision.handling import Handled, handle


def handle_alert(
    conn: Connection,
    alert_id: int,
    action: AlertAction,
    *,
    actor: str,
    market_id: MarketId | None,
    now: datetime,
    rules: CreditRules,
    policy: RulesPolicy,
    reason: DismissReason | None = None,
    note: str = "",
) -> Handled:
    """Take a step with an alert and let the vendor's ledger follow, in one transaction.

    How severe the alert is follows from the bands of `policy` and the alert as it is once it is locked: occurrences
    may have come since the page was shown. Raises what `supervision.handling.handle` raises, and
    RuleViolation for confirming an alert that no vendor can answer for.
    """
    with conn.transaction():
        handled = handle(conn, alert_id, action, actor=actor, market_id=market_id, now=now, reason=reason, note=note)
        if handled.step.to_state is AlertState.CONFIRMED:
            severity = policy.severity_by_kind(handled.alert.kind, handled.alert.worst_excess_permille)
            _charge(conn, handled.alert, actor=actor, now=now, rules=rules, severity=severity)
        elif handled.step.to_state is AlertState.OVERTURNED:
            _give_back(conn, handled.alert, actor=actor, now=now, rules=rules)
    return handled


def _charge(
    conn: Connection, alert: Alert, *, actor: str, now: datetime, rules: CreditRules, severity: Severity
) -> None:
    if rules.deduction_for(alert.kind) is None:
        return
    vendor_id = _vendor_of(alert)
    credit.lock_vendor(conn, alert.market_id, vendor_id)
    charge = charge_for(
        kind=alert.kind,
        severity=severity,
        occurred_at=alert.last_at,
        business_day=alert.business_day,
        ledger=credit.of_vendor(conn, alert.market_id, vendor_id),
        rules=rules,
        timezone=alert.timezone,
    )
    if charge is None:
        return
    credit.append(
        conn,
        market_id=alert.market_id,
        vendor_id=vendor_id,
        occurred_at=alert.last_at,
        recorded_at=now,
        recorded_by=actor,
        reason=charge.reason,
        points=charge.points,
        rule=charge.rule,
        rules_version=rules.version,
        alert_id=alert.alert_id,
    )


def _give_back(conn: Connection, alert: Alert, *, actor: str, now: datetime, rules: CreditRules) -> None:
    if alert.vendor_id is None:
        return
    credit.lock_vendor(conn, alert.market_id, alert.vendor_id)
    for event in credit.of_vendor(conn, alert.market_id, alert.vendor_id):
        if event.alert_id == alert.alert_id and event.reverses is None:
            credit.append(
                conn,
                market_id=event.market_id,
                vendor_id=event.vendor_id,
                occurred_at=event.occurred_at,
                recorded_at=now,
                recorded_by=actor,
                reason="overturned",
                points=-event.points,
                rule="overturned",
                rules_version=rules.version,
                alert_id=alert.alert_id,
                reverses=event.event_id,
            )


def _vendor_of(alert: Alert) -> VendorId:
    if alert.vendor_id is None:
        raise RuleViolation(
            f"alert {alert.alert_id} names no vendor: scale {alert.scale_id} was bound to none; bind the scale first"
        )
    return alert.vendor_id
