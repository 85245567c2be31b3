"""The catalogue of supervision items: its versions, one item, merges, publication."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, item_files, items
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.supervision_item import Catalogue, CatalogueState
from supervision.items import keeping
from supervision.items.catalogue_file import MOST_BYTES
from supervision.items.comparison import compare
from supervision.items.likeness import likely_duplicates, matching
from supervision.items.merging import map_of, overall, reduction_of, resolved
from supervision.items.table_titles import TABLE_LIMITS
from web.access import Permission, Viewer
from web.signed_in import EditsItems, SeesItems
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/inspections/items", include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_MOST_SUGGESTED: Final = 30
_HERE: Final = "/inspections/items"

_Text = Annotated[str, Form(max_length=64)]
_Id = Annotated[int, Query(ge=1, le=2**62)]


@router.get("")
def catalogue(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesItems,
    version: _Id | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    department: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """A version of the catalogue: the one in force where none is asked for."""
    return catalogue_page(request, running, conn, viewer, version=version, query=q, department=department)


@router.post("/drafts")
def copy_into_draft(
    request: Request, running: Running, conn: Db, now: Now, viewer: EditsItems, name: _Text = ""
) -> Response:
    """Begin a draft with what is in force."""
    try:
        with conn.transaction():
            catalogue_id = keeping.draft_from_force(conn, name, by=viewer.username, at=now)
    except RuleViolation as error:
        return catalogue_page(request, running, conn, viewer, refusal=error, typed={"name": name})
    return RedirectResponse(f"{_HERE}/merges?version={catalogue_id}", _SEE_OTHER)


@router.get("/merges")
def merges(request: Request, running: Running, conn: Db, viewer: SeesItems, version: _Id | None = None) -> HTMLResponse:
    """What was merged into what, and in a draft what looks like one item twice."""
    return _merges_page(request, running, conn, viewer, _chosen(conn, viewer, version))


@router.post("/drafts/{catalogue_id}/merge")
def merge(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsItems,
    catalogue_id: int,
    old: _Text = "",
    into: _Text = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Make an item part of another one."""
    try:
        with conn.transaction():
            keeping.merge(conn, catalogue_id, old.strip(), into.strip(), reason=reason, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"old": old, "into": into, "reason": reason}
        chosen = _chosen(conn, viewer, catalogue_id)
        return _merges_page(request, running, conn, viewer, chosen, refusal=error, typed=typed)
    return RedirectResponse(f"{_HERE}/merges?version={catalogue_id}", _SEE_OTHER)


