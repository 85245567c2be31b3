"""Where things wait for one reader: a person by one channel, or an endpoint."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.alert import AlertState, Severity
from domain.approval import CheckState
from domain.complaint import ComplaintState
from domain.notice import NoticeChannel, NoticeKind
from domain.promise import PromiseState

_SQL = load("mailboxes")
#: What is looked at in one go; a mailbox in which more waits is looked at again.
MOST_WAITING = 20_000


class Owner(NamedTuple):
    """Whose mailbox: a person's by a channel, or (`webhook`) an endpoint's."""

    channel: NoticeChannel
    user_id: int | None
    endpoint_id: int | None


class Item(NamedTuple):
    """What is put into whose mailbox."""

    owner: Owner
    happening_id: int
    severity: Severity


class Mailbox(NamedTuple):
    """A mailbox and whose it is."""

    mailbox_id: int
    owner: Owner


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingItem:
    """What waits in a mailbox; a state is None where it is about no alert, no check and so on."""

    happening_id: int
    at: datetime
    severity: Severity
    kind: NoticeKind
    alert_state: AlertState | None
    check_state: CheckState | None
    promise_state: PromiseState | None
    complaint_state: ComplaintState | None


def add(conn: Connection, items: Sequence[Item], now: datetime) -> None:
    """Put things into mailboxes, which are made where there are none, and have them looked at."""
    if not items:
        return
    ids = of_owners(conn, {item.owner for item in items})
    urgent = {ids[item.owner] for item in items if item.severity is Severity.CRITICAL}
    conn.execute(_SQL["hold"], {"mailbox_ids": list(ids.values())})
    conn.execute(
        _SQL["add_items"],
        {
            "mailbox_ids": [ids[item.owner] for item in items],
            "happening_ids": [item.happening_id for item in items],
            "severities": [item.severity for item in items],
        },
    )
    conn.execute(_SQL["look_soon"], {"mailbox_ids": list(ids.values()), "urgent_ids": list(urgent), "now": now})


def of_owners(conn: Connection, owners: Collection[Owner]) -> dict[Owner, int]:
    """Return the mailbox_id of each owner; a mailbox is made where there is none."""
    ordered = sorted(owners, key=lambda one: (one.channel, one.user_id or 0, one.endpoint_id or 0))
    values = {
        "channels": [one.channel for one in ordered],
        "user_ids": [one.user_id for one in ordered],
        "endpoint_ids": [one.endpoint_id for one in ordered],
    }
    conn.execute(_SQL["put"], values)
    return {
        Owner(NoticeChannel(channel), user_id, endpoint_id): mailbox_id
        for mailbox_id, channel, user_id, endpoint_id in conn.execute(_SQL["of_owners"], values)
    }


def look_again(conn: Connection, now: datetime, *, user_id: int | None = None, endpoint_id: int | None = None) -> None:
    """Have what waits for an owner looked at, since what they want has changed."""
    conn.execute(_SQL["look_again"], {"user_id": user_id, "endpoint_id": endpoint_id, "now": now})


def take_due(conn: Connection, now: datetime) -> Mailbox | None:
    """Take a mailbox that is to be looked at, held for the length of the transaction; None where there is none."""
    row = conn.execute(_SQL["take_due"], {"now": now}).fetchone()
    return None if row is None else Mailbox(row[0], Owner(NoticeChannel(row[1]), row[2], row[3]))


def next_look(conn: Connection) -> datetime | None:
    """Return when a mailbox is to be looked at next."""
    row = conn.execute(_SQL["next_look"]).fetchone()
    return None if row is None else row[0]


def set_look(conn: Connection, mailbox_id: int, look_at: datetime | None) -> None:
    """Say when a mailbox is to be looked at; None: nothing waits in it."""
    conn.execute(_SQL["set_look"], {"mailbox_id": mailbox_id, "look_at": look_at})


def waiting(conn: Connection, mailbox_id: int) -> list[WaitingItem]:
    """Return what waits in a mailbox, the oldest first."""
    with conn.cursor(row_factory=class_row(WaitingItem)) as cursor:
        rows = cursor.execute(_SQL["waiting"], {"mailbox_id": mailbox_id, "limit": MOST_WAITING}).fetchall()
    return [
        WaitingItem(
            happening_id=row.happening_id,
            at=row.at,
            severity=Severity(row.severity),
            kind=NoticeKind(row.kind),
            alert_state=None if row.alert_state is None else AlertState(row.alert_state),
            check_state=None if row.check_state is None else CheckState(row.check_state),
            promise_state=None if row.promise_state is None else PromiseState(row.promise_state),
            complaint_state=None if row.complaint_state is None else ComplaintState(row.complaint_state),
        )
        for row in rows
    ]


def drop(conn: Connection, mailbox_id: int, happening_ids: Collection[int], now: datetime) -> None:
    """Tell of these no more."""
    if happening_ids:
        values = {"mailbox_id": mailbox_id, "happening_ids": list(happening_ids), "now": now}
        conn.execute(_SQL["drop_items"], values)


def put_into_letter(conn: Connection, mailbox_id: int, letter_id: int, happening_ids: Collection[int]) -> None:
    """Note which letter tells of these."""
    values = {"mailbox_id": mailbox_id, "letter_id": letter_id, "happening_ids": list(happening_ids)}
    conn.execute(_SQL["put_into_letter"], values)
