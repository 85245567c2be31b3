"""Who saw whose personal data in full, and why."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from db import alert_pages
from db.register import views
from web.register_words import FIELD_WORDS
from web.signed_in import SeesPersonalData
from web.state import Db, Running

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 100


@router.get("/registry/views")
def all_views(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesPersonalData,
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> HTMLResponse:
    """The log, the newest first."""
    found = views.newest(conn, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return running.renderer.page(
        request,
        "registry_views.html",
        viewer=viewer,
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        page=page,
        people=alert_pages.display_names(conn, {one.by for one in found}),
        field_words=FIELD_WORDS,
    )
