"""Checks after approvals: kept, listed, moved only under a lock; and the exports of their results, as they went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db import like
from db.queries import load
from domain.approval import Check, CheckAction, CheckResult, CheckState, CheckStep
from domain.ids import MarketId

_SQL = load("approval_checks")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedFiles:
    """The bytes of an export, in both of its forms."""

    csv: bytes
    json: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which checks to list. `market_id`: about its vendors; None: all. `overdue_on`: due before that day."""

    market_id: MarketId | None = None
    overdue_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckToTell:
    """A check that is due soon or overdue, and was not told of as that; `assigned_to`: who has it and may do it."""

    check_id: int
    due_on: date
    is_overdue: bool
    once: str
    assigned_to: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultToExport:
    """A result that did not go back yet; `corrects`: the export an earlier result of the same check went with."""

    check_id: int
    corrects: int | None
    authority: str
    number: str
    version: int
    kind: str
    act: str
    subject_name: str
    credit_code: str
    result: str
    note: str
    due_on: date
    checked_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """Results that went back; digests are SHA-256 in hexadecimal."""

    export_no: int
    made_by: str
    made_at: datetime
    results: int
    csv_digest: str
    json_digest: str


def insert(conn: Connection, approval_id: int, version: int, *, due_on: date, policy_version: str, at: datetime) -> int:
    """Open a check; return its check_id."""
    values = {"approval_id": approval_id, "version": version, "due_on": due_on, "policy_version": policy_version}
    row = conn.execute(_SQL["insert"], {**values, "at": at}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no check_id")
    return int(row[0])


def by_id(conn: Connection, check_id: int) -> Check | None:
    """Return a check, or None."""
    return next(iter(_checks(conn, "by_id", {"check_id": check_id})), None)


def by_id_locked(conn: Connection, check_id: int) -> Check | None:
    """Return a check, held for the length of the transaction."""
    conn.execute(_SQL["lock"], {"check_id": check_id})
    return by_id(conn, check_id)


def unfinished(conn: Connection, approval_id: int) -> Check | None:
    """Return the check of an approval that is not done yet, held for the length of the transaction, or None."""
    return next(iter(_checks(conn, "unfinished", {"approval_id": approval_id})), None)


def of_approval(conn: Connection, approval_id: int) -> list[Check]:
    """Return the checks of an approval, the newest first."""
    return of_each_approval(conn, [approval_id])[approval_id]


def of_each_approval(conn: Connection, approval_ids: Sequence[int]) -> dict[int, list[Check]]:
    """Return the checks of several approvals, the newest first."""
    found: dict[int, list[Check]] = {one: [] for one in approval_ids}
    for check in _checks(conn, "of_approval", {"approval_ids": list(found)}):
        found[check.approval_id].append(check)
    return found


def latest_of(conn: Connection, approval_ids: Sequence[int]) -> dict[int, Check]:
    """Return the last check of each approval that has any."""
    return {one.approval_id: one for one in _checks(conn, "latest_of", {"approval_ids": list(approval_ids)})}


def several(conn: Connection, check_ids: Sequence[int]) -> dict[int, Check]:
    """Return checks by their ids."""
    return {one.check_id: one for one in _checks(conn, "checks", {"check_ids": list(check_ids)})}


def move(conn: Connection, check: Check) -> None:
    """Write where a check stands; what may follow what is decided in supervision."""
    conn.execute(_SQL["move"], {name: getattr(check, name) for name in Check.__slots__})


def append_step(conn: Connection, check_id: int, step: CheckStep) -> None:
    """Write one step into the trail."""
    values: dict[str, Any] = {name: getattr(step, name) for name in CheckStep.__slots__}
    conn.execute(_SQL["append_step"], {"check_id": check_id, **values})


def steps(conn: Connection, check_id: int) -> list[CheckStep]:
    """Return the trail of a check, oldest first."""
    return steps_of_each(conn, [check_id])[check_id]


def steps_of_each(conn: Connection, check_ids: Sequence[int]) -> dict[int, list[CheckStep]]:
    """Return the trails of several checks, oldest first."""
    found: dict[int, list[CheckStep]] = {one: [] for one in check_ids}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["steps"], {"check_ids": list(found)}):
            found[row.pop("check_id")].append(
                CheckStep(
                    **{
                        **row,
                        "action": CheckAction(row["action"]),
                        "from_state": CheckState(row["from_state"]),
                        "to_state": CheckState(row["to_state"]),
                        "result": _result(row["result"]),
                    }
                )
            )
    return found


