"""The door: sign in, sign out, and the language of the pages."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from db import accounts
from web import csrf
from web.i18n import Language, mark
from web.rendering import LANGUAGE_COOKIE
from web.sessions import cookie_name, credential_of, digest, drop_cookie, set_cookie
from web.sign_in import WINDOW, Refused, sign_in
from web.signed_in import SignedIn, TrustedIdentity
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
_UNAUTHORIZED = 401
_TOO_MANY_REQUESTS = 429
_DOOR_TOKEN_S = 3600
_LANGUAGE_S = 365 * 24 * 3600
_WRONG = mark("The name or the password is not right.")
_LOCKED = mark("Too many attempts on this name. Wait 15 minutes, then try again.")


@router.get("/sign-in")
def door(
    request: Request, running: Running, identity: TrustedIdentity, back: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """The form; who is signed in already goes on."""
    if identity is not None:
        return RedirectResponse(local_path(back), _SEE_OTHER)
    return _form(request, running, username="", back=back)


@router.post("/sign-in")
async def knock(
    request: Request,
    running: Running,
    now: Now,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    back: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Let a person in. The form's token is held against a cookie of its own: there is no session yet."""
    secure = running.config.secure_cookies
    await csrf.require(request, request.cookies.get(cookie_name("door", secure=secure)))
    answer = await run_in_threadpool(sign_in, running, username, password, now)
    if isinstance(answer, Refused):
        status = _TOO_MANY_REQUESTS if answer.is_locked else _UNAUTHORIZED
        refused = _form(
            request,
            running,
            username=username,
            back=back,
            problem=_LOCKED if answer.is_locked else _WRONG,
            status=status,
        )
        if answer.is_locked:
            refused.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
        return refused
    response = RedirectResponse(local_path(back), _SEE_OTHER)
    max_age_s = running.config.session_hours * 3600
    set_cookie(response, "session", answer.token, secure=secure, max_age_s=max_age_s)
    drop_cookie(response, "door", secure=secure)
    return response


@router.post("/sign-out")
def leave(request: Request, running: Running, conn: Db, _: SignedIn) -> Response:
    """End the session."""
    secure = running.config.secure_cookies
    credential = credential_of(request, secure=secure)
    if credential is not None:
        accounts.end_session(conn, digest(credential.token))
    response = RedirectResponse("/sign-in", _SEE_OTHER)
    drop_cookie(response, "session", secure=secure)
    return response


@router.get("/language/{language}")
def speak(running: Running, language: Language, back: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Remember the language of the pages in a cookie; it is no secret and changes nothing else."""
    response = RedirectResponse(local_path(back), _SEE_OTHER)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language.value,
        max_age=_LANGUAGE_S,
        secure=running.config.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


def local_path(text: str) -> str:
    """Return a path of ours to go on to; whatever could lead elsewhere becomes the list."""
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_ours else "/"


def _form(
    request: Request, running: Service, *, username: str, back: str, problem: str | None = None, status: int = 200
) -> HTMLResponse:
    secure = running.config.secure_cookies
    # A second door opened in another tab keeps the first one usable.
    token = request.cookies.get(cookie_name("door", secure=secure)) or secrets.token_urlsafe(32)
    page = running.renderer.page(
        request,
        "sign_in.html",
        status=status,
        door_token=token,
        username=username,
        next_page=local_path(back),
        problem=problem,
    )
    set_cookie(page, "door", token, secure=secure, max_age_s=_DOOR_TOKEN_S)
    return page
