"""Filling the register from a file: looked at, then applied as a whole by whoever looked, or not at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import registry
from db.register import imports, scales, stalls, vendors
from db.register.events import Change
from db.register.imports import WaitingFile
from domain.errors import BadFile, IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from supervision.register import changing
from supervision.register.import_bindings import plan_bindings
from supervision.register.import_plan import Known, Plan, RowOutcome, codes_named, ids_named, plan_of
from supervision.register.import_tables import REGISTER_LIMITS, GivenTable, ImportKind, given_table, kind_told
from tables.files import table_of

#: What the trail says where nobody says more.
_FROM_A_FILE: Final = "from the file {0}"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterFile:
    """A file for a market. `kind` None: as its columns tell."""

    name: str
    content: bytes
    market_id: MarketId
    kind: ImportKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What a file did: how many rows registered, changed and left what they name."""

    added: int
    changed: int
    unchanged: int


class PlanChanged(IllegalTransition):
    """What the file would do is not what was looked at: the register changed meanwhile."""


def preview(conn: Connection, file: RegisterFile, *, now: datetime) -> Plan:
    """Return what a file would do; nothing is kept. Raise BadFile for what is no table, NotFound for the market."""
    kind, given = _read(file)
    if kind is ImportKind.BINDINGS:
        with conn.transaction():
            imports.hold_market(conn, file.market_id)
            return plan_bindings(conn, file.market_id, given, zone=_zone(conn, file.market_id), now=now)
    _zone(conn, file.market_id)
    return plan_of(given, kind, _known(conn, file.market_id, kind, given, lock=False))


def apply(
    conn: Connection,
    file: RegisterFile,
    change: Change,
    *,
    expected: str | None,
    past_is_meant: bool = False,
    import_id: int | None = None,
) -> Applied:
    """Apply a file in one transaction. The same file again changes nothing.

    `expected`: the digest of the plan that was looked at; None: whatever it would do. `import_id`: where it is kept.
    Raise BadFile with every problem, PlanChanged, and RuleViolation for a past that is not meant.
    """
    with conn.transaction():
        kind, given = _read(file)
        imports.hold_market(conn, file.market_id)
        told = Change(
            by=change.by, at=change.at, because=change.because or _FROM_A_FILE.format(file.name), source=change.source
        )
        if kind is ImportKind.BINDINGS:
            zone = _zone(conn, file.market_id)
            plan = plan_bindings(conn, file.market_id, given, zone=zone, now=change.at, change=told)
        else:
            _zone(conn, file.market_id)
            plan = plan_of(given, kind, _known(conn, file.market_id, kind, given, lock=True))
        _require_as_expected(file, plan, expected, past_is_meant=past_is_meant)
        if kind is not ImportKind.BINDINGS:
            _apply(conn, file.market_id, plan, told)
        counts = plan.counts
        applied = Applied(
            added=counts[RowOutcome.NEW], changed=counts[RowOutcome.CHANGED], unchanged=counts[RowOutcome.UNCHANGED]
        )
        kept = import_id
        if kept is None:
            waiting = WaitingFile(kind=kind, market_id=file.market_id, name=file.name, content=file.content)
            kept = imports.put(conn, waiting, by=change.by, at=change.at)
        imports.applied(
            conn,
            kept,
            by=change.by,
            at=change.at,
            added=applied.added,
            changed=applied.changed,
            unchanged=applied.unchanged,
        )
        return applied


def _require_as_expected(file: RegisterFile, plan: Plan, expected: str | None, *, past_is_meant: bool) -> None:
    if not plan.may_be_applied:
        raise BadFile(file.name, tuple(map(str, plan.problems)))
    if expected is not None and expected != plan.digest:
        raise PlanChanged("the register has changed since you looked: look at what the file would do now")
    if plan.in_the_past and not past_is_meant:
        raise RuleViolation(
            f"{plan.in_the_past} rows begin in the past: what was sold since would be judged again;"
            " say that it is meant so"
        )


def kind_of_file(file: RegisterFile) -> ImportKind:
    """Return what a file holds. Raise BadFile where it is no table, or its columns tell of nothing or of two kinds."""
    return _read(file)[0]


def _read(file: RegisterFile) -> tuple[ImportKind, GivenTable]:
    table = table_of(file.content, file.name, REGISTER_LIMITS)
    kind = file.kind or kind_told(table)
    if kind is None:
        expected = "vendors (商户编号), stalls (摊位号), scales (秤号) or bindings (秤号, 摊位号, 生效时间)"
        raise BadFile(file.name, (f"its columns do not tell what it holds; say which: {expected}",))
    return kind, given_table(table, kind)


def _zone(conn: Connection, market_id: MarketId) -> ZoneInfo:
    for market in registry.markets(conn):
        if market.market_id == market_id:
            return ZoneInfo(market.timezone)
    raise NotFound(f"there is no market {market_id!r}")


def _known(conn: Connection, market_id: MarketId, kind: ImportKind, given: GivenTable, *, lock: bool) -> Known:
    ids = ids_named(given, kind)
    if kind is ImportKind.VENDORS:
        found = vendors.several(conn, market_id, ids, lock=lock)
        holders = vendors.holders_of(conn, market_id, codes_named(given))
        return Known(
            records={str(one): vendor.identity for one, vendor in found.items()},
            revisions={str(one): vendor.revision for one, vendor in found.items()},
            holders={code: str(holder) for code, holder in holders.items()},
        )
    if kind is ImportKind.STALLS:
        places = stalls.several(conn, market_id, ids)
        return Known(
            records={str(one): stall.facts for one, stall in places.items()},
            revisions={str(one): stall.revision for one, stall in places.items()},
            holders={},
        )
    devices = scales.several(conn, market_id, ids)
    return Known(
        records={str(one): scale.identity for one, scale in devices.items()},
        revisions={str(one): scale.revision for one, scale in devices.items()},
        holders={},
    )


def _apply(conn: Connection, market_id: MarketId, plan: Plan, change: Change) -> None:
    for row in plan.rows:
        is_new, record, revision = row.outcome is RowOutcome.NEW, row.record, row.revision
        if row.outcome is RowOutcome.UNCHANGED:
            continue
        match plan.kind:
            case ImportKind.VENDORS if is_new:
                changing.register_vendor(conn, market_id, VendorId(row.subject_id), record, change)
            case ImportKind.VENDORS:
                changing.correct_vendor(
                    conn, market_id, VendorId(row.subject_id), record, revision=revision, change=change
                )
            case ImportKind.STALLS if is_new:
                changing.register_stall(conn, market_id, StallId(row.subject_id), record, change)
            case ImportKind.STALLS:
                changing.correct_stall(
                    conn, market_id, StallId(row.subject_id), record, revision=revision, change=change
                )
            case ImportKind.SCALES if is_new:
                changing.register_scale(conn, market_id, ScaleId(row.subject_id), record, change)
            case _:
                changing.correct_scale(
                    conn, market_id, ScaleId(row.subject_id), record, revision=revision, change=change
                )