def awaited(
    conn: Connection, which: Which, *, after: tuple[date, int] | None = None, limit: int = 100
) -> list[tuple[int, int]]:
    """Return (check_id, approval_id) of what somebody has a step to take with, the first due first.

    `after`: the due day and number of the last one of the page before.
    """
    page = {"due_on": None, "after": None} if after is None else {"due_on": after[0], "after": after[1]}
    values = {"market_id": which.market_id, "overdue_on": which.overdue_on, "limit": limit, **page}
    return _pairs(conn, _in("awaited", which.market_id), values)


def finished(conn: Connection, which: Which, *, after: int | None = None, limit: int = 100) -> list[tuple[int, int]]:
    """Return (check_id, approval_id) of what is done or withdrawn, the newest first."""
    return _pairs(
        conn, _in("finished", which.market_id), {"market_id": which.market_id, "after": after, "limit": limit}
    )


def to_tell(conn: Connection, *, today: date, until: date, limit: int) -> list[CheckToTell]:
    """Return checks that are due until a day, or overdue today, and were not told of as that, the first due first."""
    with conn.cursor(row_factory=class_row(CheckToTell)) as cursor:
        return cursor.execute(_SQL["to_tell"], {"today": today, "until": until, "limit": limit}).fetchall()


def unmatched(conn: Connection, *, after: int | None = None, limit: int = 100) -> list[int]:
    """Return approvals that are matched with nobody, the newest first."""
    return [int(row[0]) for row in conn.execute(_SQL["unmatched"], {"after": after, "limit": limit})]


def by_number(conn: Connection, number: str, market_id: MarketId | None, *, limit: int = 100) -> list[int]:
    """Return approvals whose number begins so."""
    values = {"pattern": like.beginning(number), "market_id": market_id, "limit": limit}
    return [int(row[0]) for row in conn.execute(_SQL[_in("by_number", market_id)], values)]


def counts(conn: Connection, market_id: MarketId | None, today: date) -> tuple[int, int]:
    """Return how many checks await a step, and how many of those are overdue."""
    values = {"market_id": market_id, "today": today}
    row = conn.execute(_SQL[_in("counts", market_id)], values).fetchone() or (0, 0)
    return int(row[0]), int(row[1])


def hold_exports(conn: Connection) -> None:
    """Hold the numbers of exports until the transaction ends: they go up without a gap."""
    conn.execute(_SQL["hold_exports"])


def to_export(conn: Connection, *, limit: int) -> list[ResultToExport]:
    """Return results that did not go back yet, held until the transaction ends."""
    with conn.cursor(row_factory=class_row(ResultToExport)) as cursor:
        return cursor.execute(_SQL["to_export"], {"limit": limit}).fetchall()


def last_export_no(conn: Connection) -> int:
    """Return the number of the last export; 0: none yet."""
    row = conn.execute(_SQL["last_export_no"]).fetchone()
    return 0 if row is None else int(row[0])


def put_export(
    conn: Connection, export_no: int, *, csv: bytes, json: bytes, results: int, by: str, at: datetime
) -> None:
    """Keep an export as it goes."""
    values = {"export_no": export_no, "csv": csv, "json": json, "results": results, "by": by, "at": at}
    conn.execute(_SQL["put_export"], values)


def exports(conn: Connection, *, limit: int = 50) -> list[Export]:
    """Return the exports, the newest first."""
    with conn.cursor(row_factory=class_row(Export)) as cursor:
        return cursor.execute(_SQL["exports"], {"limit": limit}).fetchall()


def exported(conn: Connection, export_no: int) -> ExportedFiles | None:
    """Return an export as it went, or None."""
    row = conn.execute(_SQL["exported"], {"export_no": export_no}).fetchone()
    return None if row is None else ExportedFiles(csv=bytes(row[0]), json=bytes(row[1]))


def waiting_for_export(conn: Connection) -> int:
    """Return how many results did not go back yet."""
    row = conn.execute(_SQL["waiting_for_export"]).fetchone()
    return 0 if row is None else int(row[0])


def _in(name: str, market_id: MarketId | None) -> str:
    """The query of all markets, or that of one."""
    return name if market_id is None else f"{name}_in_market"


def _pairs(conn: Connection, name: str, values: dict[str, Any]) -> list[tuple[int, int]]:
    return [(int(row[0]), int(row[1])) for row in conn.execute(_SQL[name], values)]


def _result(text: str | None) -> CheckResult | None:
    return None if text is None else CheckResult(text)


def _checks(conn: Connection, name: str, parameters: dict[str, Any]) -> list[Check]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[name], parameters).fetchall()
    return [Check(**{**row, "state": CheckState(row["state"]), "result": _result(row["result"])}) for row in rows]
