"""The list of cases, a page at a time, and the same as a file."""

import csv
import io
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from db import alert_pages, case_lists, registry
from db.case_lists import CaseLine
from domain.alert import AlertKind
from domain.case import CaseCause, CaseState
from tables.harmless import BYTE_ORDER_MARK, harmless
from web.case_filter import SHOW_WORDS, CaseFilter, case_filter
from web.signed_in import SeesCases
from web.state import Db, Running

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_FILE_ROWS: Final = 50_000
_COLUMNS: Final = (
    *("case_id", "market_id", "market_name", "vendor_id", "vendor_name", "cause", "state", "opened_at", "updated_at"),
    *("officer", "kinds", "alerts", "findings", "outcome", "document_no", "authority", "decided_on", "penalty"),
    *("amount_fen", "is_revoked"),
)

Filter = Annotated[CaseFilter, Depends(case_filter)]


@router.get("/cases")
def case_list(request: Request, running: Running, conn: Db, viewer: SeesCases, asked: Filter) -> HTMLResponse:
    """Cases that are undecided, or those that were asked for; the newest first."""
    found = case_lists.listed(conn, **asked.asked(viewer), limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return running.renderer.page(
        request,
        "cases.html",
        viewer=viewer,
        cases=shown,
        asked=asked,
        tabs=SHOW_WORDS,
        states=list(CaseState),
        causes=list(CaseCause),
        kinds=list(AlertKind),
        markets=[] if viewer.scope is not None else registry.markets(conn),
        people=alert_pages.display_names(conn, {one.officer for one in shown if one.officer}),
        older=shown[-1].case_id if len(found) > PAGE_SIZE else None,
    )


@router.get("/cases.csv")
def case_file(conn: Db, viewer: SeesCases, asked: Filter) -> Response:
    """The same as CSV, the newest 50 000. Times are UTC, money is in fen; words are the ones of the API."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in case_lists.listed(conn, **asked.asked(viewer), limit=_FILE_ROWS):
        writer.writerow([harmless(cell) for cell in _cells(one)])
    name = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response((BYTE_ORDER_MARK + out.getvalue()).encode(), media_type="text/csv", headers=name)


def _cells(one: CaseLine) -> list[object]:
    said = {
        "opened_at": one.opened_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
        "kinds": " ".join(one.kinds),
        "is_revoked": "true" if one.is_revoked else "false",
    }
    values = {name: getattr(one, name) for name in _COLUMNS} | said
    return ["" if values[name] is None else values[name] for name in _COLUMNS]
