"""A duty: what changed in credit and on the publicity list becomes a new version of a record for other systems."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from credit.scoring import cycle_of, score_at
from db import credit, export_records, publicity, registry
from db.register import vendors
from db.registry import Market
from domain.credit import CreditEvent
from domain.export import ExportForm, ExportRecord
from domain.ids import MarketId, VendorId
from domain.publicity import PublicityEntry
from domain.register.records import RegisteredVendor

_AT_ONCE: Final = 200
_PENALTIES: Final = "penalties"
#: Holds of the ledger up to which event a version tells; readers are not given it.
_THROUGH: Final = "ledger_through"


@dataclass(frozen=True, slots=True)
class RecordingExports:
    """See the module. Records are made by one at a time; any number of clerks may try."""

    shipped: CreditRules
    at_once: int = _AT_ONCE

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return "recording_exports"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Make some of the versions that are to be made; return `now` where there may be more, else None."""
        markets = {one.market_id: one for one in registry.markets(conn)}
        rules = rules_now(conn, self.shipped, now)
        self._begin_cycles(conn, markets, rules, now)
        penalties = _a_batch_of_penalties(conn, markets, now, self.at_once)
        vendors_looked_at = self._a_batch_of_vendors(conn, markets, rules, now)
        return now if penalties or vendors_looked_at else None

    def _begin_cycles(
        self, conn: Connection, markets: dict[MarketId, Market], rules: CreditRules, now: datetime
    ) -> None:
        """With another cycle or other rules every vendor of a market has another score."""
        for market in markets.values():
            first, _ = cycle_of(_day(market, now), rules)
            source, stands = f"credit/{market.market_id}", f"{first} {rules.version}"
            if export_records.mark(conn, source) == stands:
                continue
            with conn.transaction():
                export_records.lock(conn)
                if export_records.mark(conn, source) != stands:
                    export_records.all_stale(conn, market.market_id)
                    export_records.set_mark(conn, source, stands)

    def _a_batch_of_vendors(
        self, conn: Connection, markets: dict[MarketId, Market], rules: CreditRules, now: datetime
    ) -> bool:
        with conn.transaction():
            export_records.lock(conn)
            stale = export_records.take_stale(conn, self.at_once)
            latest = export_records.latest(conn, ExportForm.CREDIT_RECORD, [f"{m}/{v}" for m, v in stale])
            for market_id, vendor_id in stale:
                before = latest.get(f"{market_id}/{vendor_id}")
                _record_vendor(conn, markets[market_id], vendor_id, before, rules, now)
        return bool(stale)


def _record_vendor(
    conn: Connection,
    market: Market,
    vendor_id: VendorId,
    before: ExportRecord | None,
    rules: CreditRules,
    now: datetime,
) -> None:
    vendor = vendors.one(conn, market.market_id, vendor_id)
    if vendor is None:
        return
    ledger = credit.of_vendor(conn, market.market_id, vendor_id)
    score = score_at(ledger, rules, _day(market, now), market.timezone)
    body = {
        **_subject(market, vendor_id, vendor),
        "score": score.score,
        "tier": score.tier.name,
        "cycle_from": score.cycle_from.isoformat(),
        "cycle_to": score.cycle_to.isoformat(),
        "rules_version": rules.version,
        _THROUGH: max((one.event_id for one in ledger), default=0),
    }
    told = 0 if before is None else before.body[_THROUGH]
    events = [_event(one) for one in ledger if one.event_id > told]
    _append(conn, ExportForm.CREDIT_RECORD, f"{market.market_id}/{vendor_id}", before, body, now, events=events)


def _a_batch_of_penalties(conn: Connection, markets: dict[MarketId, Market], now: datetime, at_once: int) -> bool:
    with conn.transaction():
        export_records.lock(conn)
        entries = publicity.entries_changed_since(conn, int(export_records.mark(conn, _PENALTIES) or 0), at_once)
        latest = export_records.latest(conn, ExportForm.PENALTY, [str(one.entry_id) for one in entries])
        for entry in entries:
            vendor = vendors.one(conn, entry.market_id, entry.vendor_id)
            if vendor is None:
                raise LookupError(f"entry {entry.entry_id} is of no vendor")
            body = {**_subject(markets[entry.market_id], entry.vendor_id, vendor), **_penalty(entry)}
            record_id = str(entry.entry_id)
            _append(conn, ExportForm.PENALTY, record_id, latest.get(record_id), body, now)
        if entries:
            export_records.set_mark(conn, _PENALTIES, str(entries[-1].revision))
    return bool(entries)


def _append(
    conn: Connection,
    form: ExportForm,
    record_id: str,
    before: ExportRecord | None,
    body: dict[str, Any],
    now: datetime,
    **news: object,
) -> None:
    """Append a version where it says something else than the one before; `news`: what only this version tells."""
    if before is not None and {name: value for name, value in before.body.items() if name not in news} == body:
        return
    export_records.append(
        conn,
        form,
        record_id,
        1 if before is None else before.version + 1,
        market_id=body["market_id"],
        vendor_id=body["vendor_id"],
        made_at=now,
        body={**body, **news},
    )


def _subject(market: Market, vendor_id: VendorId, vendor: RegisteredVendor) -> dict[str, Any]:
    return {
        "market_id": market.market_id,
        "market_name": market.name,
        "vendor_id": vendor_id,
        "vendor_name": vendor.identity.name,
        "vendor_kind": vendor.identity.kind or "",
        "credit_code": vendor.identity.credit_code,
        "licence_no": vendor.identity.licence_no,
    }


def _penalty(entry: PublicityEntry) -> dict[str, Any]:
    return {
        "document_no": entry.document_no,
        "authority": entry.authority,
        "decided_on": entry.decided_on.isoformat(),
        "kind": entry.kind.value,
        "decision": entry.decision,
        "basis": entry.basis,
        "amount_fen": entry.amount_fen,
        "published_from": entry.published_from.isoformat(),
        "published_to": entry.published_to.isoformat(),
        "repairable_from": entry.repairable_from.isoformat(),
        "taken_off_at": None if entry.taken_off_at is None else entry.taken_off_at.isoformat(),
        "taken_off_why": entry.taken_off_why,
    }


def _event(event: CreditEvent) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "occurred_at": event.occurred_at.isoformat(),
        "reason": event.reason,
        "points": event.points,
        "rule": event.rule,
        "rules_version": event.rules_version,
        "reverses": event.reverses,
    }


def _day(market: Market, now: datetime) -> date:
    return now.astimezone(ZoneInfo(market.timezone)).date()
