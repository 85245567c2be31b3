"""The ledger follows what supervision decided: a confirmed alert is charged, an overturned one given back."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from credit.rules import CreditRules
from credit.scoring import charge_for
from db import credit
from domain.alert import Alert, Severity
from domain.alert_step import AlertAction
from domain.errors import FieldRefused
from domain.ids import VendorId
from pricing.policy import RulesPolicy
from supervision.alerts.handling import Actor, Handled, handle
from supervision.alerts.handling import overturn_by_itself as supervision_overturns
from supervision.alerts.needs import Asked, Problem
from supervision.policy import SupervisionPolicy
from supervision.publicity.publishing import take_off_revoked


@dataclass(frozen=True, kw_only=True, slots=True)
class Policies:
    """What a step is decided and charged by."""

    supervision: SupervisionPolicy
    credit: CreditRules
    rules: RulesPolicy


def handle_alert(
    conn: Connection,
    alert_id: int,
    asked: Asked,
    *,
    by: Actor,
    now: datetime,
    policies: Policies,
) -> Handled:
    """Take a step with an alert and let the vendor's ledger follow, in one transaction.

    How severe the alert is follows from the bands of the rules and the alert as it is once it is locked: occurrences
    may have come since the page was shown. Raises what `supervision.alerts.handling.handle` raises, and
    FieldRefused for confirming an alert that no vendor can answer for.
    """
    with conn.transaction():
        handled = handle(conn, alert_id, asked, by=by, policy=policies.supervision, now=now)
        _follow(conn, handled, now=now, policies=policies)
    return handled


def overturn_by_itself(conn: Connection, alert_id: int, *, why: str, now: datetime, policies: Policies) -> None:
    """Overturn a breach of which nothing is left, and give back what it took, in one transaction."""
    with conn.transaction():
        handled = supervision_overturns(conn, alert_id, now, note=why)
        if handled is not None:
            _follow(conn, handled, now=now, policies=policies)


def _follow(conn: Connection, handled: Handled, *, now: datetime, policies: Policies) -> None:
    actor = handled.step.actor
    if handled.step.action is AlertAction.CONFIRM:
        severity = policies.rules.severity_by_kind(handled.alert.kind, handled.alert.worst_excess_permille)
        _charge(conn, handled.alert, actor=actor, now=now, rules=policies.credit, severity=severity)
    elif handled.step.action is AlertAction.OVERTURN:
        _give_back(conn, handled.alert, actor=actor, now=now, rules=policies.credit)
        take_off_revoked(conn, handled.alert.alert_id, now)


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
        found = f"nobody: alert {alert.alert_id} names no vendor"
        expected = f"a vendor whom scale {alert.scale_id} was bound to; bind the scale first"
        raise FieldRefused("vendor", found, expected, problem=Problem.NO_VENDOR)
    return alert.vendor_id
