"""Who asked for what with a token, as a page and as a file of all of it."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from db import export_accesses, export_tokens, registry
from db.export_accesses import NEWEST, Access, Place, Where
from db.pool import translate_absence
from domain.errors import FieldRefused
from tables.harmless import BYTE_ORDER_MARK, harmless
from web.access_filter import STATUSES, AccessFilter, access_filter
from web.signed_in import ManagesExports
from web.state import Db, Running, Service

router = APIRouter(include_in_schema=False)

_PAGE_SIZE: Final = 100
_FILE_ROWS_AT_ONCE: Final = 2000
_UNPROCESSABLE: Final = 422
_COLUMNS: Final = ("access_id", "at", "token_id", "department", "address", "asked", "status", "records", "identities",
                   "problem")  # fmt: skip

_Asked = Annotated[AccessFilter, Depends(access_filter)]


@router.get("/exports/accesses")
def accesses(request: Request, running: Running, conn: Db, viewer: ManagesExports, asked: _Asked) -> HTMLResponse:
    """Who asked for what, from where, and what they were given."""
    zone, refusal, found = running.config.notices_policy.timezone, None, []
    try:
        found = export_accesses.page(conn, asked.where(zone), before=asked.place(), limit=_PAGE_SIZE + 1)
    except FieldRefused as error:
        refusal = error
    shown = found[:_PAGE_SIZE]
    return running.renderer.page(
        request,
        "export_accesses.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        refusal=refusal,
        lines=shown,
        older=asked.query(Place(shown[-1].at, shown[-1].access_id)) if len(found) > _PAGE_SIZE else None,
        tokens=export_tokens.tokens(conn),
        markets=registry.markets(conn),
        statuses=STATUSES,
        asked=asked,
        zone=zone,
    )


@router.get("/exports/accesses.csv")
def accesses_file(running: Running, _viewer: ManagesExports, asked: _Asked) -> Response:
    """The same as CSV: all of it, however much that is."""
    where = asked.where(running.config.notices_policy.timezone)
    name = {"Content-Disposition": 'attachment; filename="export-accesses.csv"'}
    return StreamingResponse(_file(running, where), media_type="text/csv", headers=name)


def _file(running: Service, where: Where) -> Iterator[bytes]:
    """Yield a file in pieces; a connection is lent for each, and not for as long as somebody takes to fetch them."""
    yield (BYTE_ORDER_MARK + _rows([_COLUMNS])).encode()
    before = NEWEST
    while True:
        with translate_absence(), running.pool.connection() as conn:
            found = export_accesses.page(conn, where, before=before, limit=_FILE_ROWS_AT_ONCE)
        if not found:
            return
        yield _rows([_cells(one) for one in found]).encode()
        before = Place(found[-1].at, found[-1].access_id)


def _cells(one: Access) -> tuple[str, ...]:
    values = {**{name: getattr(one, name) for name in _COLUMNS}, "at": one.at.isoformat()}
    return tuple(str(harmless("" if values[name] is None else values[name])) for name in _COLUMNS)


def _rows(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
