"""A catalogue from a file: TOML becomes a draft at once, a table is looked at first and then kept."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import item_files, items
from domain.errors import BadFile, IllegalTransition, NotFound, RuleViolation
from domain.supervision_item import CatalogueState
from supervision.items import importing, keeping
from supervision.items.catalogue_file import MOST_BYTES, read_catalogue
from supervision.items.catalogue_table import Head
from supervision.items.importing import TableFile
from supervision.items.table_titles import TABLE_LIMITS
from tables.cells import column_letter
from web.access import Permission, Viewer
from web.pages.inspections.items import catalogue_page
from web.register_imports import file_name
from web.signed_in import EditsItems, SeesItems
from web.state import Db, Now, Running, Service
from web.words_of_item_tables import table_field

router = APIRouter(prefix="/inspections/items", include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_HERE: Final = "/inspections/items"

_Words = Annotated[str, Form(max_length=4000)]


@router.post("/import")
def import_file(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsItems,
    file: Annotated[UploadFile | None, File()] = None,
    version: _Words = "",
    title: _Words = "",
    source: _Words = "",
) -> Response:
    """Keep a TOML file's catalogue as a draft, or a table to be looked at; refused, what was typed stays."""
    try:
        name, content = _sent(file)
        if name.lower().endswith(".toml"):
            filed = read_catalogue(content, name)
            with conn.transaction():
                catalogue_id = keeping.draft_from_file(conn, filed, by=viewer.username, at=now)
            return RedirectResponse(f"{_HERE}?version={catalogue_id}", _SEE_OTHER)
        head = Head(version=version.strip(), title=title.strip(), source=source.strip())
        sent = TableFile(name=name, content=content, head=head)
        file_id = importing.put(conn, sent, by=viewer.username, at=now)
    except (BadFile, RuleViolation) as error:
        typed = {"version": version, "title": title, "source": source}
        return catalogue_page(request, running, conn, viewer, refusal=error, typed=typed)
    return RedirectResponse(f"{_HERE}/imports/{file_id}", _SEE_OTHER)


@router.get("/imports/{file_id}")
def look(request: Request, running: Running, conn: Db, viewer: EditsItems, file_id: int) -> HTMLResponse:
    """What a table would be."""
    return _preview_page(request, running, conn, viewer, file_id, _uploaded(conn, viewer, file_id))


@router.post("/imports/{file_id}")
def keep(request: Request, running: Running, conn: Db, now: Now, viewer: EditsItems, file_id: int) -> Response:
    """Keep a table as a draft, as a whole or not at all."""
    file = _uploaded(conn, viewer, file_id)
    try:
        catalogue_id = importing.keep(conn, file, by=viewer.username, at=now, file_id=file_id)
    except (BadFile, RuleViolation) as error:
        return _preview_page(request, running, conn, viewer, file_id, file, refusal=error)
    return RedirectResponse(f"{_HERE}?version={catalogue_id}", _SEE_OTHER)


@router.get("/versions/{catalogue_id}/file")
def table(conn: Db, viewer: SeesItems, catalogue_id: int) -> Response:
    """The table that a version was read from, as it came."""
    found, version = item_files.of_catalogue(conn, catalogue_id), items.one(conn, catalogue_id)
    is_open = version is not None and version.state is CatalogueState.PUBLISHED
    if found is None or not (is_open or viewer.may(Permission.EDIT_ITEMS)):
        raise NotFound(f"version {catalogue_id} was read from no table that you may see")
    name, content = found
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": disposition})


def _sent(file: UploadFile | None) -> tuple[str, bytes]:
    if file is None or not file.filename:
        raise RuleViolation("file is missing; choose a catalogue's TOML file, or a table in CSV or XLSX")
    name = file_name(file.filename)
    most = MOST_BYTES if name.lower().endswith(".toml") else TABLE_LIMITS.most_bytes
    return name, file.file.read(most + 1)


def _uploaded(conn: Connection, viewer: Viewer, file_id: int) -> TableFile:
    found = importing.uploaded(conn, file_id, by=viewer.username)
    if found is None:
        raise NotFound(f"there is no table {file_id} of yours that is no draft yet; upload it again")
    return found


def _preview_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    file_id: int,
    file: TableFile,
    *,
    refusal: BadFile | RuleViolation | None = None,
) -> HTMLResponse:
    status = _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE
    return running.renderer.page(
        request,
        "item_preview.html",
        viewer=viewer,
        status=200 if refusal is None else status,
        file_id=file_id,
        shown=importing.preview(conn, file),
        draft=next(iter(items.catalogues(conn, state=CatalogueState.DRAFT)), None),
        refusal="" if refusal is None else str(refusal),
        letter=column_letter,
        field_word=table_field,
    )
