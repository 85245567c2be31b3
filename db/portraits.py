"""What portraits are made of beside days of sales, and the portraits as they were made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.ids import MarketId, ScaleId, VendorId
from domain.portrait import Axis, AxisFigure, Lack, Portrait, PortraitsMade, Quartiles, ScaleDays

_SQL = load("portraits")
_LINES: Final = ("upheld_complaints", "undecided_complaints", "other_complaints", "in_time_alerts", "late_alerts")
#: What the quartiles over all of the span are kept as.
WHOLE_SPAN: Final = -1
_PRICE_ALERTS_SHOWN: Final = 500

QuartileOf = Mapping[tuple[Axis, int], Quartiles]


@dataclass(frozen=True, slots=True)
class Stay:
    """A scale with a vendor, `[begins, ends)`; None where that is open."""

    vendor_id: VendorId
    scale_id: ScaleId
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification of a scale; `valid_until` None: it failed."""

    scale_id: ScaleId
    verified_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class RegisteredScale:
    """Until when the register says that a scale is verified, and since when if it knows."""

    scale_id: ScaleId
    verified_until: date
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class ComplaintOf:
    """A complaint about a vendor, and how far it is."""

    complaint_id: int
    vendor_id: VendorId
    state: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class RectificationOf:
    """A rectification that a vendor was ordered; `ended_on` None: it is awaited. `reported`: what ended the wait."""

    alert_id: int
    vendor_id: VendorId
    due_on: date
    ended_on: date | None
    reported: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedComplaint:
    """A complaint that was counted, as it is now."""

    complaint_id: int
    reason: str
    state: str
    outcome: str | None
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedAlert:
    """An alert that was counted, as it is now."""

    alert_id: int
    kind: str
    business_day: date
    state: str
    rectify_by: date | None


def vendors(conn: Connection, market_id: MarketId) -> set[VendorId]:
    """Return the registered vendors of a market."""
    return {row[0] for row in conn.execute(_SQL["vendors"], {"market_id": market_id})}


def stays(
    conn: Connection, market_id: MarketId, since: datetime, until: datetime, vendor_id: VendorId | None = None
) -> list[Stay]:
    """Return who held which scale at any time of `[since, until)`; of one vendor where it is named."""
    values = {"market_id": market_id, "since": since, "until": until, "vendor_id": vendor_id}
    return [Stay(*row) for row in conn.execute(_SQL["stays" if vendor_id is None else "stays_of_vendor"], values)]


def verifications(conn: Connection, market_id: MarketId, last: date) -> list[Verification]:
    """Return the verifications of a market's scales up to a day, each scale's by day."""
    rows = conn.execute(_SQL["verifications"], {"market_id": market_id, "last": last})
    return [Verification(*row) for row in rows]


def registered_scales(conn: Connection, market_id: MarketId) -> list[RegisteredScale]:
    """Return the scales of a market of which the register knows until when they are verified."""
    return [RegisteredScale(*row) for row in conn.execute(_SQL["registered_until"], {"market_id": market_id})]


def complaints(conn: Connection, market_id: MarketId, since: datetime, until: datetime) -> list[ComplaintOf]:
    """Return the complaints about a market's vendors received in `[since, until)`, but refused or withdrawn ones."""
    values = {"market_id": market_id, "since": since, "until": until}
    return [ComplaintOf(*row) for row in conn.execute(_SQL["complaints"], values)]


def rectifications(conn: Connection, market_id: MarketId, since: date, until: date) -> list[RectificationOf]:
    """Return the rectifications due from a day to a day whose breach stands and is not appealed."""
    values = {"market_id": market_id, "since": since, "until": until}
    return [RectificationOf(*row) for row in conn.execute(_SQL["rectifications"], values)]


def made(conn: Connection, market_id: MarketId) -> PortraitsMade | None:
    """Return how the portraits of a market were made last; None: they never were."""
    with conn.cursor(row_factory=class_row(PortraitsMade)) as cursor:
        return cursor.execute(_SQL["made"], {"market_id": market_id}).fetchone()


