"""Who asked for what with a token, as a page and as a file of all of it."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from db import export_tokens
from db.export_tokens import Access
from db.pool import translate_absence
from tables.harmless import BYTE_ORDER_MARK, harmless
from web.signed_in import ManagesExports
from web.state import Db, Running, Service
from web.typed_numbers import whole

router = APIRouter(include_in_schema=False)

_PAGE_SIZE: Final = 100
_FILE_ROWS_AT_ONCE: Final = 2000
_NEWEST: Final = 2**63 - 1
_COLUMNS: Final = ("access_id", "at", "token_id", "department", "address", "asked", "status", "records", "identities",
                   "problem")  # fmt: skip

_Before = Annotated[int, Query(ge=1, le=_NEWEST)]


@router.get("/exports/accesses")
def accesses(
    request: Request,
    running: Running,
    conn: Db,
    viewer: ManagesExports,
    token: Annotated[str, Query(max_length=20)] = "",
    refused: bool = False,
    before: _Before = _NEWEST,
) -> HTMLResponse:
    """Who asked for what, from where, and what they were given."""
    found = export_tokens.accesses(conn, token_id=whole(token), refused=refused, before=before, limit=_PAGE_SIZE + 1)
    return running.renderer.page(
        request,
        "export_accesses.html",
        viewer=viewer,
        lines=found[:_PAGE_SIZE],
        older=found[_PAGE_SIZE - 1].access_id if len(found) > _PAGE_SIZE else None,
        tokens=export_tokens.tokens(conn),
        token=token,
        refused=refused,
        zone=running.config.notices_policy.timezone,
    )


@router.get("/exports/accesses.csv")
def accesses_file(
    running: Running, _viewer: ManagesExports, token: Annotated[str, Query(max_length=20)] = "", refused: bool = False
) -> Response:
    """The same as CSV: all of it, however much that is."""
    name = {"Content-Disposition": 'attachment; filename="export-accesses.csv"'}
    return StreamingResponse(_file(running, whole(token), refused=refused), media_type="text/csv", headers=name)


def _file(running: Service, token_id: int | None, *, refused: bool) -> Iterator[bytes]:
    """Yield a file in pieces; a connection is lent for each, and not for as long as somebody takes to fetch them."""
    yield (BYTE_ORDER_MARK + _rows([_COLUMNS])).encode()
    before = _NEWEST
    while True:
        with translate_absence(), running.pool.connection() as conn:
            found = export_tokens.accesses(
                conn, token_id=token_id, refused=refused, before=before, limit=_FILE_ROWS_AT_ONCE
            )
        if not found:
            return
        yield _rows([_cells(one) for one in found]).encode()
        before = found[-1].access_id


def _cells(one: Access) -> tuple[str, ...]:
    values = {**{name: getattr(one, name) for name in _COLUMNS}, "at": one.at.isoformat()}
    return tuple(str(harmless("" if values[name] is None else values[name])) for name in _COLUMNS)


def _rows(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
