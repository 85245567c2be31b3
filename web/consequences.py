"""What confirming an alert would take from its vendor's score, and what it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.scoring import Charge, Score, charge_for, score_at
from db import credit
from domain.alert import Alert
from domain.credit import CreditEvent
from supervision.alerts.states import AWAITING
from web.config import WebConfig
from web.counting import NotCounted, why_not_counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequences:
    """Points are counted without their sign. `score_after`: the score once the alert is confirmed."""

    score: Score
    would_take: int
    score_after: int
    taken: int
    given_back: int
    not_counted: NotCounted | None


def consequences_of(conn: Connection, alert: Alert, *, config: WebConfig, now: datetime) -> Consequences | None:
    """Return what an alert means for its vendor's score; None where it means nothing.

    That is where no vendor answers for it, and where the rules hold no deduction for its kind and took none.
    """
    if alert.vendor_id is None:
        return None
    ledger = credit.of_vendor(conn, alert.market_id, alert.vendor_id)
    own = [event for event in ledger if event.alert_id == alert.alert_id]
    charge = _charge(alert, ledger, config) if alert.state in AWAITING else None
    if charge is None and not own:
        return None
    day = now.astimezone(ZoneInfo(alert.timezone)).date()
    score = score_at(ledger, config.credit_rules, day, alert.timezone)
    taken = [event for event in own if event.reverses is None]
    return Consequences(
        score=score,
        would_take=0 if charge is None else -charge.points,
        score_after=score.score if charge is None else _score_after(alert, ledger, charge, config, day),
        taken=-sum(event.points for event in taken),
        given_back=sum(event.points for event in own if event.reverses is not None),
        not_counted=(
            why_not_counted(taken[-1], ledger=ledger, score=score, day=day, timezone=alert.timezone) if taken else None
        ),
    )


def _charge(alert: Alert, ledger: Sequence[CreditEvent], config: WebConfig) -> Charge | None:
    return charge_for(
        kind=alert.kind,
        severity=config.rules_policy.severity_by_kind(alert.kind, alert.worst_excess_permille),
        occurred_at=alert.last_at,
        business_day=alert.business_day,
        ledger=ledger,
        rules=config.credit_rules,
        timezone=alert.timezone,
    )


def _score_after(alert: Alert, ledger: Sequence[CreditEvent], charge: Charge, config: WebConfig, day: date) -> int:
    """Score the ledger as it would be: a worse deduction of the same kind and day may leave it as it is."""
    if alert.vendor_id is None:
        raise ValueError("an alert without a vendor is not charged")
    supposed = CreditEvent(
        event_id=max((event.event_id for event in ledger), default=0) + 1,
        market_id=alert.market_id,
        vendor_id=alert.vendor_id,
        occurred_at=alert.last_at,
        recorded_at=alert.last_at,
        recorded_by="",
        reason=charge.reason,
        points=charge.points,
        rule=charge.rule,
        rules_version=config.credit_rules.version,
        alert_id=alert.alert_id,
    )
    return score_at([*ledger, supposed], config.credit_rules, day, alert.timezone).score
