"""What was sent to whom, or is to be: written by a decision, delivered by couriers, read on a page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.alert import AlertKind, AlertState, Severity
from domain.approval import CheckState
from domain.case import CaseState
from domain.complaint import ComplaintChannel, ComplaintReason, ComplaintState
from domain.ids import MarketId
from domain.notice import LetterState, NoticeChannel, NoticeKind
from domain.promise import PromiseState

_SQL = load("letters")
#: Beyond this a badge says "more".
MOST_UNREAD = 100
_EVER = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LastLetter:
    """The newest letter of a mailbox: when it was begun, and whether nobody has read it."""

    letter_id: int
    at: datetime
    is_unread: bool
    worst: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A letter that is one's own to deliver for a while; `attempts` counts this one."""

    letter_id: int
    mailbox_id: int
    user_id: int | None
    endpoint_id: int | None
    message_id: str
    purpose: str
    at: datetime
    items: int
    worst: str | None
    body: bytes | None
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A letter as lists show it. `last_at`: when something was added last; `read_at` is of a page."""

    letter_id: int
    message_id: str
    purpose: str
    at: datetime
    last_at: datetime
    items: int
    worst: str | None
    state: LetterState
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A line of the delivery log. `status`: what the receiver answered; None where it did not."""

    letter_id: int
    attempt: int
    at: datetime
    took_ms: int
    status: int | None
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many things of a kind a letter tells of."""

    letter_id: int
    kind: NoticeKind
    alert_kind: AlertKind | None
    severity: Severity
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that a letter tells of, with its alert, check and so on as they are now; None: it is about none."""

    letter_id: int
    happening_id: int
    kind: NoticeKind
    severity: Severity
    at: datetime
    due_at: datetime | None
    note: str
    permille: int
    market_id: MarketId | None
    alert_id: int | None
    alert_kind: AlertKind | None
    alert_state: AlertState | None
    market_name: str | None
    vendor_id: str | None
    vendor_name: str | None
    stall_id: str | None
    scale_id: str | None
    species_code: str | None
    species_name: str | None
    species_name_en: str | None
    business_day: date | None
    occurrences: int | None
    worst_excess_fen: int | None
    worst_excess_permille: int | None
    worst_cap_fen: int | None
    worst_cap_unit: str | None
    overcharge_fen: int | None
    timezone: str | None
    check_id: int | None
    approval_id: int | None
    approval_authority: str | None
    approval_number: str | None
    approval_subject: str | None
    check_due_on: date | None
    check_state: CheckState | None
    promise_id: int | None
    promise_alert_id: int | None
    promise_state: PromiseState | None
    complaint_id: int | None
    risk_month: date | None
    complaint_channel: ComplaintChannel | None
    complaint_reason: ComplaintReason | None
    complaint_state: ComplaintState | None
    case_id: int | None
    case_state: CaseState | None


