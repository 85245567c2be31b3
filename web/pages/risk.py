"""Risk classes: by class and market, as a file, and of one vendor with everything they are made of. Regulators only."""

import csv
import io
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from db import alert_pages, registry, risk_classes
from db.risk_classes import ListedClass
from domain.ids import MarketId, VendorId
from domain.risk import OtherIndicator, months_before
from domain.supervision_item import RiskClass
from tables.harmless import BYTE_ORDER_MARK, harmless
from web.risk import AskedRisk, asked_risk, vendor_risk, written
from web.signed_in import SeesRisk
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_FILE_ROWS: Final = 200_000
_COLUMNS: Final = (
    *(
        "month",
        "for_month",
        "market_id",
        "market_name",
        "vendor_id",
        "vendor_name",
        "class",
        "points",
        "class_by_points",
    ),
    *("because", "data", "class_set_by_hand"),
)
Asked = Annotated[AskedRisk, Depends(asked_risk)]


@router.get("/risk")
def risk_list(request: Request, running: Running, conn: Db, viewer: SeesRisk, asked: Asked) -> HTMLResponse:
    """A month's classes, the gravest first, how they are distributed, and whose trend turned."""
    scope, month = asked.scope(viewer), asked.month_in(conn, viewer)
    found: list[ListedClass] = []
    if month is not None:
        found = risk_classes.listed(
            conn,
            scope,
            months_before(month, -1),
            risk_class=asked.risk_class,
            after=asked.cursor,
            limit=PAGE_SIZE + 1,
        )
    runs = [] if month is None else risk_classes.runs(conn, scope, month)
    return running.renderer.page(
        request,
        "risk.html",
        viewer=viewer,
        asked=asked,
        month=month,
        for_month=None if month is None else months_before(month, -1),
        months=risk_classes.months(conn, scope),
        lines=found[:PAGE_SIZE],
        older=written(found[PAGE_SIZE - 1].cursor) if len(found) > PAGE_SIZE else None,
        runs=runs,
        totals={one: sum(run.run.by_class[one] for run in runs) for one in RiskClass},
        warnings=[] if month is None else risk_classes.warnings(conn, scope, month),
        warned=sum(run.run.warnings for run in runs),
        classes=list(RiskClass),
        markets=registry.markets(conn),
        policy=running.config.risk_policy,
    )


@router.get("/risk.csv")
def risk_file(conn: Db, viewer: SeesRisk, asked: Asked) -> Response:
    """The same as CSV, without pages; words are the ones of the API."""
    scope, month = asked.scope(viewer), asked.month_in(conn, viewer)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    if month is not None:
        for_month = months_before(month, -1)
        lines = risk_classes.listed(conn, scope, for_month, risk_class=asked.risk_class, limit=_FILE_ROWS)
        for one in lines:
            cells = (
                *(f"{month:%Y-%m}", f"{for_month:%Y-%m}", one.market_id, one.market_name, one.vendor_id),
                *(one.vendor_name, one.risk_class, one.points, one.by_points, one.because, one.basis),
                one.by_hand or "",
            )
            writer.writerow([harmless(cell) for cell in cells])
    name = {"Content-Disposition": 'attachment; filename="risk-classes.csv"', "Cache-Control": "no-store"}
    return Response((BYTE_ORDER_MARK + out.getvalue()).encode(), media_type="text/csv", headers=name)


@router.get("/risk/{market_id}/{vendor_id}")
def risk_of_vendor(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRisk,
    market_id: MarketId,
    vendor_id: VendorId,
    month: Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")] = "",
) -> HTMLResponse:
    """A vendor's class with its parts and its months."""
    found = vendor_risk(conn, viewer, market_id, vendor_id, now)
    asked = next((one.month for one in found.months if f"{one.month:%Y-%m}" == month), None)
    return running.renderer.page(
        request,
        "risk_vendor.html",
        viewer=viewer,
        vendor=found,
        shown=found.shown(asked),
        groups={group.name: group for group in running.config.risk_policy.confirmed},
        others={one.value: one for one in OtherIndicator},
        people=alert_pages.display_names(conn, {one.set_by for one in found.by_hand}),
        policy=running.config.risk_policy,
    )
