"""Tokens for programs: opened with a name and a password, ended by their owner."""

from fastapi import APIRouter, HTTPException, Response
from starlette.requests import Request

from db import accounts
from web.api.models import SessionToken, SignInRequest
from web.sessions import credential_of, digest, drop_cookie
from web.sign_in import WINDOW, Refused, sign_in
from web.signed_in import SignedIn, TrustedIdentity
from web.state import Db, Now, Running

router = APIRouter(tags=["sessions"])


@router.post("/sessions", status_code=201)
def open_session(running: Running, now: Now, _: TrustedIdentity, body: SignInRequest) -> SessionToken:
    """Open a session."""
    answer = sign_in(running, body.username, body.password, now)
    if not isinstance(answer, Refused):
        return SessionToken(token=answer.token, expires_at=answer.expires_at)
    if answer.is_locked:
        seconds = int(WINDOW.total_seconds())
        raise HTTPException(
            429, f"too many attempts on this name; wait {seconds // 60} minutes", {"Retry-After": str(seconds)}
        )
    raise HTTPException(401, "the name or the password is not right")


@router.delete("/sessions", status_code=204)
def end_session(request: Request, running: Running, conn: Db, _: SignedIn) -> Response:
    """End the session that the request carries."""
    secure = running.config.secure_cookies
    credential = credential_of(request, secure=secure)
    response = Response(status_code=204)
    if credential is not None:
        accounts.end_session(conn, digest(credential.token))
        if credential.is_cookie:
            drop_cookie(response, "session", secure=secure)
    return response
