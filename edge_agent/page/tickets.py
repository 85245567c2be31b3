"""The QR code of a ticket: where a customer finds it, as an SVG."""

import io
from functools import lru_cache

import segno

from domain.ids import MarketId, ScaleId
from edge_agent.page.board import Recorded


def ticket_address(template: str, market_id: MarketId, scale_id: ScaleId, recorded: Recorded) -> str:
    """Return where a ticket is found. All ids keep to letters, digits, dots, dashes and underscores."""
    return template.format(
        market_id=market_id, scale_id=scale_id, journal_id=recorded.journal_id, seq=recorded.seq, code=recorded.code
    )


@lru_cache(maxsize=8)
def qr_code(address: str) -> bytes:
    """Return the code of an address, black on white, with the quiet zone of 4 modules (ISO/IEC 18004)."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=4, light="#fff", omitsize=True)
    return out.getvalue()