def write(
    conn: Connection,
    *,
    mailbox_id: int,
    channel: NoticeChannel,
    message_id: str,
    at: datetime,
    items: int,
    worst: Severity | None,
    body: bytes | None = None,
    purpose: str = "notices",
) -> int:
    """Write a letter; return its letter_id. On a page it has arrived, elsewhere it waits for a courier."""
    state = LetterState.DELIVERED if channel is NoticeChannel.PAGE else LetterState.WAITING
    values = {
        "mailbox_id": mailbox_id,
        "channel": channel,
        "message_id": message_id,
        "purpose": purpose,
        "at": at,
        "items": items,
        "worst": worst,
        "body": body,
        "state": state,
    }
    row = conn.execute(_SQL["write"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no letter_id")
    return int(row[0])


def set_body(conn: Connection, letter_id: int, body: bytes) -> None:
    """Keep the bytes that are delivered, the same at each attempt."""
    conn.execute(_SQL["set_body"], {"letter_id": letter_id, "body": body})


def grow(conn: Connection, letter_id: int, items: int, worst: Severity, now: datetime) -> bool:
    """Add to a letter that nobody has read; say whether nobody has: it may just have been read."""
    values = {"letter_id": letter_id, "items": items, "worst": worst, "now": now}
    return conn.execute(_SQL["grow"], values).fetchone() is not None


def last_of(conn: Connection, mailbox_id: int) -> LastLetter | None:
    """Return the newest letter of a mailbox that tells of something."""
    with conn.cursor(row_factory=class_row(LastLetter)) as cursor:
        return cursor.execute(_SQL["last_of"], {"mailbox_id": mailbox_id}).fetchone()


def claim(conn: Connection, channel: NoticeChannel, *, now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Take letters to deliver, at most one of a mailbox, for the length of a lease; whoever stops loses them then."""
    values = {"channel": channel, "now": now, "until": now + lease, "limit": limit}
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_SQL["claim"], values).fetchall()


def next_attempt(conn: Connection, channel: NoticeChannel) -> datetime | None:
    """Return when a letter is to be delivered next."""
    row = conn.execute(_SQL["next_attempt"], {"channel": channel}).fetchone()
    return None if row is None else row[0]


def settle(
    conn: Connection, attempt: Attempt, state: LetterState, next_attempt_at: datetime | None, now: datetime
) -> bool:
    """Write an attempt into the log, and what becomes of its letter, in one transaction; say whether it became that.

    It does not where somebody else took the letter over, or gave it up, meanwhile.
    """
    with conn.transaction():
        conn.execute(_SQL["note_attempt"], {name: getattr(attempt, name) for name in Attempt.__slots__})
        values = {"letter_id": attempt.letter_id, "attempt": attempt.attempt, "state": state, "now": now}
        settled = conn.execute(_SQL["settle"], {**values, "next_attempt_at": next_attempt_at})
        return settled.fetchone() is not None


def give_up_of_endpoint(conn: Connection, endpoint_id: int) -> None:
    """Try none of an endpoint's letters any more."""
    conn.execute(_SQL["give_up_of_endpoint"], {"endpoint_id": endpoint_id})


def send_again(conn: Connection, letter_id: int, now: datetime) -> bool:
    """Have a letter delivered once more, as it is; say whether it does not wait for that already."""
    values = {"letter_id": letter_id, "now": now}
    is_found = conn.execute(_SQL["send_again"], values).fetchone() is not None
    conn.execute(_SQL["wake_clerks"])
    return is_found


def page_of(conn: Connection, mailbox_id: int, *, before: int | None, limit: int) -> list[Letter]:
    """Return the letters of a mailbox before one (None: from the newest), the newest first."""
    values = {"mailbox_id": mailbox_id, "before": before or _EVER, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["page_of"], values).fetchall()
    return [_letter(row) for row in rows]


def of_mailbox(conn: Connection, mailbox_id: int, letter_id: int) -> Letter | None:
    """Return one letter of a mailbox, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["of_mailbox"], {"mailbox_id": mailbox_id, "letter_id": letter_id}).fetchone()
    return None if row is None else _letter(row)


def unread(conn: Connection, mailbox_id: int) -> int:
    """Return how many letters nobody has read, counted up to `MOST_UNREAD`."""
    row = conn.execute(_SQL["unread"], {"mailbox_id": mailbox_id, "most": MOST_UNREAD}).fetchone()
    return int(row[0]) if row else 0


def mark_read(
    conn: Connection,
    mailbox_id: int,
    now: datetime,
    *,
    letter_id: int | None = None,
    up_to: int | None = None,
    seen_at: datetime | None = None,
) -> int:
    """Note that one letter was read, or (None) all up to one that was seen; return how many were unread.

    `seen_at`: the newest `last_at` that was shown; a letter to which more was added since stays unread (None: unknown).
    """
    values = {
        "mailbox_id": mailbox_id,
        "letter_id": letter_id,
        "up_to": up_to or _EVER,
        "seen_at": seen_at,
        "now": now,
    }
    return len(conn.execute(_SQL["mark_read"], values).fetchall())


def attempts_of(conn: Connection, letter_ids: Collection[int]) -> dict[int, list[Attempt]]:
    """Return the delivery log of letters, in order."""
    found: dict[int, list[Attempt]] = {}
    with conn.cursor(row_factory=class_row(Attempt)) as cursor:
        for one in cursor.execute(_SQL["attempts_of"], {"letter_ids": list(letter_ids)}):
            found.setdefault(one.letter_id, []).append(one)
    return found


def counts(conn: Connection, letter_ids: Collection[int]) -> list[Count]:
    """Return how many things of each kind letters tell of."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["counts"], {"letter_ids": list(letter_ids)}).fetchall()
    return [Count(**{**row, **_words(row)}) for row in rows]


def lines(conn: Connection, letter_ids: Sequence[int], most: int) -> list[Line]:
    """Return what letters tell of, the worst of each first, no more than `most` of each."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["lines"], {"letter_ids": list(letter_ids), "most": most}).fetchall()
    return [
        Line(
            **{
                **row,
                **_words(row),
                "alert_state": row["alert_state"] and AlertState(row["alert_state"]),
                "check_state": row["check_state"] and CheckState(row["check_state"]),
                "promise_state": row["promise_state"] and PromiseState(row["promise_state"]),
                "complaint_channel": row["complaint_channel"] and ComplaintChannel(row["complaint_channel"]),
                "complaint_reason": row["complaint_reason"] and ComplaintReason(row["complaint_reason"]),
                "complaint_state": row["complaint_state"] and ComplaintState(row["complaint_state"]),
                "case_state": row["case_state"] and CaseState(row["case_state"]),
            }
        )
        for row in rows
    ]


def _letter(row: dict[str, Any]) -> Letter:
    return Letter(**{**row, "state": LetterState(row["state"])})


def _words(row: dict[str, str]) -> dict[str, NoticeKind | Severity | AlertKind | None]:
    return {
        "kind": NoticeKind(row["kind"]),
        "severity": Severity(row["severity"]),
        "alert_kind": AlertKind(row["alert_kind"]) if row["alert_kind"] else None,
    }
