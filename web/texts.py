"""Texts that can be stored: no NUL, which PostgreSQL does not take, and no half of a character."""

from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator

from domain.errors import RuleViolation
from web.csrf import FORM_TYPES

#: Whoever asks there is answered and written down by the same who counts them, whatever they send.
_JUDGE_THEMSELVES = ("/api/v1/exports/penalties", "/api/v1/exports/credit-records")


class UnusableText(RuleViolation):
    """A value holds what is no text."""


def is_usable(text: str) -> bool:
    """Say whether a text can be stored."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _require_usable(text: str) -> str:
    if not is_usable(text):
        raise ValueError("text may hold no NUL and no lone surrogate")
    return text


#: A text in the body of a request.
Text = Annotated[str, AfterValidator(_require_usable)]


async def require_usable_texts(request: Request) -> None:
    """Raise UnusableText where a value of the address or of a form is no text: before the database is asked."""
    if request.url.path in _JUDGE_THEMSELVES:
        return
    values = [*request.query_params.values(), *map(str, request.path_params.values())]
    if request.headers.get("content-type", "").startswith(FORM_TYPES):
        values += [value for value in (await request.form()).values() if isinstance(value, str)]
    if not all(map(is_usable, values)):
        raise UnusableText("a value holds a character that is no text; remove it and send it again")
