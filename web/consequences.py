"""What confirming an alert would take from its vendor's score, and what it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.ledger import charge_of, policies_for, reasons_against
from credit.promises.breaking import broken_by, multiplied
from credit.promises.offering import NotOffered, Standing
from credit.promises.states import GIVEN
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from credit.scoring import Charge, Score, score_at
from db import credit, promises
from domain.alert import Alert
from domain.credit import CreditEvent
from supervision.alerts.states import AWAITING
from web.config import WebConfig
from web.counting import NotCounted, why_not_counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequences:
    """Points are counted without their sign. `score_after`: the score once the alert is confirmed.

    `promise_refused`: why confirming it may end in no promise; empty: it may; None: it is decided already.
    `breaks`: the number of the promise that makes it cost `factor` times as much. `offer_*`: the words of the promise.
    """

    score: Score
    would_take: int
    score_after: int
    taken: int
    given_back: int
    not_counted: NotCounted | None
    promise_refused: tuple[NotOffered, ...] | None = None
    breaks: int | None = None
    factor: int = 1
    offer_zh: str = ""
    offer_en: str = ""


def consequences_of(conn: Connection, alert: Alert, *, config: WebConfig, now: datetime) -> Consequences | None:
    """Return what an alert means for its vendor's score; None where it means nothing.

    That is where no vendor answers for it, and where the rules hold no deduction for its kind and took none.
    """
    if alert.vendor_id is None:
        return None
    ledger = credit.of_vendor(conn, alert.market_id, alert.vendor_id)
    own = [event for event in ledger if event.alert_id == alert.alert_id]
    vendor = Standing(ledger=ledger, promises=promises.of_vendor(conn, alert.market_id, alert.vendor_id))
    policies = policies_for(conn, config.policies, alert)
    plain = charge_of(alert, vendor, policies) if alert.state in AWAITING else None
    if plain is None and not own:
        return None
    broken = [one for one in vendor.promises if one.state in GIVEN and broken_by(one, alert)]
    charge, by = (None, None) if plain is None else multiplied(plain, broken)
    family = config.promises_policy.family_for(alert.kind)
    names = {"vendor": alert.vendor_name or alert.vendor_id, "market": alert.market_name}
    day = now.astimezone(ZoneInfo(alert.timezone)).date()
    rules = rules_now(conn, config.credit_rules, now)
    score = score_at(ledger, rules, day, alert.timezone)
    taken = [event for event in own if event.reverses is None]
    return Consequences(
        score=score,
        would_take=0 if charge is None else -charge.points,
        score_after=score.score if charge is None else _score_after(alert, ledger, charge, rules, day),
        taken=-sum(event.points for event in taken),
        given_back=sum(event.points for event in own if event.reverses is not None),
        not_counted=(
            why_not_counted(taken[-1], ledger=ledger, score=score, day=day, timezone=alert.timezone) if taken else None
        ),
        promise_refused=(None if plain is None else reasons_against(alert, plain, vendor, policies=policies, now=now)),
        breaks=None if by is None else by.promise_id,
        factor=1 if by is None else by.factor,
        offer_zh="" if family is None else family.text("zh", **names),
        offer_en="" if family is None else family.text("en", **names),
    )


def _score_after(alert: Alert, ledger: Sequence[CreditEvent], charge: Charge, rules: CreditRules, day: date) -> int:
    """Score the ledger as it would be: a worse deduction of the same kind and day may leave it as it is."""
    if alert.vendor_id is None:
        raise ValueError("an alert without a vendor is not charged")
    supposed = CreditEvent(
        event_id=max((event.event_id for event in ledger), default=0) + 1,
        market_id=alert.market_id,
        vendor_id=alert.vendor_id,
        occurred_at=charge.occurred_at,
        recorded_at=alert.last_at,
        recorded_by="",
        reason=charge.reason,
        points=charge.points,
        rule=charge.rule,
        rules_version=rules.version,
        alert_id=alert.alert_id,
        is_veto=charge.is_veto,
    )
    return score_at([*ledger, supposed], rules, day, alert.timezone).score
