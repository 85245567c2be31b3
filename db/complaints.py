"""Complaints: kept once, read with the words pages need, moved only under a lock; contacts apart from them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from db.registry import Market
from domain.complaint import (
    Complaint,
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
    ComplaintStep,
    Contact,
    ContactKind,
    Outcome,
    RefuseReason,
)
from domain.ids import MarketId, StallId
from domain.units import Fen
from domain.weighing import WeighingKey

_SQL = load("complaints")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewComplaint:
    """A complaint to keep. `entered_by` None: the complainant."""

    market_id: MarketId
    channel: ComplaintChannel
    channel_no: str
    reason: ComplaintReason
    words: str
    stall_id: StallId | None
    occurred_at: datetime | None
    scale_id: str | None
    journal_id: str | None
    seq: int | None
    ticket_code: str
    reweighing_id: int | None
    entered_by: str | None
    status_digest: bytes
    content_digest: bytes
    policy_version: str
    channel_due_at: datetime | None
    due_at: datetime | None
    has_contact: bool


@dataclass(frozen=True, slots=True)
class OverdueComplaint:
    """A complaint whose next step is overdue since `due_at`; `once`: by what name that is told."""

    complaint_id: int
    market_id: MarketId
    due_at: datetime
    once: str


@dataclass(frozen=True, slots=True)
class FiledAlready:
    """The complaint that was filed under the same form or number, and the digest of what it says."""

    complaint_id: int
    content_digest: bytes
    market_id: MarketId


@dataclass(frozen=True, slots=True)
class Link:
    """A sale that a complaint is about, and the alert it opened or joined."""

    key: WeighingKey
    alert_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which complaints to list; None: all. `before`: those that come after the one with this number."""

    market_id: MarketId | None = None
    channel: ComplaintChannel | None = None
    stall_id: StallId | None = None
    before: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How fast a market answers: seconds (median, ninth tenth; None: nothing yet), and how many were late."""

    market_id: MarketId
    market_name: str
    received: int
    first_step_s: tuple[int, int] | None
    answer_s: tuple[int, int] | None
    late: int
    upheld: int
    decided: int

    @property
    def late_permille(self) -> int:
        """The share that was late, or is."""
        return self.late * 1000 // self.received if self.received else 0


def insert_once(conn: Connection, new: NewComplaint, now: datetime) -> int | None:
    """Keep a complaint; return its complaint_id, or None where one stands under its form or number already."""
    values: dict[str, Any] = {name: getattr(new, name) for name in NewComplaint.__slots__}
    row = conn.execute(_SQL["insert"], {**values, "now": now}).fetchone()
    return None if row is None else int(row[0])


def filed_already(
    conn: Connection, *, status_digest: bytes, channel: ComplaintChannel, channel_no: str
) -> FiledAlready | None:
    """Return the complaint that was filed with the same form, or under the same number of the same hotline."""
    parameters = {"status_digest": status_digest, "channel": channel, "channel_no": channel_no}
    row = conn.execute(_SQL["filed_already"], parameters).fetchone()
    return None if row is None else FiledAlready(int(row[0]), bytes(row[1]), MarketId(row[2]))


def keep_contact(conn: Connection, complaint_id: int, contact: Contact) -> None:
    """Keep how the complainant can be reached."""
    values = {"complaint_id": complaint_id, "kind": contact.kind, "contact": contact.text}
    conn.execute(_SQL["insert_contact"], values)


def contact(conn: Connection, complaint_id: int) -> Contact | None:
    """Return how the complainant can be reached; None where nobody said, or it was removed."""
    row = conn.execute(_SQL["contact"], {"complaint_id": complaint_id}).fetchone()
    return None if row is None else Contact(ContactKind(row[0]), row[1])


def remove_contact(conn: Connection, complaint_id: int, now: datetime) -> bool:
    """Remove the contact of a complaint; return False where there is none."""
    return conn.execute(_SQL["remove_contact"], {"complaint_id": complaint_id, "now": now}).fetchone() is not None


def with_old_contacts(conn: Connection, before: datetime, limit: int = 1000) -> list[int]:
    """Return complaints that were over before a moment and still have a contact."""
    return _ids(conn, "with_old_contacts", {"before": before, "limit": limit})


def answered_before(conn: Connection, before: datetime, limit: int = 1000) -> list[int]:
    """Return complaints that were answered before a moment and are not closed."""
    return _ids(conn, "answered_before", {"before": before, "limit": limit})


def overdue_to_tell(conn: Connection, now: datetime, limit: int = 500) -> list[OverdueComplaint]:
    """Return complaints that are overdue and were not told of as that, those due first first."""
    with conn.cursor(row_factory=class_row(OverdueComplaint)) as cursor:
        return cursor.execute(_SQL["overdue_to_tell"], {"now": now, "limit": limit}).fetchall()


def with_unlinked_tickets(conn: Connection, limit: int = 1000) -> list[int]:
    """Return complaints that await a step and whose ticket was not found yet."""
    return _ids(conn, "with_unlinked_tickets", {"limit": limit})


def append_step(conn: Connection, complaint_id: int, step: ComplaintStep) -> None:
    """Write one step into the trail."""
    values: dict[str, Any] = {name: getattr(step, name) for name in ComplaintStep.__slots__}
    conn.execute(_SQL["append_step"], {"complaint_id": complaint_id, **values})


def steps_of(conn: Connection, complaint_id: int) -> list[ComplaintStep]:
    """Return the trail of a complaint, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["steps_of"], {"complaint_id": complaint_id}).fetchall()
    return [
        ComplaintStep(
            **{
                **row,
                "action": ComplaintAction(row["action"]),
                "from_state": ComplaintState(row["from_state"]),
                "to_state": ComplaintState(row["to_state"]),
            }
        )
        for row in rows
    ]