def replace_all(
    conn: Connection,
    market_id: MarketId,
    how: PortraitsMade,
    portraits: Iterable[Portrait],
    quartiles: Mapping[tuple[str, Axis, int], Quartiles],
) -> None:
    """Put portraits in the place of a market's, within the caller's transaction, who holds the market."""
    all_of_them = list(portraits)
    for name in ("forget", "forget_quartiles"):
        conn.execute(_SQL[name], {"market_id": market_id})
    with conn.cursor() as cursor:
        with cursor.copy(_SQL["copy_portraits"]) as copy:
            for one in all_of_them:
                copy.write_row(_row(one))
        with cursor.copy(_SQL["copy_axes"]) as copy:
            for one in all_of_them:
                for of in one.figures:
                    figure = (of.axis, of.part, of.whole, of.value, of.rank_permille, of.peers, of.lack)
                    copy.write_row((one.market_id, one.vendor_id, *figure))
        with cursor.copy(_SQL["copy_quartiles"]) as copy:
            for (goods, axis, week), found in quartiles.items():
                figures = (found.vendors, found.lower, found.median, found.upper)
                copy.write_row((market_id, goods, axis, week, *figures))
    values = {field.name: getattr(how, field.name) for field in fields(how)}
    conn.execute(_SQL["note_made"], {"market_id": market_id, **values})


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> Portrait | None:
    """Return a vendor's portrait as it was made last; None where it neither held a scale nor sold anything."""
    whose = {"market_id": market_id, "vendor_id": vendor_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["of_vendor"], whose).fetchone()
    if row is None:
        return None
    figures = {
        Axis(axis): AxisFigure(
            axis=Axis(axis),
            part=part,
            whole=whole,
            value=value,
            rank_permille=rank,
            peers=peers,
            lack=None if lack is None else Lack(lack),
        )
        for axis, part, whole, value, rank, peers, lack in conn.execute(_SQL["axes_of_vendor"], whose)
    }
    return Portrait(
        market_id=market_id,
        vendor_id=vendor_id,
        goods=row["goods"],
        goods_g=row["goods_g"],
        over_cap=row["over_cap"],
        figures=tuple(figures[axis] for axis in Axis),
        scales=tuple(
            ScaleDays(scale_id=scale_id, days=days, verified=verified)
            for scale_id, days, verified in zip(
                row["scale_ids"], row["scale_days"], row["scale_verified_days"], strict=True
            )
        ),
        upheld_complaints=tuple(row["upheld_complaints"]),
        undecided_complaints=tuple(row["undecided_complaints"]),
        other_complaints=tuple(row["other_complaints"]),
        in_time_alerts=tuple(row["in_time_alerts"]),
        late_alerts=tuple(row["late_alerts"]),
    )


def quartiles(conn: Connection, market_id: MarketId, goods: str) -> QuartileOf:
    """Return the quartiles of a market's vendors of these goods, by axis and week (`WHOLE_SPAN`: over all of it)."""
    rows = conn.execute(_SQL["quartiles"], {"market_id": market_id, "goods": goods})
    return {
        (Axis(axis), week): Quartiles(vendors=vendors_of_it, lower=lower, median=median, upper=upper)
        for axis, week, vendors_of_it, lower, median, upper in rows
    }


def complaints_named(conn: Connection, complaint_ids: Iterable[int]) -> list[NamedComplaint]:
    """Return complaints by their numbers, the newest first."""
    with conn.cursor(row_factory=class_row(NamedComplaint)) as cursor:
        return cursor.execute(_SQL["complaints_named"], {"complaint_ids": list(complaint_ids)}).fetchall()


def alerts_named(conn: Connection, alert_ids: Iterable[int]) -> list[NamedAlert]:
    """Return alerts by their numbers, the newest first."""
    with conn.cursor(row_factory=class_row(NamedAlert)) as cursor:
        return cursor.execute(_SQL["alerts_named"], {"alert_ids": list(alert_ids)}).fetchall()


def price_alerts(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, since: date, until: date, kinds: Iterable[str]
) -> list[NamedAlert]:
    """Return a vendor's alerts of these kinds of the days, the newest first, up to 500."""
    values = {
        "market_id": market_id,
        "vendor_id": vendor_id,
        "since": since,
        "until": until,
        "kinds": list(kinds),
        "limit": _PRICE_ALERTS_SHOWN,
    }
    with conn.cursor(row_factory=class_row(NamedAlert)) as cursor:
        return cursor.execute(_SQL["price_alerts"], values).fetchall()


def _row(one: Portrait) -> tuple[object, ...]:
    of_scales = (
        [scale.scale_id for scale in one.scales],
        [scale.days for scale in one.scales],
        [scale.verified for scale in one.scales],
    )
    whose = (one.market_id, one.vendor_id, one.goods, one.goods_g, one.over_cap)
    return (*whose, *(list(getattr(one, name)) for name in _LINES), *of_scales)