@router.post("/drafts/{catalogue_id}/publish")
def publish(request: Request, running: Running, conn: Db, now: Now, viewer: EditsItems, catalogue_id: int) -> Response:
    """Put a draft into force, as a second person."""
    try:
        keeping.publish(conn, catalogue_id, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return catalogue_page(request, running, conn, viewer, version=catalogue_id, refusal=error)
    return RedirectResponse(f"{_HERE}?version={catalogue_id}", _SEE_OTHER)


@router.post("/drafts/{catalogue_id}/discard")
def discard(request: Request, running: Running, conn: Db, now: Now, viewer: EditsItems, catalogue_id: int) -> Response:
    """Give a draft up."""
    try:
        keeping.discard(conn, catalogue_id, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return catalogue_page(request, running, conn, viewer, version=catalogue_id, refusal=error)
    return RedirectResponse(_HERE, _SEE_OTHER)


@router.get("/code/{code}")
def item_by_code(conn: Db, viewer: SeesItems, code: str) -> Response:  # noqa: ARG001 - who may see is in the signature
    """Where an item is now, whatever it was called before: an address that holds for ever."""
    found = keeping.find(conn, code)
    was = f"?was={code}" if found.item.code != code else ""
    return RedirectResponse(f"{_HERE}/{found.catalogue.catalogue_id}/{found.item.code}{was}", _SEE_OTHER)


@router.get("/{catalogue_id}/{code}")
def item(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesItems,
    catalogue_id: int,
    code: str,
    was: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """An item as a version has it."""
    chosen = _chosen(conn, viewer, catalogue_id)
    found = keeping.find(conn, code, catalogue_id=catalogue_id)
    old = {one.old_code: one for one in items.merges(conn, with_draft=catalogue_id)}
    into = map_of(old.values())
    return running.renderer.page(
        request,
        "supervision_item.html",
        viewer=viewer,
        catalogue=chosen,
        item=found.item,
        was=old.get(was),
        now_called=resolved(code, into),
        taken_in=[one for one in old.values() if resolved(one.old_code, into) == resolved(code, into)],
        versions=items.versions_of(conn, code),
        in_force=items.in_force(conn),
        people=_people(conn, [one.merged_by for one in old.values()]),
    )


def _chosen(conn: Connection, viewer: Viewer, version: int | None) -> Catalogue:
    chosen = items.in_force(conn) if version is None else items.one(conn, version)
    is_hidden = chosen is not None and chosen.state is not CatalogueState.PUBLISHED
    if chosen is None or (is_hidden and not viewer.may(Permission.EDIT_ITEMS)):
        raise NotFound("there is no such version of the catalogue that you may see")
    return chosen


def _status(refusal: Exception | None) -> int:
    return 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE


def catalogue_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    *,
    version: int | None = None,
    query: str = "",
    department: str = "",
    refusal: Exception | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    """Return a version with what may be done about it, and what was refused above it."""
    current = items.in_force(conn)
    chosen = None if version is None and current is None else _chosen(conn, viewer, version)
    versions = items.catalogues(conn, state=None if viewer.may(Permission.EDIT_ITEMS) else CatalogueState.PUBLISHED)
    everything = [] if chosen is None else items.items_of(conn, chosen.catalogue_id)
    old = items.merges(conn, with_draft=None if chosen is None else chosen.catalogue_id)
    before = current if chosen is not None and chosen.state is CatalogueState.DRAFT else None
    return running.renderer.page(
        request,
        "supervision_items.html",
        viewer=viewer,
        status=_status(refusal),
        catalogue=chosen,
        in_force=current,
        versions=versions,
        draft=next((one for one in versions if one.state is CatalogueState.DRAFT), None),
        found=[one for one in matching(everything, query) if department in ("", one.department)],
        count=len(everything),
        q=query,
        department=department,
        reduction=None if chosen is None else reduction_of(chosen),
        overall=None if chosen is None else overall(chosen, [one for one in old if _is_until(one.merged_at, chosen)]),
        comparison=None
        if chosen is None or before is None
        else compare(items.items_of(conn, before.catalogue_id), everything, map_of(old)),
        workers={chosen.drafted_by, *(one.merged_by for one in items.merges_in(conn, chosen.catalogue_id))}
        if chosen is not None
        else set(),
        people=_people(conn, [name for one in versions for name in (one.drafted_by, one.decided_by) if name]),
        refusal=refusal,
        typed=typed or {},
        read_from=None if chosen is None else item_files.name_of(conn, chosen.catalogue_id),
        most_kib=MOST_BYTES // 1024,
        most_mib=TABLE_LIMITS.most_bytes // 1024 // 1024,
    )


def _is_until(merged_at: datetime, chosen: Catalogue) -> bool:
    return chosen.decided_at is None or merged_at <= chosen.decided_at


def _merges_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    chosen: Catalogue,
    *,
    refusal: Exception | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    everything = items.items_of(conn, chosen.catalogue_id)
    old = items.merges(conn, with_draft=chosen.catalogue_id)
    may_merge = viewer.may(Permission.EDIT_ITEMS) and chosen.state is CatalogueState.DRAFT
    into = map_of(old)
    return running.renderer.page(
        request,
        "item_merges.html",
        viewer=viewer,
        status=_status(refusal),
        catalogue=chosen,
        items=everything,
        merges=list(reversed(old)),
        now_called={one.old_code: resolved(one.old_code, into) for one in old},
        made_here={one.old_code for one in items.merges_in(conn, chosen.catalogue_id)},
        overall=overall(chosen, [one for one in old if _is_until(one.merged_at, chosen)]),
        suggestions=likely_duplicates(everything)[:_MOST_SUGGESTED],
        may_merge=may_merge,
        people=_people(conn, [one.merged_by for one in old]),
        refusal=refusal,
        typed=typed or {},
    )


def _people(conn: Connection, usernames: list[str]) -> dict[str, str]:
    return alert_pages.display_names(conn, set(usernames))
