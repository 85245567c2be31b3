"""Addresses that are printed, and so must be whole."""

import io
from typing import Final

import segno
from fastapi import Request

from web.state import Service

_QUIET_ZONE: Final = 4


def public_address(request: Request, running: Service, route: str, **path: str) -> str:
    """Return the whole address of a page as people outside reach it."""
    address = request.url_for(route, **path)
    return str(address.replace(scheme="https") if running.config.secure_cookies else address)


def qr_svg(address: str) -> bytes:
    """Return an address as a QR code. Level Q: a card at a fish stall gets wet and scratched."""
    drawn = io.BytesIO()
    segno.make(address, error="q").save(drawn, kind="svg", scale=8, border=_QUIET_ZONE, xmldecl=False)
    return drawn.getvalue()
