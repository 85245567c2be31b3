"""Addresses that are printed, and so must be whole."""

import io
from dataclasses import dataclass
from typing import Final

import segno
from fastapi import Request

from web.state import Service

_QUIET_ZONE: Final = 4
#: A quarter of it may be unreadable: a card at a fish stall gets wet and scratched.
_LEVEL: Final = "q"


def public_address(request: Request, running: Service, route: str, **path: str) -> str:
    """Return the whole address of a page as people outside reach it."""
    address = request.url_for(route, **path)
    return str(address.replace(scheme="https") if running.config.secure_cookies else address)


@dataclass(frozen=True, slots=True)
class QrPath:
    """A QR code as the path of an SVG that is `size` modules wide and high, quiet zone and all."""

    size: int
    path: str


def qr_path(address: str) -> QrPath:
    """Return an address as a path: of a whole market's codes none is asked for by itself."""
    code = segno.make(address, error=_LEVEL)
    rows = [list(row) for row in code.matrix_iter(border=_QUIET_ZONE)]
    return QrPath(
        len(rows), "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    )


def qr_svg(address: str) -> bytes:
    """Return an address as a QR code."""
    drawn = io.BytesIO()
    segno.make(address, error=_LEVEL).save(drawn, kind="svg", scale=8, border=_QUIET_ZONE, xmldecl=False)
    return drawn.getvalue()
