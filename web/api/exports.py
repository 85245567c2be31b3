"""Records for other departments: penalties and credit records, with a token instead of a session."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from domain.export import ExportForm
from supervision.exports import pulling
from supervision.exports.forms import NAMES, schema
from web.access import Holder
from web.client_address import client_address
from web.state import Db, Now, Running

router = APIRouter(prefix="/exports", tags=["exports"])

_PARAMETERS: Final[dict[str, Any]] = {
    "parameters": [
        {"name": "after", "in": "query", "schema": {"type": "integer"}, "description": "Revision to go on from."},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "market", "in": "query", "schema": {"type": "string"}},
        {"name": "format", "in": "query", "schema": {"enum": ["json", "csv"]}},
    ]
}


@router.get("/penalties", openapi_extra=_PARAMETERS, response_class=Response)
def penalties(request: Request, running: Running, conn: Db, now: Now) -> Response:
    """Decided penalties, by revision: `penalties:read`."""
    return _pull(request, running, conn, now, ExportForm.PENALTY)


@router.get("/credit-records", openapi_extra=_PARAMETERS, response_class=Response)
def credit_records(request: Request, running: Running, conn: Db, now: Now) -> Response:
    """Credit records, by revision: `credit:read`."""
    return _pull(request, running, conn, now, ExportForm.CREDIT_RECORD)


@router.get("/schemas")
def schemas() -> dict[str, Any]:
    """The forms, as JSON Schema, by name. They are public: they say nothing of anybody."""
    return {NAMES[form]: schema(form) for form in ExportForm}


def _pull(request: Request, running: Running, conn: Db, now: Now, form: ExportForm) -> Response:
    peer = request.client.host if request.client else ""
    query = request.scope["query_string"].decode("latin-1")
    asked = pulling.Request(
        form=form,
        asked=f"{request.url.path}?{query}" if query else request.url.path,
        address=client_address(peer, request.headers.getlist("x-forwarded-for"), running.config.trusted_proxies),
        authorization=request.headers.get("authorization", ""),
        accept=request.headers.get("accept", ""),
        if_none_match=request.headers.get("if-none-match", ""),
        query=request.query_params,
        at=now,
    )
    answered = pulling.answer(conn, asked, running.config.exports_policy, Holder)
    if answered.problem:
        problem = {"detail": answered.problem, "type": answered.kind}
        return JSONResponse(problem, answered.status, dict(answered.headers))
    return Response(answered.body, answered.status, dict(answered.headers))
