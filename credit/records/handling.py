"""Records in the database: each with its line of the ledger, withdrawn by giving that line back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.promises.breaking import given_back
from credit.promises.handling import append_lines
from credit.records.entry import Entry, Problem, Taken, day_of, read_entry, reason_of
from credit.rules.book import rulebook, rules_now
from credit.rules.shape import CreditRules
from db import credit, credit_records, registry
from domain.credit import CreditSource
from domain.credit_record import CreditRecord, NewCreditRecord
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import MarketId, VendorId
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority

#: The reason of a line that gives back what was put on record.
WITHDRAWN: Final = "record_withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class PutOnRecord:
    """A record, and whether it was put on record now; it was before where it came twice."""

    record: CreditRecord
    is_new: bool


def put_on_record(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    entry: Entry,
    *,
    by: Actor,
    shipped: CreditRules,
    now: datetime,
) -> PutOnRecord:
    """Put something on record with its line of the ledger, in one transaction, by the rules of its day.

    The same document, rule, vendor and day again changes nothing. Raise NotFound, NotAllowed, FieldRefused.
    """
    _require_seen(by, market_id, f"vendor {vendor_id} in market {market_id}")
    timezone = _timezone(conn, market_id)
    with conn.transaction():
        credit.lock_vendor(conn, market_id, vendor_id)
        if registry.vendor(conn, market_id, vendor_id, now) is None:
            raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
        rules = rulebook(conn, shipped).at(day_of(entry))
        taken = read_entry(entry, rules=rules, authority=by.authority, now=now, timezone=timezone)
        known = credit_records.the_same(
            conn,
            market_id,
            vendor_id,
            name=taken.rule.name,
            document_no=taken.document_no,
            happened_on=taken.happened_on,
        )
        if known is not None:
            _require_same(known, taken)
            return PutOnRecord(record=known, is_new=False)
        new = _appended(conn, market_id, vendor_id, taken, by=by, rules=rules, now=now)
        record_id = credit_records.add(conn, new)
    return PutOnRecord(record=_existing(conn, record_id, by), is_new=True)


def withdraw(
    conn: Connection, record_id: int, reason: str, *, by: Actor, shipped: CreditRules, now: datetime
) -> CreditRecord:
    """Withdraw a record, and give back what it moved and what was repaired of it, in one transaction.

    By a regulator who did not put it on record. Raise NotFound, NotAllowed, FieldRefused, IllegalTransition.
    """
    if by.authority is not Authority.REGULATOR:
        raise NotAllowed("only a regulator may withdraw what was put on record")
    found = _existing(conn, record_id, by)
    with conn.transaction():
        credit.lock_vendor(conn, found.market_id, found.vendor_id)
        record = _existing(conn, record_id, by)
        if record.withdrawn_at is not None:
            told = f"record {record_id} was withdrawn by {record.withdrawn_by} already"
            raise IllegalTransition(told, problem="late")
        if record.recorded_by == by.username:
            expected = "a regulator who did not put it on record"
            raise FieldRefused("actor", repr(by.username), expected, problem=Problem.OWN_RECORD)
        why = reason_of(reason)
        ledger = credit.of_vendor(conn, record.market_id, record.vendor_id)
        event = next(one for one in ledger if one.event_id == record.event_id)
        version = rules_now(conn, shipped, now).version
        lines = given_back(event, ledger, WITHDRAWN, version, evidence=why)
        append_lines(conn, record.market_id, record.vendor_id, tuple(lines), by=by.username, now=now)
        credit_records.withdraw(conn, record_id, by=by.username, why=why, at=now)
    return _existing(conn, record_id, by)


def _appended(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    taken: Taken,
    *,
    by: Actor,
    rules: CreditRules,
    now: datetime,
) -> NewCreditRecord:
    event_id = credit.append(
        conn,
        market_id=market_id,
        vendor_id=vendor_id,
        occurred_at=taken.occurred_at,
        recorded_at=now,
        recorded_by=by.username,
        reason=taken.rule.name,
        points=taken.points,
        rule=f"recorded.{taken.rule.name}",
        rules_version=rules.version,
        alert_id=None,
        source=CreditSource.RECORD,
        evidence=f"{taken.document_no} · {taken.evidence}",
        is_veto=taken.rule.is_veto,
    )
    return NewCreditRecord(
        market_id=market_id,
        vendor_id=vendor_id,
        name=taken.rule.name,
        points=taken.points,
        document_no=taken.document_no,
        evidence=taken.evidence,
        happened_on=taken.happened_on,
        rules_version=rules.version,
        recorded_by=by.username,
        recorded_at=now,
        origin=by.origin,
        event_id=event_id,
    )


def _require_same(known: CreditRecord, taken: Taken) -> None:
    """Refuse that a document is put on record a second time with other content: it would stand unseen."""
    if (known.points, known.evidence) != (taken.points, taken.evidence):
        expected = f"the content of record {known.record_id}, or another number; withdraw that record to correct it"
        facts = {"number": known.record_id}
        raise FieldRefused("document_no", repr(taken.document_no), expected, problem=Problem.OTHER_CONTENT, facts=facts)


def _existing(conn: Connection, record_id: int, by: Actor) -> CreditRecord:
    record = credit_records.by_id(conn, record_id)
    if record is None:
        raise NotFound(f"there is no record {record_id} that you may see")
    _require_seen(by, record.market_id, f"record {record_id}")
    return record


def _require_seen(by: Actor, market_id: MarketId, what: str) -> None:
    if by.market_id not in (None, market_id):
        raise NotFound(f"there is no {what} that you may see")


def _timezone(conn: Connection, market_id: MarketId) -> str:
    market = next((one for one in registry.markets(conn) if one.market_id == market_id), None)
    if market is None:
        raise NotFound(f"there is no market {market_id}")
    return market.timezone