def by_id(conn: Connection, complaint_id: int) -> Complaint | None:
    """Return one complaint, or None."""
    return next(iter(_complaints(conn, "by_id", {"complaint_id": complaint_id})), None)


def by_id_locked(conn: Connection, complaint_id: int) -> Complaint | None:
    """Return one complaint, held for the length of the transaction."""
    conn.execute(_SQL["lock"], {"complaint_id": complaint_id})
    return by_id(conn, complaint_id)


def by_status(conn: Connection, status_digest: bytes) -> int | None:
    """Return the complaint that a complainant's link leads to, or None."""
    row = conn.execute(_SQL["by_status"], {"status_digest": status_digest}).fetchone()
    return None if row is None else int(row[0])


def move(conn: Connection, complaint: Complaint) -> None:
    """Write where a complaint stands; what may follow what is decided in supervision."""
    fields = ("complaint_id", "state", "outcome", "refuse_reason", "answer", "settled_fen", "clock_from", "accepted_at")
    more = ("investigating_at", "answered_at", "ended_at", "reopened_at", "due_at")
    conn.execute(_SQL["move"], {name: getattr(complaint, name) for name in (*fields, *more)})


def awaited(conn: Connection, which: Which, limit: int = 100) -> list[Complaint]:
    """Return what the market has a step to take with, what is due first (or was) first."""
    return _complaints(conn, "awaited", {**_of(which), "limit": limit})


def listed(conn: Connection, which: Which, states: Collection[ComplaintState], limit: int = 100) -> list[Complaint]:
    """Return complaints in some states, the newest first."""
    return _complaints(conn, "listed", {**_of(which), "states": list(states), "limit": limit})


def counts(conn: Connection, market_id: MarketId | None, now: datetime) -> tuple[int, int]:
    """Return how many complaints await a step, and how many of those are late."""
    row = conn.execute(_SQL["counts"], {"market_id": market_id, "now": now}).fetchone() or (0, 0)
    return int(row[0]), int(row[1])


