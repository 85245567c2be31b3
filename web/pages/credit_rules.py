"""The rules of credit: what is in force, what was proposed, what a change would have done, who decides."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.rules import enacting
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from db import alert_pages, credit_rules
from db.credit_rules import RulesVersion
from domain.errors import BadFile, FieldRefused, RuleViolation
from web.access import Viewer
from web.credit_rules import propose, try_out, version_for
from web.formats import segment
from web.signed_in import EditsCreditRules, SeesCredit
from web.state import Db, Now, Running, Service
from web.words_of_credit_rules import words_of_refusal

router = APIRouter(prefix="/credit/rules", include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_MOST_SHOWN: Final = 200
#: A file of rules is a few pages; this is a book.
_MOST_CHARACTERS: Final = 200_000

_Note = Annotated[str, Form(max_length=2000)]


@router.get("")
def rules_page(request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit) -> HTMLResponse:
    """What is in force, and every version."""
    return _page(request, running, conn, viewer, rules_now(conn, running.config.credit_rules, now))


@router.post("")
def propose_rules(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCreditRules,
    content: Annotated[str, Form(max_length=_MOST_CHARACTERS)] = "",
    note: _Note = "",
) -> Response:
    """Keep a file as a proposal; what is wrong with it is told beside what was typed."""
    try:
        kept = propose(conn, viewer, content, note, running.config, now)
    except (BadFile, FieldRefused) as error:
        in_force = rules_now(conn, running.config.credit_rules, now)
        typed = {"content": content, "note": note}
        return _page(request, running, conn, viewer, in_force, typed=typed, refusal=error)
    return RedirectResponse(f"/credit/rules/{segment(kept.version)}", _SEE_OTHER)


@router.get("/{version}")
def version_page(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    version: str,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> HTMLResponse:
    """One version: what it says otherwise, and what it would have done to everybody."""
    return _version_page(request, running, conn, viewer, version, now=now, first=first, last=last)


@router.post("/{version}/put-in-force")
def put_in_force(
    request: Request, running: Running, conn: Db, now: Now, viewer: EditsCreditRules, version: str, note: _Note = ""
) -> Response:
    """Put a proposal in force, as a second person."""
    try:
        enacting.put_in_force(conn, version, note=note, by=viewer.username, now=now)
    except FieldRefused as error:
        return _version_page(request, running, conn, viewer, version, now=now, refusal=error, note=note)
    return RedirectResponse(f"/credit/rules/{segment(version)}", _SEE_OTHER)


@router.post("/{version}/withdraw")
def withdraw(
    request: Request, running: Running, conn: Db, now: Now, viewer: EditsCreditRules, version: str, note: _Note = ""
) -> Response:
    """Take a proposal back."""
    try:
        enacting.withdraw(conn, version, note=note, by=viewer.username, now=now)
    except FieldRefused as error:
        return _version_page(request, running, conn, viewer, version, now=now, refusal=error, note=note)
    return RedirectResponse(f"/credit/rules/{segment(version)}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    in_force: CreditRules,
    *,
    typed: dict[str, str] | None = None,
    refusal: BadFile | RuleViolation | None = None,
) -> HTMLResponse:
    versions = list(reversed(credit_rules.versions(conn)))
    return running.renderer.page(
        request,
        "credit_rules.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        rules=in_force,
        versions=versions,
        people=alert_pages.display_names(conn, {one.proposed_by for one in versions}),
        typed=typed or {"content": _content(running, versions, in_force), "note": ""},
        problems=refusal.problems if isinstance(refusal, BadFile) else (),
        refused=words_of_refusal(refusal) if isinstance(refusal, RuleViolation) else None,
    )


def _content(running: Service, versions: list[RulesVersion], in_force: CreditRules) -> str:
    """Return the file in force: a change begins with it."""
    kept = next((one.content for one in versions if one.version == in_force.version), None)
    return running.config.credit_file if kept is None else kept


def _version_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    version: str,
    *,
    now: Any,
    first: date | None = None,
    last: date | None = None,
    refusal: RuleViolation | None = None,
    note: str = "",
) -> HTMLResponse:
    shown = version_for(conn, version, running.config)
    tried = None
    if shown.kept.is_in_force is None:
        _, tried = try_out(conn, viewer, shown.rules, running.config, now, first=first, last=last)
    return running.renderer.page(
        request,
        "credit_rules_version.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        shown=shown,
        rules=shown.rules,
        tried=tried,
        most_shown=_MOST_SHOWN,
        people=alert_pages.display_names(conn, {shown.kept.proposed_by, shown.kept.decided_by or ""}),
        refused=None if refusal is None else words_of_refusal(refusal),
        note=note,
    )
