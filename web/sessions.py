"""Sessions: a random token in a cookie or a header, of which only the SHA-256 is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from psycopg import Connection

from db import accounts

_TOKEN_BYTES = 32
_BEARER = "bearer "


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSession:
    """A session as its owner gets it."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """The token of a request, and whether a browser sent it by itself."""

    token: str
    is_cookie: bool


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def open_session(conn: Connection, user_id: int, *, now: datetime, hours: int) -> NewSession:
    """Start a session for a person."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + timedelta(hours=hours)
    accounts.open_session(
        conn,
        token_digest=digest(token),
        user_id=user_id,
        csrf_token=secrets.token_urlsafe(_TOKEN_BYTES),
        created_at=now,
        expires_at=expires_at,
    )
    return NewSession(token=token, expires_at=expires_at)


def credential_of(request: Request, *, secure: bool) -> Credential | None:
    """Return the token of a request: the header's where there is one, else the cookie's."""
    header = request.headers.get("authorization", "")
    if header.lower().startswith(_BEARER):
        return Credential(header[len(_BEARER) :].strip(), is_cookie=False)
    token = request.cookies.get(cookie_name("session", secure=secure))
    return None if token is None else Credential(token, is_cookie=True)


def cookie_name(purpose: str, *, secure: bool) -> str:
    """Return the name of a cookie. `__Host-` makes browsers refuse it from a sibling domain or over plain HTTP."""
    return f"__Host-steelyard-{purpose}" if secure else f"steelyard-{purpose}"


def set_cookie(response: Response, purpose: str, value: str, *, secure: bool, max_age_s: int) -> None:
    """Hand out a cookie that scripts cannot read and other sites cannot make a browser send with a form."""
    response.set_cookie(
        cookie_name(purpose, secure=secure),
        value,
        max_age=max_age_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, purpose: str, *, secure: bool) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie_name(purpose, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")
