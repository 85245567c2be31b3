"""A request that changes something and is trusted for its cookie must also carry the token our own page gave it."""

import hmac

from fastapi import Request

from domain.errors import NotAllowed

FIELD = "csrf_token"
HEADER = "x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def changes_something(request: Request) -> bool:
    """Say whether a request may change anything."""
    return request.method not in _SAFE_METHODS


async def require(request: Request, expected: str | None) -> None:
    """Raise NotAllowed unless the request carries the expected token, in a header or in a form."""
    sent = request.headers.get(HEADER) or await _field_of_form(request)
    if not sent or not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise NotAllowed("the request does not carry this session's form token; open the page again and repeat it")


async def _field_of_form(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(FORM_TYPES):
        return ""
    value = (await request.form()).get(FIELD, "")
    return value if isinstance(value, str) else ""
