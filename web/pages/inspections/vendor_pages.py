"""The vendor's own page: issued as a QR code by the market or a regulator, opened by anybody who has the code."""

import hmac
import io
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import segno
from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.promises.handling import Answer, Who, answer
from credit.repairs.entry import Application, Verdict
from credit.repairs.handling import Party
from credit.rules.book import rules_now
from credit.scoring import score_at
from db import credit, items, promises, registry
from db.vendor_codes import CodeHolder
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.promise import MadeHow, Promise, PromiseAction, PromiseState
from domain.repair import RepairAction
from supervision.inspections import vendor_page
from supervision.inspections.vendor_page import APPRAISED_IN
from web.client_address import client_address
from web.credit_acts import records_of
from web.credit_repairs import RepairsView, file_application, repairs_view, settle
from web.signed_in import IssuesVendorCodes
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_QR_SCALE: Final = 8
_MOST_PROMISES: Final = 20

_Code = Annotated[str, Path(max_length=64)]
_Words = Annotated[str, Form(max_length=4000)]
_Token = Annotated[str, Form(max_length=100)]


@router.post("/inspections/vendors/{market_id}/{vendor_id}/code")
def issue_code(
    request: Request, running: Running, conn: Db, now: Now, viewer: IssuesVendorCodes, market_id: str, vendor_id: str
) -> HTMLResponse:
    """Make a vendor's code, shown this once; the one before opens nothing any more."""
    seen = viewer.narrow(MarketId(market_id))
    if seen is None:
        raise NotFound(f"there is no market {market_id}")
    code = vendor_page.issue(conn, seen, VendorId(vendor_id), by=viewer.username, at=now)
    return running.renderer.page(
        request,
        "vendor_code.html",
        viewer=viewer,
        vendor=vendor_page.holder(conn, code),
        address=_address(request, code),
        code=code,
    )


@router.get("/v/{code}")
def own_page(request: Request, running: Running, conn: Db, now: Now, code: _Code) -> HTMLResponse:
    """What a vendor was told of visits, what was found, and what it may say to them."""
    return _page(request, running, conn, code, now=now)


