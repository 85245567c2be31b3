"""What went wrong, as a page for people and as JSON for programs."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from psycopg import OperationalError
from starlette.exceptions import HTTPException

from domain.errors import BadFile, FieldRefused, IllegalTransition, NotAllowed, NotFound, RuleViolation, Unavailable
from supervision.complaints.entry import BadComplaint
from supervision.complaints.limits import TooMany
from web.headers import ALWAYS
from web.i18n import mark
from web.signed_in import NotSignedIn, viewer_if_known
from web.state import moment, service
from web.texts import UnusableText

_LOG = logging.getLogger("steelyard.web")
_RETRY_AFTER_S = "5"


@dataclass(frozen=True, slots=True)
class Answer:
    """How an error is answered: a status, a stable word for programs, a heading and a way on for people."""

    status: HTTPStatus
    type: str
    heading: str
    explanation: str = ""


_CANNOT_BE_READ = mark("The request cannot be understood")
_CHANGED = mark("Somebody else has changed this meanwhile. Open it again to see how it stands.")
_NOT_YOURS = mark("Your account may not do this, or the page was open for too long. Open it again, then repeat it.")
_NOWHERE = mark("The address may be mistyped, or what it names may be gone or belong to another market.")
_UNREADABLE = mark("The address or the form holds a value that is not allowed. Go back, correct it, and send it again.")
_NO_TEXT = mark("A value holds a character that is no text. Remove it, and send it again.")
_TOO_OFTEN = mark("Too many requests came from where you are. Wait a while, then try again.")
_AWAY = mark(
    "The pages cannot be shown until it is back. Weighings are not lost: scales keep them until they are stored."
)
_IN_THE_LOG = mark("It is in the log. Try again, and tell the operator if it stays.")

#: The first class that fits answers.
_ANSWERS: tuple[tuple[type[Exception], Answer], ...] = (
    (IllegalTransition, Answer(HTTPStatus.CONFLICT, "illegal_transition", mark("Somebody was faster"), _CHANGED)),
    (NotAllowed, Answer(HTTPStatus.FORBIDDEN, "not_allowed", mark("You may not do this"), _NOT_YOURS)),
    (NotFound, Answer(HTTPStatus.NOT_FOUND, "not_found", mark("There is nothing here that you may see"), _NOWHERE)),
    (TooMany, Answer(HTTPStatus.TOO_MANY_REQUESTS, "too_many", mark("Too many requests"), _TOO_OFTEN)),
    (UnusableText, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _CANNOT_BE_READ, _NO_TEXT)),
    (BadFile, Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_file", _CANNOT_BE_READ, _UNREADABLE)),
    (
        RuleViolation,
        Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "rule_violation", mark("The rules do not allow this"), _UNREADABLE),
    ),
    (Unavailable, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", mark("The database is away"), _AWAY)),
    (OperationalError, Answer(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", mark("The database is away"), _AWAY)),
)
_OUR_FAULT = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", mark("Something broke on our side"), _IN_THE_LOG)
_UNUSABLE = Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _CANNOT_BE_READ, _UNREADABLE)
#: What the frameworks below us answer by themselves.
_OF_A_STATUS = {
    HTTPStatus.NOT_FOUND: (mark("There is nothing here that you may see"), _NOWHERE),
    HTTPStatus.METHOD_NOT_ALLOWED: (_CANNOT_BE_READ, _NOWHERE),
}


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the product, of FastAPI, and our own bugs."""
    for error, _ in _ANSWERS:
        app.add_exception_handler(error, _answer_known)
    app.add_exception_handler(NotSignedIn, _answer_not_signed_in)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_bug)


def wants_json(request: Request) -> bool:
    """Say whether a program asks: of the API, or one that says it takes JSON and not pages."""
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("application/json" in accepted and "text/html" not in accepted)


def _answer_known(request: Request, error: Exception) -> Response:
    answer = next(answer for kind, answer in _ANSWERS if isinstance(error, kind))
    if answer.status is HTTPStatus.SERVICE_UNAVAILABLE:
        # Where the database lives and how it answered is for the log, not for the page.
        _LOG.warning("%s", error)
        return _respond(request, answer, "the database is away; try again in a moment")
    field = {"field": error.field} if isinstance(error, FieldRefused | BadComplaint) else {}
    response = _respond(request, answer, str(error), field)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(seconds_until(error))
    return response


def seconds_until(error: TooMany) -> int:
    """Return in how many seconds there is room again; at least one."""
    return max(1, -int((moment() - error.free_at).total_seconds() // 1))


def _answer_not_signed_in(request: Request, _: Exception) -> Response:
    if wants_json(request) or "text/event-stream" in request.headers.get("accept", ""):
        problem = {"detail": "sign in first", "type": "not_signed_in"}
        return JSONResponse(problem, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
    if request.headers.get("hx-request") == "true":
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/sign-in"})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?{urlencode({'next': here})}" if request.method == "GET" and here != "/" else ""
    return RedirectResponse(f"/sign-in{back}", HTTPStatus.SEE_OTHER)


def _answer_invalid(request: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems)
    named = next((str(part) for one in problems for part in one["loc"][1:] if isinstance(part, str)), None)
    return _respond(request, _UNUSABLE, detail, None if named is None else {"field": named})


def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    answer = Answer(status, status.name.lower(), *_OF_A_STATUS.get(status, (_CANNOT_BE_READ, _UNREADABLE)))
    response = _respond(request, answer, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def _answer_bug(request: Request, _: Exception) -> Response:
    """Answered outside of every middleware, so the headers are put on here; the server logs what is raised on."""
    response = _respond(request, _OUR_FAULT, "it is in the log; try again, and tell the operator if it stays")
    response.headers.update(ALWAYS)
    return response


def _respond(request: Request, answer: Answer, detail: str, more: Mapping[str, str] | None = None) -> Response:
    headers = {"Retry-After": _RETRY_AFTER_S} if answer.status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    if wants_json(request):
        return JSONResponse({"detail": detail, "type": answer.type, **(more or {})}, answer.status, headers)
    page = service(request).renderer.page(
        request,
        "error.html",
        viewer=None if answer.status is HTTPStatus.SERVICE_UNAVAILABLE else viewer_if_known(request),
        status=answer.status,
        detail=detail,
        answer=answer,
    )
    page.headers.update(headers)
    return page
