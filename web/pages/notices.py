"""What a person was told of on their pages, and the bell that every page has."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from psycopg import Connection
from pydantic import AwareDatetime

from db import alert_pages, letters
from domain.errors import NotFound
from web.access import Viewer
from web.i18n import language_of
from web.notices import listed, mailbox_of, person_of
from web.rendering import LANGUAGE_COOKIE
from web.signed_in import SeesAlerts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_PAGE_SIZE: Final = 20

#: The newest `last_at` that the page showed.
SeenAt = Annotated[AwareDatetime | None, Form()]
Before = Annotated[int | None, Query(ge=1)]


@router.get("/notices")
def my_notices(request: Request, running: Running, conn: Db, viewer: SeesAlerts, before: Before = None) -> HTMLResponse:
    """What came, the newest first."""
    return running.renderer.page(request, "notices.html", viewer=viewer, **_values(conn, running, viewer, before))


@router.get("/notices/list")
def my_notices_again(
    request: Request, running: Running, conn: Db, viewer: SeesAlerts, before: Before = None
) -> HTMLResponse:
    """Only the list, for a page that was told of a change."""
    return running.renderer.page(request, "notice_list.html", viewer=viewer, **_values(conn, running, viewer, before))


@router.get("/notices/bell")
def bell(request: Request, running: Running, conn: Db, viewer: SeesAlerts) -> JSONResponse:
    """How much is unread, and the newest of it in a sentence: for the bell, in the language of the page."""
    mailbox_id = mailbox_of(conn, viewer)
    unread = letters.unread(conn, mailbox_id)
    newest = listed(conn, mailbox_id, before=None, limit=1, named=1)
    said = None
    if newest and newest[0].letter.read_at is None:
        language = language_of(request.cookies.get(LANGUAGE_COOKIE))
        text = running.renderer.plain(language, "notice_summary.txt", digest=newest[0].digest)
        letter = newest[0].letter
        said = {"id": letter.letter_id, "items": letter.items, "text": " ".join(text.split())}
    return JSONResponse({"unread": unread, "is_more": unread >= letters.MOST_UNREAD, "newest": said})


@router.post("/notices/read")
def read_all(
    conn: Db, now: Now, viewer: SeesAlerts, up_to: Annotated[int, Form(ge=0)] = 0, seen_at: SeenAt = None
) -> Response:
    """Take everything up to the newest that the page showed for read; what was added since stays unread."""
    letters.mark_read(conn, mailbox_of(conn, viewer), now, up_to=up_to, seen_at=seen_at)
    return RedirectResponse("/notices", _SEE_OTHER)


@router.post("/notices/{letter_id}/read")
def read_one(conn: Db, now: Now, viewer: SeesAlerts, letter_id: int, seen_at: SeenAt = None) -> Response:
    """Take one for read, as it was shown."""
    mailbox_id = mailbox_of(conn, viewer)
    if letters.of_mailbox(conn, mailbox_id, letter_id) is None:
        raise NotFound(f"there is no notice {letter_id} of yours")
    letters.mark_read(conn, mailbox_id, now, letter_id=letter_id, seen_at=seen_at)
    return RedirectResponse("/notices", _SEE_OTHER)


def _values(conn: Connection, running: Service, viewer: Viewer, before: int | None) -> dict[str, Any]:
    policy = running.config.notices_policy
    mailbox_id = mailbox_of(conn, viewer)
    found = listed(conn, mailbox_id, before=before, limit=_PAGE_SIZE + 1, named=policy.named)
    shown = found[:_PAGE_SIZE]
    return {
        "lines": shown,
        "unread": letters.unread(conn, mailbox_id),
        "older": shown[-1].letter.letter_id if len(found) > _PAGE_SIZE else None,
        "before": before,
        "pinyin": alert_pages.pinyin_of_local_names(conn),
        "zone": person_of(conn, viewer).timezone or policy.timezone,
    }
