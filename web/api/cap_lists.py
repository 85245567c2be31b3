"""The price book: lists in every state, previews of files, drafts, publication and withdrawal."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from psycopg import Connection

from db import cap_list_pages
from db.cap_lists import NewCapList
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import ListStatus
from pricing import publishing
from pricing.list_comparison import ChangeKind, counted
from pricing.list_import import ListFile, Preview, keep_draft, preview
from pricing.list_pages import look_at
from web.access import Viewer
from web.api.cap_list_models import (
    FileProblem,
    ItemChange,
    ListDetailed,
    ListedCap,
    ListImpact,
    ListPage,
    ListPreview,
    ListRequest,
    ListSummary,
    NameSuggestion,
    UnknownNameFound,
    WithdrawRequest,
)
from web.signed_in import EditsCaps, SeesCaps
from web.state import Db, Now, Running

router = APIRouter(tags=["caps"])


@router.post("/caps/previews")
def preview_list(running: Running, conn: Db, now: Now, _viewer: EditsCaps, asked: ListRequest) -> ListPreview:
    """What a file was understood as, what the list would change, and what it would do to today's sales."""
    return _preview_of(preview(conn, _file(asked, now), running.config.rules_policy, now=now))


@router.post("/caps/lists", status_code=201)
def draft_list(conn: Db, now: Now, viewer: EditsCaps, asked: ListRequest) -> ListDetailed:
    """Keep a file as a draft; one with a problem keeps nothing, and all its problems are told."""
    cap_list_id = keep_draft(conn, _file(asked, now), by=viewer.username, at=now)
    return _detailed(conn, viewer, cap_list_id)


@router.get("/caps/lists")
def all_lists(
    conn: Db,
    viewer: SeesCaps,
    status: Annotated[ListStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ListPage:
    """The lists in scope, the newest beginning first."""
    found = cap_list_pages.lists(conn, viewer.scope, status=status, limit=limit, offset=offset)
    return ListPage(
        limit=limit,
        offset=offset,
        counts=cap_list_pages.count_by_status(conn, viewer.scope),
        lists=[ListSummary.model_validate(one) for one in found],
    )


@router.get("/caps/lists/{cap_list_id}")
def one_list(conn: Db, viewer: SeesCaps, cap_list_id: int) -> ListDetailed:
    """A list with its items, and what it changed against the one before."""
    return _detailed(conn, viewer, cap_list_id)


@router.post("/caps/lists/{cap_list_id}/publish")
def publish(conn: Db, now: Now, viewer: EditsCaps, cap_list_id: int) -> ListDetailed:
    """Put a draft in force, as a second person."""
    publishing.publish(conn, cap_list_id, by=viewer.username, at=now)
    return _detailed(conn, viewer, cap_list_id)


@router.post("/caps/lists/{cap_list_id}/withdraw")
def withdraw(conn: Db, now: Now, viewer: EditsCaps, cap_list_id: int, asked: WithdrawRequest) -> ListDetailed:
    """Take a published list out of force from its very beginning, for a reason."""
    publishing.withdraw(conn, cap_list_id, by=viewer.username, at=now, because=asked.because)
    return _detailed(conn, viewer, cap_list_id)


def _file(asked: ListRequest, now: datetime) -> ListFile:
    for moment in (asked.effective_from, asked.effective_to):
        if moment is not None and moment.tzinfo is None:
            raise RuleViolation(f"a time is {moment.isoformat()}; expected one with its offset")
    new = NewCapList(
        area=asked.area,
        channel=asked.channel,
        source=asked.source,
        market_id=None if asked.market_id is None else MarketId(asked.market_id),
        is_advisory=asked.is_advisory,
        authority=asked.authority,
        document_no=asked.document_no,
        legal_basis=asked.legal_basis,
        effective_from=asked.effective_from or now,
        effective_to=asked.effective_to,
    )
    accepted = {name: SpeciesCode(code) for name, code in asked.accept.items()}
    return ListFile(name=asked.file_name, content=asked.content, new=new, unit=asked.unit, accepted=accepted)


def _detailed(conn: Connection, viewer: Viewer, cap_list_id: int) -> ListDetailed:
    found = look_at(conn, cap_list_id, viewer.scope)
    if found is None:
        raise NotFound(f"there is no cap list {cap_list_id} that you may see")
    return ListDetailed(
        cap_list=ListSummary.model_validate(found.detail),
        items=[ListedCap.model_validate(item) for item in found.items],
        before=None if found.before is None else found.before.cap_list_id,
        changes=[ItemChange.model_validate(one) for one in found.changes if one.kind is not ChangeKind.SAME],
    )


def _preview_of(shown: Preview) -> ListPreview:
    return ListPreview(
        may_be_kept=shown.may_be_kept,
        items=len(shown.items),
        unit=shown.read.unit,
        markets=list(shown.markets),
        replaces=shown.replaces,
        problems=[FileProblem.model_validate(one) for one in shown.problems],
        unknown=[
            UnknownNameFound(
                name=one.name,
                aliases=list(one.aliases),
                rows=list(one.rows),
                column=one.column,
                suggestions=[NameSuggestion.model_validate(suggestion) for suggestion in suggestions],
            )
            for one, suggestions in shown.unknown
        ],
        counts=counted(shown.changes),
        changes=[ItemChange.model_validate(one) for one in shown.changes if one.kind is not ChangeKind.SAME],
        impact=None if shown.impact is None else ListImpact.model_validate(shown.impact),
    )
