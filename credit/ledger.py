"""The ledger follows what supervision decided: a confirmed alert is charged, an overturned one given back.

A first minor breach may end in a promise instead (credit/promises), where the person who confirms it says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import Connection

from credit.promises.breaking import on_confirmed, on_overturned
from credit.promises.handling import follow, offer
from credit.promises.offering import NotOffered, Standing, may_offer, new_offer
from credit.promises.policy import PromisesPolicy
from credit.rules.book import rulebook
from credit.rules.shape import CreditRules
from credit.scoring import Charge, charge_for
from db import credit, promises
from domain.alert import Alert, Severity
from domain.alert_step import AlertAction, AlertStep
from domain.errors import FieldRefused
from domain.ids import VendorId
from pricing.policy import RulesPolicy
from supervision.alerts.handling import Actor, Handled, handle
from supervision.alerts.handling import overturn_by_itself as supervision_overturns
from supervision.alerts.needs import Asked, Problem
from supervision.cases.handling import require_no_deciding_case
from supervision.cases.opening import case_for_escalated, tell_cases_of_overturned
from supervision.policy import SupervisionPolicy
from supervision.publicity.publishing import take_off_revoked

_OFFER_FIELD = "offer_promise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policies:
    """What a step is decided and charged by."""

    supervision: SupervisionPolicy
    credit: CreditRules
    rules: RulesPolicy
    promises: PromisesPolicy


class PromiseNotOffered(FieldRefused):
    """A promise was to be offered, and the policy does not allow it: why."""

    def __init__(self, reasons: tuple[NotOffered, ...]) -> None:
        why = ", ".join(reasons)
        super().__init__(_OFFER_FIELD, f"refused: {why}", "a first minor breach", problem=reasons[0].value)
        self.reasons = reasons


def handle_alert(
    conn: Connection,
    alert_id: int,
    asked: Asked,
    *,
    by: Actor,
    now: datetime,
    policies: Policies,
    offers_promise: bool = False,
    of_case: int | None = None,
) -> Handled:
    """Take a step with an alert and let the vendor's ledger and promises follow, in one transaction.

    How severe the alert is follows from the bands of the rules and the alert as it is once it is locked: occurrences
    may have come since the page was shown. `offers_promise`: a confirmation ends in the offer of a promise, and takes
    nothing. `of_case`: the step follows from what was decided in this case; while an alert is in an undecided case,
    what the table leaves to the case is refused here. Raises what `supervision.alerts.handling.handle` raises,
    PromiseNotOffered, and FieldRefused for confirming an alert that no vendor can answer for, or for such a step.
    """
    if offers_promise and asked.action is not AlertAction.CONFIRM:
        expected = f"nothing: {asked.action} offers none"
        raise FieldRefused(_OFFER_FIELD, "true", expected, problem=Problem.NOT_TAKEN)
    with conn.transaction():
        handled = handle(conn, alert_id, asked, by=by, policy=policies.supervision, now=now)
        if of_case is None:
            require_no_deciding_case(conn, handled.alert, asked.action)
        policies = policies_for(conn, policies, handled.alert)
        _follow(conn, handled, now=now, policies=policies, offers_promise=offers_promise, of_case=of_case)
    return handled


def overturn_by_itself(conn: Connection, alert_id: int, *, why: str, now: datetime, policies: Policies) -> None:
    """Overturn a breach of which nothing is left, and give back what it took, in one transaction."""
    with conn.transaction():
        handled = supervision_overturns(conn, alert_id, now, note=why)
        if handled is not None:
            _follow(conn, handled, now=now, policies=policies_for(conn, policies, handled.alert))


def policies_for(conn: Connection, policies: Policies, alert: Alert) -> Policies:
    """Return the policies an alert is charged by: the credit rules of its business day, whenever it is confirmed."""
    return replace(policies, credit=rulebook(conn, policies.credit).at(alert.business_day))


def charge_of(alert: Alert, vendor: Standing, policies: Policies) -> Charge | None:
    """Return what confirming an alert takes by the rules, before promises; None where it takes nothing."""
    return charge_for(
        kind=alert.kind,
        severity=severity_of(alert, policies),
        occurred_at=alert.last_at,
        business_day=alert.business_day,
        ledger=vendor.ledger,
        rules=policies.credit,
        timezone=alert.timezone,
    )


def severity_of(alert: Alert, policies: Policies) -> Severity:
    """Return how severe an alert counts as."""
    return policies.rules.severity_by_kind(alert.kind, alert.worst_excess_permille)


def reasons_against(
    alert: Alert, charge: Charge | None, vendor: Standing, *, policies: Policies, now: datetime
) -> tuple[NotOffered, ...]:
    """Return why confirming an alert may not end in a promise; nothing where it may."""
    return may_offer(
        alert,
        severity_of(alert, policies),
        charge,
        vendor=vendor,
        policy=policies.promises,
        rules=policies.credit,
        now=now,
    )


def _follow(
    conn: Connection,
    handled: Handled,
    *,
    now: datetime,
    policies: Policies,
    offers_promise: bool = False,
    of_case: int | None = None,
) -> None:
    if handled.step.action is AlertAction.CONFIRM:
        _charge(conn, handled.alert, handled.step, now=now, policies=policies, offers_promise=offers_promise)
    elif handled.step.action is AlertAction.OVERTURN:
        _give_back(conn, handled.alert, handled.step, now=now, rules=policies.credit)
        tell_cases_of_overturned(conn, handled.alert.alert_id, handled.step, but=of_case)
        take_off_revoked(conn, handled.alert.alert_id, now)
    elif handled.step.action is AlertAction.ESCALATE:
        step = handled.step
        case_for_escalated(conn, handled.alert, by=step.actor, origin=step.origin, note=step.note, at=now)


def _charge(
    conn: Connection, alert: Alert, step: AlertStep, *, now: datetime, policies: Policies, offers_promise: bool
) -> None:
    if policies.credit.deduction_for(alert.kind) is not None:
        vendor_id = _vendor_of(alert)
    elif alert.vendor_id is not None:
        vendor_id = alert.vendor_id
    elif offers_promise:
        raise PromiseNotOffered((NotOffered.NO_VENDOR,))
    else:
        return
    vendor = _held(conn, alert, vendor_id)
    charge = charge_of(alert, vendor, policies)
    if offers_promise:
        against = reasons_against(alert, charge, vendor, policies=policies, now=now)
        if against or charge is None:
            raise PromiseNotOffered(against or (NotOffered.NOTHING_TO_WAIVE,))
        calendar = policies.supervision.working_calendar
        new = new_offer(alert, charge, policy=policies.promises, rules=policies.credit, calendar=calendar, now=now)
        offer(conn, new, by=step.actor, origin=step.origin, note=step.note)
        return
    follows = on_confirmed(
        alert, charge, ledger=vendor.ledger, promises=vendor.promises, rules_version=policies.credit.version
    )
    follow(conn, alert.market_id, vendor_id, follows, by=step.actor, origin=step.origin, now=now)


def _give_back(conn: Connection, alert: Alert, step: AlertStep, *, now: datetime, rules: CreditRules) -> None:
    if alert.vendor_id is None:
        return
    vendor = _held(conn, alert, alert.vendor_id)
    follows = on_overturned(
        alert.alert_id, ledger=vendor.ledger, promises=vendor.promises, rules_version=rules.version, now=now
    )
    follow(conn, alert.market_id, alert.vendor_id, follows, by=step.actor, origin=step.origin, now=now)


def _held(conn: Connection, alert: Alert, vendor_id: VendorId) -> Standing:
    """Hold a vendor's ledger and promises: of two confirmations the second sees the first."""
    credit.lock_vendor(conn, alert.market_id, vendor_id)
    return Standing(
        ledger=credit.of_vendor(conn, alert.market_id, vendor_id),
        promises=promises.of_vendor(conn, alert.market_id, vendor_id),
    )


def _vendor_of(alert: Alert) -> VendorId:
    if alert.vendor_id is None:
        found = f"nobody: alert {alert.alert_id} names no vendor"
        expected = f"a vendor whom scale {alert.scale_id} was bound to; bind the scale first"
        raise FieldRefused("vendor", found, expected, problem=Problem.NO_VENDOR)
    return alert.vendor_id