@router.get("/v/{code}/qr.svg")
def qr_code(request: Request, conn: Db, code: _Code) -> Response:
    """The address of a vendor's page as a QR code."""
    vendor_page.holder(conn, code)
    drawn = io.BytesIO()
    segno.make(_address(request, code), error="m").save(drawn, kind="svg", scale=_QR_SCALE, xmldecl=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post("/v/{code}/visits/{inspection_id}/report")
def report(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    code: _Code,
    inspection_id: int,
    csrf_token: _Token = "",
    words: _Words = "",
) -> Response:
    """Say that something was put right."""
    _require_form_of(code, csrf_token)
    vendor = vendor_page.holder(conn, code)
    try:
        policy = running.config.inspection_policy
        vendor_page.report(conn, vendor, inspection_id, words, policy=policy, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, code, now=now, refusal=error, typed={f"report-{inspection_id}": words})
    return RedirectResponse(f"/v/{code}", _SEE_OTHER)


@router.post("/v/{code}/visits/{inspection_id}/appraisal")
def appraise(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    code: _Code,
    inspection_id: int,
    csrf_token: _Token = "",
    stars: Annotated[str, Form(max_length=1)] = "",
    words: _Words = "",
) -> Response:
    """Say what the vendor thinks of a visit."""
    _require_form_of(code, csrf_token)
    vendor = vendor_page.holder(conn, code)
    try:
        given = int(stars) if stars.isascii() and stars.isdigit() else None
        policy = running.config.inspection_policy
        vendor_page.appraise(conn, vendor, inspection_id, given, words, policy=policy, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {f"words-{inspection_id}": words, f"stars-{inspection_id}": stars}
        return _page(request, running, conn, code, now=now, refusal=error, typed=typed)
    return RedirectResponse(f"/v/{code}", _SEE_OTHER)


@router.post("/v/{code}/repairs")
def apply_for_repair(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    code: _Code,
    event_id: Annotated[int, Form(ge=0, le=2**63 - 1)] = 0,
    csrf_token: _Token = "",
    effort: Annotated[str, Form(max_length=20)] = "",
    document_no: Annotated[str, Form(max_length=400)] = "",
    document: _Words = "",
    promise_id: Annotated[str, Form(max_length=20)] = "",
    words: _Words = "",
) -> Response:
    """Ask for the repair of a deduction."""
    _require_form_of(code, csrf_token)
    vendor = vendor_page.holder(conn, code)
    typed = {
        "effort": effort,
        "document_no": document_no,
        "document": document,
        "promise_id": promise_id,
        "words": words,
    }
    asked = Application(event_id=event_id, **typed)
    try:
        by = _party(request, running, vendor)
        file_application(conn, running, by, vendor.market_id, vendor.vendor_id, asked, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        kept = {"form": f"repair-{event_id}", **typed}
        return _page(request, running, conn, code, now=now, refusal=error, typed=kept)
    return RedirectResponse(f"/v/{code}", _SEE_OTHER)


@router.post("/v/{code}/repairs/{repair_id}/withdraw")
def withdraw_application(
    request: Request, running: Running, conn: Db, now: Now, code: _Code, repair_id: int, csrf_token: _Token = ""
) -> Response:
    """Take an application back before it is decided."""
    _require_form_of(code, csrf_token)
    by = _party(request, running, vendor_page.holder(conn, code))
    try:
        settle(conn, running, by, repair_id, Verdict(action=RepairAction.WITHDRAW), now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, code, now=now, refusal=error)
    return RedirectResponse(f"/v/{code}", _SEE_OTHER)


@router.post("/v/{code}/promises/{promise_id}/{action}")
def answer_promise(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    code: _Code,
    promise_id: int,
    action: PromiseAction,
    csrf_token: _Token = "",
    revision: Annotated[int | None, Form()] = None,
) -> Response:
    """Make a promise that was offered, or decline it."""
    _require_form_of(code, csrf_token)
    vendor = vendor_page.holder(conn, code)
    peer = request.client.host if request.client else ""
    origin = client_address(peer, request.headers.getlist("x-forwarded-for"), running.config.trusted_proxies)
    said = Answer(action=action, how=MadeHow.PAGE if action is PromiseAction.MAKE else None, revision=revision)
    who = Who(
        username=f"vendor {vendor.vendor_id}", origin=origin, market_id=vendor.market_id, vendor_id=vendor.vendor_id
    )
    try:
        answer(conn, promise_id, said, by=who, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, code, now=now, refusal=error)
    return RedirectResponse(f"/v/{code}", _SEE_OTHER)


def _party(request: Request, running: Service, vendor: CodeHolder) -> Party:
    """The vendor itself, as the trail of an application names it."""
    peer = request.client.host if request.client else ""
    origin = client_address(peer, request.headers.getlist("x-forwarded-for"), running.config.trusted_proxies)
    name = f"vendor {vendor.vendor_id}"
    return Party(username=name, origin=origin, market_id=vendor.market_id, vendor_id=vendor.vendor_id)


def form_token(code: str) -> str:
    """Return what the forms of a vendor's page carry: made of the code, so that only who has the page has it."""
    return vendor_page.digest(f"form {code}").hex()


def _require_form_of(code: str, sent: str) -> None:
    if not hmac.compare_digest(sent.encode(), form_token(code).encode()):
        raise NotAllowed("the request does not come from this page's form; open the page again and repeat it")


def _address(request: Request, code: str) -> str:
    return str(request.url_for("own_page", code=code))


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    code: str,
    *,
    now: datetime,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    vendor = vendor_page.holder(conn, code)
    status = 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE
    return running.renderer.page(
        request,
        "vendor_inspections.html",
        status=status,
        vendor=vendor,
        code=code,
        form_token=form_token(code),
        visits=vendor_page.shown(conn, vendor),
        promises=_promises(conn, vendor),
        records=records_of(conn, vendor.market_id, vendor.vendor_id),
        repairs=_repairs(conn, running, vendor, now),
        rules=rules_now(conn, running.config.credit_rules, now),
        timezone=_timezone(conn, vendor.market_id),
        catalogue=items.in_force(conn),
        appraised_in=APPRAISED_IN,
        refusal=refusal,
        typed=typed or {},
    )


def _promises(conn: Connection, vendor: CodeHolder) -> list[Promise]:
    """The newest first, without those whose breach never was."""
    found = promises.of_vendor(conn, vendor.market_id, vendor.vendor_id)
    return [one for one in reversed(found) if one.state is not PromiseState.VOID][:_MOST_PROMISES]


def _repairs(conn: Connection, running: Service, vendor: CodeHolder, now: datetime) -> RepairsView:
    """What may be repaired, and what was asked."""
    rules = rules_now(conn, running.config.credit_rules, now)
    timezone = _timezone(conn, vendor.market_id)
    ledger = credit.of_vendor(conn, vendor.market_id, vendor.vendor_id)
    score = score_at(ledger, rules, now.astimezone(ZoneInfo(timezone)).date(), timezone)
    return repairs_view(conn, vendor.market_id, vendor.vendor_id, ledger, score.counted, rules=rules, now=now)


def _timezone(conn: Connection, market_id: MarketId) -> str:
    return next(one.timezone for one in registry.markets(conn) if one.market_id == market_id)
