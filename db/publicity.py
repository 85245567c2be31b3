"""The publicity list: entries are put on it once and come off once; requests for repair beside them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.publicity import (
    NewPublicityEntry,
    PenaltyKind,
    PublicityEntry,
    RepairRequest,
    TakenOffWhy,
)
from domain.units import Fen

_SQL = load("publicity")
_TERM = ("published_from", "published_to", "repairable_from")


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPenalty:
    """A penalty in an alert's trail that is not on the list. From `case_id` on: of the case that decided it."""

    alert_step_id: int
    alert_id: int
    market_id: MarketId
    timezone: str
    vendor_id: VendorId
    penalty_document_no: str
    penalty_authority: str
    penalty_decided_on: date
    penalty_decision: str
    case_id: int | None
    kind: str | None
    field: str | None
    is_simple: bool | None
    basis: str | None
    amount_fen: Fen | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingDecision:
    """A penalty of a case that rests on more than alerts, which is not on the list."""

    decision_id: int
    case_id: int
    market_id: MarketId
    timezone: str
    vendor_id: VendorId
    document_no: str
    authority: str
    decided_on: date
    decision: str
    kind: str
    field: str
    basis: str
    amount_fen: Fen | None
    recorded_at: datetime


def add(conn: Connection, entry: NewPublicityEntry) -> int | None:
    """Put an entry on the list; return its entry_id, None where this document of the vendor's is or was on it."""
    values = {name: getattr(entry, name) for name in NewPublicityEntry.__slots__ if name != "term"}
    term = {name: getattr(entry.term, name) for name in _TERM}
    row = conn.execute(_SQL["add"], {**values, **term}).fetchone()
    return None if row is None else int(row[0])


def entries_changed_since(
    conn: Connection, revision: int, limit: int, *, market_id: MarketId | None = None
) -> list[PublicityEntry]:
    """Return up to `limit` entries whose revision is above `revision`, by revision.

    Revisions are committed in their order: whoever goes on from the last one they saw misses no change. An entry that
    changed twice is returned as it stands, once.
    """
    return _entries(conn, "changed_since", {"revision": revision, "limit": limit, "market_id": market_id})


def entry(conn: Connection, entry_id: int) -> PublicityEntry | None:
    """Return an entry, or None."""
    return next(iter(_entries(conn, "by_id", {"entry_id": entry_id})), None)


def listed(
    conn: Connection,
    *,
    market_id: MarketId | None,
    vendor_id: VendorId | None = None,
    is_on: bool | None,
    now: datetime,
    before: int | None = None,
    limit: int,
) -> list[PublicityEntry]:
    """Return entries, the newest first. `is_on`: what is public at `now`, what is not, or (None) both.

    `vendor_id`: of this vendor of the market.
    """
    asked = {"market_id": market_id, "vendor_id": vendor_id, "is_on": is_on, "now": now, "before": before}
    return _entries(conn, "listed" if market_id is None else "listed_in_market", {**asked, "limit": limit})


def locked(conn: Connection, entry_id: int) -> PublicityEntry | None:
    """Hold an entry until the transaction ends and return it; None where there is none."""
    conn.execute(_SQL["lock"], {"entry_id": entry_id})
    return entry(conn, entry_id)


def take_off(conn: Connection, entry_id: int, why: TakenOffWhy, at: datetime) -> bool:
    """Take an entry off the list; say whether it was on it."""
    return conn.execute(_SQL["take_off"], {"entry_id": entry_id, "why": why, "at": at}).rowcount == 1


def expired(conn: Connection, now: datetime) -> list[int]:
    """Hold and return the entries whose last day is over, by each market's calendar."""
    return [row[0] for row in conn.execute(_SQL["expired"], {"now": now})]


def revoked_with(conn: Connection, alert_id: int) -> list[int]:
    """Hold and return the entries of an alert's penalties of which no alert stands any more."""
    return [row[0] for row in conn.execute(_SQL["revoked_with"], {"alert_id": alert_id})]


