"""Visits: their tasks, inspectors, steps and days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.inspection import Task, Visit, VisitEvent, VisitState

_SQL = load("inspections")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTask:
    """What one department wants of a visit, because of a plan, an alert, the check after an approval, or a visit."""

    department: str
    catalogue_id: int
    items: tuple[str, ...]
    plan_id: int | None = None
    alert_id: int | None = None
    approval_check_id: int | None = None
    revisit_of: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewVisit:
    """A visit with its first task and others, and who goes (user_id); nobody yet: empty."""

    market_id: MarketId
    vendor_id: VendorId
    first_day: date
    last_day: date
    task: NewTask
    inspectors: tuple[int, ...]
    others: tuple[NewTask, ...] = ()


def insert(conn: Connection, new: NewVisit, at: datetime) -> int:
    """Keep a visit; return its inspection_id."""
    values = {"market_id": new.market_id, "vendor_id": new.vendor_id}
    days = {"first_day": new.first_day, "last_day": new.last_day, "at": at}
    row = conn.execute(_SQL["insert"], values | days).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no inspection_id")
    inspection_id = int(row[0])
    for task in (new.task, *new.others):
        wanted = {name: getattr(task, name) for name in NewTask.__slots__}
        conn.execute(_SQL["insert_task"], {**wanted, "items": list(task.items), "inspection_id": inspection_id})
    send(conn, inspection_id, new.inspectors)
    return inspection_id


def send(conn: Connection, inspection_id: int, inspectors: Collection[int]) -> None:
    """Add who goes to a visit."""
    conn.execute(_SQL["insert_inspectors"], {"inspection_id": inspection_id, "user_ids": list(inspectors)})


def recuse(conn: Connection, inspection_id: int, user_id: int) -> None:
    """Take somebody off a visit."""
    conn.execute(_SQL["delete_inspector"], {"inspection_id": inspection_id, "user_id": user_id})


def append_event(conn: Connection, inspection_id: int, event: VisitEvent) -> None:
    """Write a step to the audit trail."""
    values = {name: getattr(event, name) for name in VisitEvent.__slots__}
    conn.execute(_SQL["insert_event"], {**values, "inspection_id": inspection_id})


def move(
    conn: Connection,
    inspection_id: int,
    state: VisitState,
    *,
    at: datetime,
    rectify_by: date | None = None,
    revisit_by: date | None = None,
) -> None:
    """Put a visit into a state, and set its days where they are given."""
    days = {"rectify_by": rectify_by, "revisit_by": revisit_by}
    conn.execute(_SQL["move"], {"inspection_id": inspection_id, "state": state, "at": at, **days})


def plan_day(conn: Connection, inspection_id: int, day: date | None, at: datetime) -> None:
    """Set the day of a visit within its window."""
    conn.execute(_SQL["plan_day"], {"inspection_id": inspection_id, "day": day, "at": at})


def combine(
    conn: Connection, kept: int, others: Sequence[int], *, first_day: date, last_day: date, at: datetime
) -> None:
    """Make visits part of another one: their tasks and inspectors go with them."""
    both = {"kept": kept, "others": list(others), "at": at}
    conn.execute(_SQL["move_tasks"], both)
    conn.execute(_SQL["move_inspectors"], both)
    conn.execute(_SQL["combine_into"], both)
    conn.execute(_SQL["narrow"], {"inspection_id": kept, "first_day": first_day, "last_day": last_day, "at": at})


def lock(conn: Connection, inspection_ids: Collection[int]) -> None:
    """Let nobody else change visits until the transaction ends."""
    conn.execute(_SQL["lock"], {"inspection_ids": list(inspection_ids)})


def one(conn: Connection, inspection_id: int) -> Visit | None:
    """Return a visit, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["by_id"], {"inspection_id": inspection_id}).fetchone()
    return None if row is None else msgspec.convert(row, Visit)


def several(conn: Connection, inspection_ids: Collection[int]) -> dict[int, Visit]:
    """Return visits by their ids."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["several"], {"inspection_ids": list(inspection_ids)}).fetchall()
    return {row["inspection_id"]: msgspec.convert(row, Visit) for row in rows}


def of_alert(conn: Connection, alert_id: int) -> int | None:
    """Return the inspection_id of the key inspection that an alert opened, or None."""
    row = conn.execute(_SQL["of_alert"], {"alert_id": alert_id}).fetchone()
    return None if row is None else int(row[0])


def of_approval_check(conn: Connection, check_id: int) -> int | None:
    """Return the inspection_id of the visit that is made for a check and came to nothing yet, or None."""
    row = conn.execute(_SQL["of_approval_check"], {"check_id": check_id}).fetchone()
    return None if row is None else int(row[0])


def revisits_of(conn: Connection, inspection_id: int) -> list[Visit]:
    """Return the visits that look again at what a visit found, the first one first."""
    ids = [int(row[0]) for row in conn.execute(_SQL["revisits_of"], {"inspection_id": inspection_id})]
    return [visit for number in ids if (visit := one(conn, number)) is not None]


def tasks_of(conn: Connection, inspection_id: int) -> list[Task]:
    """Return what departments want of a visit."""
    return tasks_of_each(conn, [inspection_id])[inspection_id]


def tasks_of_each(conn: Connection, inspection_ids: Collection[int]) -> dict[int, list[Task]]:
    """Return what departments want of each visit."""
    found: dict[int, list[Task]] = {one: [] for one in inspection_ids}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["tasks_of"], {"inspection_ids": list(found)}):
            found[row["inspection_id"]].append(msgspec.convert(row, Task))
    return found


def events_of(conn: Connection, inspection_id: int) -> list[VisitEvent]:
    """Return the steps of a visit, the first one first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["events_of"], {"inspection_id": inspection_id}).fetchall()
    return [msgspec.convert(row, VisitEvent) for row in rows]
