"""Put final penalties on the list, and take off what is over or revoked."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import alert_steps, alerts, cases, publicity
from db.publicity import WaitingDecision, WaitingPenalty
from domain.alert_step import AlertStep
from domain.case import Case, CaseDecision
from domain.ids import MarketId, VendorId
from domain.publicity import NewPublicityEntry, PenaltyKind, PublicityField, TakenOffWhy
from supervision.alerts.appeals import last_day_of_appeal
from supervision.policy import SupervisionPolicy
from supervision.publicity.policy import PublicityPolicy
from supervision.publicity.terms import Finality, final_together, finality, is_published, term_of

_AT_ONCE: Final = 200


def publish_final(conn: Connection, now: datetime, *, policy: PublicityPolicy, supervision: SupervisionPolicy) -> int:
    """Put each recorded penalty that became final on the list, each in a transaction; return how many."""
    published, after = 0, 0
    never = policy.not_published
    while waiting := publicity.waiting(conn, not_published=never, after=after, limit=_AT_ONCE):
        published += sum(_publish(conn, one, now, policy, supervision) for one in waiting)
        after = waiting[-1].alert_step_id
    after = 0
    while decided := publicity.waiting_decisions(conn, not_published=never, after=after, limit=_AT_ONCE):
        published += sum(_publish_decision(conn, one, now, policy, supervision) for one in decided)
        after = decided[-1].decision_id
    publicity.forget_awaited(conn, not_published=never)
    return published


def take_off_expired(conn: Connection, now: datetime) -> int:
    """Take off what is public no longer, in one transaction; return how many."""
    with conn.transaction():
        return sum(publicity.take_off(conn, one, TakenOffWhy.EXPIRED, now) for one in publicity.expired(conn, now))


def take_off_revoked(conn: Connection, alert_id: int, now: datetime) -> int:
    """Take off what an overturned alert leaves nothing of, within the caller's transaction; return how many."""
    found = publicity.revoked_with(conn, alert_id)
    return sum(publicity.take_off(conn, one, TakenOffWhy.REVOKED, now) for one in found)


def take_off_document(conn: Connection, case: Case, decision: CaseDecision, now: datetime) -> int:
    """Take off what a revoked case had decided, within the transaction of a caller who holds it; return how many."""
    document = {"authority": decision.authority, "document_no": decision.document_no}
    found = publicity.of_document(conn, case.market_id, case.vendor_id, **document)
    return sum(publicity.take_off(conn, one, TakenOffWhy.REVOKED, now) for one in found)


def _publish(
    conn: Connection, one: WaitingPenalty, now: datetime, policy: PublicityPolicy, supervision: SupervisionPolicy
) -> bool:
    today = now.astimezone(ZoneInfo(one.timezone)).date()
    with conn.transaction():
        if not _is_final(conn, one, supervision, today):
            return False
        kind = PenaltyKind(one.kind or PenaltyKind.UNSTATED)
        if not is_published(kind, policy, is_simple=bool(one.is_simple)):
            return False
        entry = NewPublicityEntry(
            market_id=one.market_id,
            vendor_id=one.vendor_id,
            case_id=one.case_id,
            alert_id=one.alert_id,
            document_no=one.penalty_document_no,
            authority=one.penalty_authority,
            decided_on=one.penalty_decided_on,
            kind=kind,
            decision=one.penalty_decision,
            basis=one.basis or "",
            amount_fen=one.amount_fen,
            policy_version=policy.version,
            term=term_of(PublicityField(one.field or PublicityField.GENERAL), today, policy),
        )
        return publicity.add(conn, entry) is not None


def _publish_decision(
    conn: Connection, one: WaitingDecision, now: datetime, policy: PublicityPolicy, supervision: SupervisionPolicy
) -> bool:
    today = now.astimezone(ZoneInfo(one.timezone)).date()
    if today <= last_day_of_appeal(one.recorded_at, supervision, one.timezone):
        return False
    with conn.transaction():
        trails = _held_trails(conn, one.market_id, one.vendor_id, one.authority, one.document_no)
        cases.by_id_locked(conn, one.case_id)
        still = publicity.waiting_decisions(
            conn, not_published=policy.not_published, decision_id=one.decision_id, limit=1
        )
        document = (one.authority, one.document_no)
        each = [finality(trail, supervision, today=today, timezone=one.timezone, document=document) for trail in trails]
        if not still or Finality.OPEN in each:
            return False
        entry = NewPublicityEntry(
            market_id=one.market_id,
            vendor_id=one.vendor_id,
            case_id=one.case_id,
            alert_id=None,
            document_no=one.document_no,
            authority=one.authority,
            decided_on=one.decided_on,
            kind=PenaltyKind(one.kind),
            decision=one.decision,
            basis=one.basis,
            amount_fen=one.amount_fen,
            policy_version=policy.version,
            term=term_of(PublicityField(one.field), today, policy),
        )
        return publicity.add(conn, entry) is not None


def _is_final(conn: Connection, one: WaitingPenalty, supervision: SupervisionPolicy, today: date) -> bool:
    """Say whether a document is final over each alert that carries it; they are held."""
    document = (one.penalty_authority, one.penalty_document_no)
    trails = _held_trails(conn, one.market_id, one.vendor_id, *document)
    return final_together(
        finality(trail, supervision, today=today, timezone=one.timezone, document=document) for trail in trails
    )


def _held_trails(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, authority: str, document_no: str
) -> list[list[AlertStep]]:
    """Hold every alert that carries a document: what becomes of one while this looks is seen."""
    carrying = alert_steps.carrying(conn, market_id, vendor_id, authority=authority, document_no=document_no)
    alerts.hold(conn, carrying)
    return [alert_steps.of_alert(conn, alert_id) for alert_id in carrying]
