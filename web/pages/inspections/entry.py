"""The first page of inspections."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from web.signed_in import SeesItems

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303


@router.get("/inspections")
def first_page(viewer: SeesItems) -> RedirectResponse:  # noqa: ARG001 - who may see is in the signature
    """Where inspections begin: with what may be checked."""
    return RedirectResponse("/inspections/items", _SEE_OTHER)
