"""Risk classes as they were computed, the runs they are of, and the warnings beside them. Appended, and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.risk import (
    Classed,
    ClassedBecause,
    ComputedClass,
    DataBasis,
    Part,
    RiskRun,
    RiskWarning,
    SetByHand,
    Turn,
)
from domain.supervision_item import RiskClass

_SQL: Final = load("risk_classes")
_TURN: Final = Turn.__slots__
_DUMP: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRun:
    """A month of a market as it was computed; `month`: its first day."""

    market_id: MarketId
    month: date
    for_month: date
    now: datetime
    policy_version: str
    rules_version: str
    classes: Sequence[Classed]
    inspected: Mapping[RiskClass, int]
    turns: Sequence[Turn]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """Where a page of the list ends."""

    risk_class: str
    points: int
    number: int


#: Before everything.
START: Final = Cursor(risk_class="E", points=0, number=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedClass:
    """A line of the list. `by_hand`: what a regulator set for the same month, which stands then."""

    risk_class_id: int
    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    market_name: str
    risk_class: RiskClass
    points: int
    by_points: RiskClass
    basis: DataBasis
    because: ClassedBecause
    by_hand: RiskClass | None

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this line ends."""
        return Cursor(risk_class=self.risk_class, points=self.points, number=self.risk_class_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRun:
    """A run with the name of its market."""

    run: RiskRun
    market_name: str
    rules_version: str
    inspected: Mapping[RiskClass, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedWarning:
    """A warning with the name of its market."""

    warning: RiskWarning
    market_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthWeighed:
    """What was counted of a vendor's weighings in a month."""

    month: date
    weighings: int
    capped: int
    near: int
    over: int
    last_day: date


def is_computed(conn: Connection, market_id: MarketId, month: date) -> bool:
    """Say whether a month of a market was computed."""
    row = conn.execute(_SQL["is_computed"], {"market_id": market_id, "month": month}).fetchone()
    return bool(row and row[0])


def store(conn: Connection, run: NewRun, *, by: str) -> bool:
    """Append a run with its classes and warnings, in the caller's transaction; False where the month was computed."""
    by_class = {one.value: 0 for one in RiskClass}
    for one in run.classes:
        by_class[one.risk_class] += 1
    values = {
        "market_id": run.market_id,
        "month": run.month,
        "now": run.now,
        "policy_version": run.policy_version,
        "rules_version": run.rules_version,
        "vendors": len(run.classes),
        "by_class": Jsonb(by_class),
        "inspected": Jsonb({one.value: run.inspected.get(one, 0) for one in RiskClass}),
        "warnings": len(run.turns),
    }
    if conn.execute(_SQL["begin_run"], values).fetchone() is None:
        return False
    _copy(conn, run, by)
    with conn.cursor() as cursor:
        rows = [{name: getattr(one, name) for name in _TURN} | values for one in run.turns]
        cursor.executemany(_SQL["warn"], rows)
    return True


def latest_month(conn: Connection, market_id: MarketId | None) -> date | None:
    """Return the last month that was computed, of a market or of any; None: none was."""
    row = conn.execute(_SQL["latest_month"], {"market_id": market_id}).fetchone()
    return row[0] if row else None


def months(conn: Connection, market_id: MarketId | None, *, limit: int = 36) -> list[date]:
    """Return the months that were computed, the newest first."""
    return [row[0] for row in conn.execute(_SQL["months"], {"market_id": market_id, "limit": limit})]


def runs(conn: Connection, market_id: MarketId | None, month: date) -> list[ListedRun]:
    """Return what was computed of a month, market by market."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_run(row) for row in cursor.execute(_SQL["runs"], {"market_id": market_id, "month": month})]


def listed(
    conn: Connection,
    market_id: MarketId | None,
    for_month: date,
    *,
    risk_class: RiskClass | None,
    after: Cursor = START,
    limit: int,
) -> list[ListedClass]:
    """Return computed classes for a month, the gravest first; `risk_class`: only these."""
    asked = {
        "market_id": market_id,
        "for_month": for_month,
        "risk_class": risk_class,
        "after_class": after.risk_class,
        "after_points": after.points,
        "after_id": after.number,
        "limit": limit,
    }
    name = "listed" if market_id is None else "listed_in_market"
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, ListedClass) for row in cursor.execute(_SQL[name], asked)]


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = 24) -> list[ComputedClass]:
    """Return a vendor's computed classes, the newest first."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["computed_of_vendor"], asked).fetchall()
    return [
        ComputedClass(
            **{
                **row,
                "risk_class": RiskClass(row["risk_class"]),
                "because": ClassedBecause(row["because"]),
                "by_points": RiskClass(row["by_points"]),
                "basis": DataBasis(row["basis"]),
                "parts": msgspec.convert(row["parts"], tuple[Part, ...]),
            }
        )
        for row in rows
    ]


def set_by_hand(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = 24) -> list[SetByHand]:
    """Return what regulators set for a vendor, the newest first."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["by_hand_of_vendor"], asked).fetchall()
    return [SetByHand(**{**row, "risk_class": RiskClass(row["risk_class"])}) for row in rows]


def in_force(conn: Connection, market_id: MarketId, vendor_id: VendorId, at: datetime) -> RiskClass | None:
    """Return the class that holds for a vendor at a moment; None: there is none."""
    row = conn.execute(_SQL["in_force"], {"market_id": market_id, "vendor_id": vendor_id, "at": at}).fetchone()
    return None if row is None else RiskClass(row[0])


def months_of_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = 24
) -> list[MonthWeighed]:
    """Return what was counted of a vendor's weighings, the newest month first."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=class_row(MonthWeighed)) as cursor:
        return cursor.execute(_SQL["months_of_vendor"], asked).fetchall()


def warnings(conn: Connection, market_id: MarketId | None, month: date, *, limit: int = 200) -> list[ListedWarning]:
    """Return the warnings of a month: of markets first, then the surest first."""
    asked = {"market_id": market_id, "month": month, "limit": limit}
    return _warnings(conn, "warnings", asked)


def warnings_of_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = 24
) -> list[ListedWarning]:
    """Return the warnings of a vendor, the newest first."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    return _warnings(conn, "warnings_of_vendor", asked)


def reason_of(one: Classed, month: date, policy_version: str) -> str:
    """Return a computed class's reason in words: the month, the points and where they are from, and the policy."""
    assessed = one.assessed
    added = ", ".join(f"{part.indicator} {part.points}" for part in assessed.parts if part.points) or "nothing added"
    because = (
        "" if one.because is ClassedBecause.POINTS else f"; {assessed.by_points} by points, moved by {one.because}"
    )
    return f"{month:%Y-%m}: {assessed.points} points ({added}){because}; data {assessed.basis}; policy {policy_version}"


def _copy(conn: Connection, run: NewRun, by: str) -> None:
    with conn.cursor() as cursor, cursor.copy(_SQL["copy_classes"]) as copy:
        for row in _rows(run, by):
            copy.write_row(row)


def _rows(run: NewRun, by: str) -> Iterable[tuple[Any, ...]]:
    for one in run.classes:
        assessed = one.assessed
        yield (
            *(run.market_id, assessed.vendor_id, one.risk_class.value),
            *(reason_of(one, run.month, run.policy_version), by, run.now, run.for_month, run.month),
            *(assessed.points, assessed.by_points.value, assessed.basis.value, one.because.value),
            *(_DUMP(assessed.parts).decode(), run.policy_version),
        )


def _run(row: dict[str, Any]) -> ListedRun:
    run = RiskRun(
        **{name: row[name] for name in RiskRun.__slots__ if name != "by_class"},
        by_class={RiskClass(name): count for name, count in row["by_class"].items()},
    )
    inspected = {RiskClass(name): count for name, count in row["inspected"].items()}
    return ListedRun(run=run, market_name=row["market_name"], rules_version=row["rules_version"], inspected=inspected)


def _warnings(conn: Connection, name: str, asked: Mapping[str, Any]) -> list[ListedWarning]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[name], asked).fetchall()
    return [
        ListedWarning(
            warning=RiskWarning(
                **{field: row[field] for field in RiskWarning.__slots__ if field != "turn"},
                turn=Turn(**{field: row[field] for field in _TURN}),
            ),
            market_name=row["market_name"],
        )
        for row in rows
    ]