def link(conn: Connection, complaint_id: int, key: WeighingKey, alert_id: int, *, by: str, now: datetime) -> bool:
    """Link a sale to a complaint; return False where it is already."""
    values = {**key._asdict(), "complaint_id": complaint_id, "alert_id": alert_id, "by": by, "now": now}
    return conn.execute(_SQL["link"], values).fetchone() is not None


def place(conn: Connection, complaint_id: int, stall_id: StallId) -> None:
    """Say at which stall it was, where nobody said."""
    conn.execute(_SQL["place"], {"complaint_id": complaint_id, "stall_id": stall_id})


def links_of(conn: Connection, complaint: Complaint) -> list[Link]:
    """Return the sales a complaint is linked to, oldest first."""
    rows = conn.execute(_SQL["links_of"], {"complaint_id": complaint.complaint_id})
    return [Link(WeighingKey(complaint.market_id, *row[:4]), row[4]) for row in rows]


def alerts_about(conn: Connection, key: WeighingKey) -> list[int]:
    """Return the alerts that complaints about a sale opened or joined, the newest first."""
    return _ids(conn, "alerts_about", key._asdict())


def about_the_same(conn: Connection, complaint_id: int, limit: int = 50) -> list[Complaint]:
    """Return other complaints about a sale that this one is about."""
    return _complaints(conn, "about_the_same", {"complaint_id": complaint_id, "limit": limit})


def of_alert(conn: Connection, alert_id: int, limit: int = 50) -> list[Complaint]:
    """Return the complaints behind an alert, the newest first."""
    return _complaints(conn, "of_alert", {"alert_id": alert_id, "limit": limit})


def stall_is_known(conn: Connection, market_id: MarketId, stall_id: str) -> bool:
    """Say whether a market has a stall."""
    row = conn.execute(_SQL["stall_is_known"], {"market_id": market_id, "stall_id": stall_id}).fetchone()
    return bool(row and row[0])


def market(conn: Connection, market_id: MarketId) -> Market | None:
    """Return a market, or None."""
    with conn.cursor(row_factory=class_row(Market)) as cursor:
        return cursor.execute(_SQL["market"], {"market_id": market_id}).fetchone()


def figures(
    conn: Connection, market_id: MarketId | None, since: datetime, until: datetime, *, close: timedelta, now: datetime
) -> list[Figures]:
    """Return how fast each market answered what came in `[since, until)`; late: not answered within `close`."""
    parameters = {"market_id": market_id, "since": since, "until": until, "close": close, "now": now}
    return [
        Figures(
            market_id=row[0],
            market_name=row[1],
            received=row[2],
            first_step_s=_pair(row[3]),
            answer_s=_pair(row[4]),
            late=row[5],
            upheld=row[6],
            decided=row[7],
        )
        for row in conn.execute(_SQL["figures"], parameters)
    ]


def _pair(values: list[int | None] | None) -> tuple[int, int] | None:
    if values is None or values[0] is None or values[1] is None:
        return None
    return values[0], values[1]


def _of(which: Which) -> dict[str, Any]:
    return {name: getattr(which, name) for name in Which.__slots__}


def _ids(conn: Connection, name: str, parameters: dict[str, Any]) -> list[int]:
    return [int(row[0]) for row in conn.execute(_SQL[name], parameters)]


def _complaints(conn: Connection, name: str, parameters: dict[str, Any]) -> list[Complaint]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_complaint_of(row) for row in cursor.execute(_SQL[name], parameters)]


def _complaint_of(row: dict[str, Any]) -> Complaint:
    outcome, refused = row["outcome"], row["refuse_reason"]
    return Complaint(
        **{
            **row,
            "channel": ComplaintChannel(row["channel"]),
            "reason": ComplaintReason(row["reason"]),
            "state": ComplaintState(row["state"]),
            "outcome": None if outcome is None else Outcome(outcome),
            "refuse_reason": None if refused is None else RefuseReason(refused),
            "settled_fen": None if row["settled_fen"] is None else Fen(row["settled_fen"]),
        }
    )