def waiting(
    conn: Connection, *, not_published: Collection[PenaltyKind], after: int, limit: int
) -> list[WaitingPenalty]:
    """Return recorded penalties that may come on the list and are not, by step, those after the step `after`.

    Neither of the kinds that are `not_published` nor of the simple procedure: they would be looked at for ever.
    """
    asked = {"kinds": _told(not_published), "after": after, "limit": limit}
    with conn.cursor(row_factory=class_row(WaitingPenalty)) as cursor:
        return cursor.execute(_SQL["waiting"], asked).fetchall()


def of_document(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, authority: str, document_no: str
) -> list[int]:
    """Hold and return the entry of a vendor's document, where it is on the list."""
    document = {"authority": authority, "document_no": document_no}
    asked = {"market_id": market_id, "vendor_id": vendor_id, **document}
    return [row[0] for row in conn.execute(_SQL["of_document"], asked)]


def waiting_decisions(
    conn: Connection,
    *,
    not_published: Collection[PenaltyKind],
    after: int = 0,
    decision_id: int | None = None,
    limit: int,
) -> list[WaitingDecision]:
    """Return penalties of cases that rest on more than alerts, as `waiting` does; `decision_id`: only that one."""
    asked = {"kinds": _told(not_published), "after": after, "decision_id": decision_id, "limit": limit}
    with conn.cursor(row_factory=class_row(WaitingDecision)) as cursor:
        return cursor.execute(_SQL["waiting_decisions"], asked).fetchall()


def forget_awaited(conn: Connection, *, not_published: Collection[PenaltyKind]) -> None:
    """Forget what was awaited and can never come on the list any more, so that it is not read again."""
    for name in ("forget_awaited", "forget_awaited_decisions"):
        conn.execute(_SQL[name], {"kinds": _told(not_published)})


def _told(not_published: Collection[PenaltyKind]) -> list[PenaltyKind]:
    return [one for one in PenaltyKind if one not in not_published]


def ask_for_repair(
    conn: Connection, entry_id: int, *, corrected: str, duties: str, promise: str, by: str, origin: str, at: datetime
) -> int | None:
    """Record a request for repair; return its repair_id, None where one awaits its decision already."""
    said = {"corrected": corrected, "duties": duties, "promise": promise}
    row = conn.execute(
        _SQL["ask_for_repair"], {"entry_id": entry_id, "asked_at": at, "asked_by": by, "origin": origin, **said}
    ).fetchone()
    return None if row is None else int(row[0])


def decide_repair(
    conn: Connection, repair_id: int, *, is_granted: bool, reason: str, by: str, origin: str, at: datetime
) -> int | None:
    """Record what was said to a request; return its entry_id, None where it was decided already."""
    values = {"repair_id": repair_id, "is_granted": is_granted, "reason": reason, "by": by, "origin": origin, "at": at}
    row = conn.execute(_SQL["decide_repair"], values).fetchone()
    return None if row is None else int(row[0])


def repairs_of(conn: Connection, entry_ids: Collection[int]) -> dict[int, list[RepairRequest]]:
    """Return the requests for repair of entries, oldest first; an entry without one is left out."""
    found: dict[int, list[RepairRequest]] = {}
    with conn.cursor(row_factory=class_row(RepairRequest)) as cursor:
        for one in cursor.execute(_SQL["repairs_of"], {"entry_ids": list(entry_ids)}):
            found.setdefault(one.entry_id, []).append(one)
    return found


def _entries(conn: Connection, name: str, parameters: dict[str, Any]) -> list[PublicityEntry]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_entry(row) for row in cursor.execute(_SQL[name], parameters)]


def _entry(row: dict[str, Any]) -> PublicityEntry:
    why = row["taken_off_why"]
    return PublicityEntry(
        **{**row, "kind": PenaltyKind(row["kind"]), "taken_off_why": None if why is None else TakenOffWhy(why)}
    )
