"""Visitors who are not signed in: where they are from, how often they may come, and the token of their forms."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from psycopg import Connection

from domain.errors import NotAllowed
from supervision.complaints.limiting import require_a_place, take_a_place
from supervision.complaints.limits import ByWhat, Purpose
from web import csrf
from web.client_address import client_address, prefix_of
from web.sessions import cookie_name, set_cookie
from web.state import Running, Service, service

_COOKIE: Final = "visitor"
_COOKIE_S: Final = 24 * 3600
_BRIEFLY_S: Final = 60
#: No search engine keeps a sale or an answer.
NOT_INDEXED: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}
#: What is the same for everybody may be kept by a cache on the way for a minute, and by no search engine.
KEPT_BRIEFLY: Final = {**NOT_INDEXED, "Cache-Control": f"public, max-age={_BRIEFLY_S}"}


def address_of(request: Request, running: Running) -> str:
    """Return the network that a request is counted with."""
    peer = request.client.host if request.client is not None else ""
    address = client_address(peer, request.headers.getlist("x-forwarded-for"), running.config.trusted_proxies)
    prefixes = running.config.complaints_policy.prefixes
    return prefix_of(address, ipv4_bits=prefixes.ipv4_bits, ipv6_bits=prefixes.ipv6_bits)


Address = Annotated[str, Depends(address_of)]


async def sent_by_our_form(request: Request, running: Running) -> bool:
    """Say whether a form carries the token that its visitor's cookie has; a page that was open for a day does not."""
    expected = request.cookies.get(cookie_name(_COOKIE, secure=running.config.secure_cookies))
    try:
        await csrf.require(request, expected)
    except NotAllowed:
        return False
    return True


IsOurForm = Annotated[bool, Depends(sent_by_our_form)]


def require_our_form(is_ours: IsOurForm) -> None:
    """Raise NotAllowed for a form that is not ours."""
    if not is_ours:
        raise NotAllowed("the form was open for too long; open the page again and repeat it")


def form_token(request: Request) -> str:
    """Return the token for a form to this visitor; one in another tab stays good."""
    running = service(request)
    return request.cookies.get(cookie_name(_COOKIE, secure=running.config.secure_cookies)) or secrets.token_urlsafe(32)


def hand_out(response: Response, running: Service, token: str) -> None:
    """Give a visitor the cookie that their form's token is held against."""
    set_cookie(response, _COOKIE, token, secure=running.config.secure_cookies, max_age_s=_COOKIE_S)


def new_once() -> str:
    """Return what makes a form the same when it is sent twice, and what leads its sender to the answer."""
    return secrets.token_urlsafe(24)


def take_look_up(conn: Connection, running: Service, address: str, now: datetime) -> None:
    """Count a look-up. Raise TooMany, also where this visitor has missed too often."""
    by: Mapping[ByWhat, str] = {ByWhat.ADDRESS: address}
    policy = running.config.complaints_policy
    require_a_place(conn, Purpose.MISS, by, now=now, policy=policy)
    take_a_place(conn, Purpose.LOOK_UP, by, now=now, policy=policy)


def take_miss(conn: Connection, running: Service, address: str, now: datetime) -> None:
    """Count a look-up that found nothing: who has a ticket misses seldom."""
    policy = running.config.complaints_policy
    take_a_place(conn, Purpose.MISS, {ByWhat.ADDRESS: address}, now=now, policy=policy)


def take_public_page(conn: Connection, running: Service, address: str, now: datetime) -> None:
    """Count a page that is open to everybody. Raise TooMany."""
    policy = running.config.complaints_policy
    take_a_place(conn, Purpose.PUBLIC_PAGE, {ByWhat.ADDRESS: address}, now=now, policy=policy)


def require_few_misses(conn: Connection, running: Service, address: str, now: datetime) -> None:
    """Raise TooMany where this visitor has asked too often for what there is not."""
    policy = running.config.complaints_policy
    require_a_place(conn, Purpose.MISS, {ByWhat.ADDRESS: address}, now=now, policy=policy)
