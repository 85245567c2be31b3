"""Which held messages a list shows: by state, reason, market and scale, from one of them on."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from db.quarantine_pages import Where
from domain.ids import MarketId, ScaleId
from domain.quarantine import HeldState
from web.access import Viewer

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldFilter:
    """What was asked for; empty: whatever it is. `before`: only what has a smaller number, None: from the newest on."""

    state: HeldState
    reason: str
    market: str
    scale: str
    before: int | None

    def where(self, viewer: Viewer) -> Where:
        """Return what of it the person may see. Raise NotFound for a market they do not see."""
        return Where(
            reason=self.reason or None,
            market_id=viewer.narrow(MarketId(self.market) if self.market else None),
            scale_id=ScaleId(self.scale) if self.scale else None,
        )

    def query(self, *, state: HeldState | None = None, reason: str | None = None, before: int | None = None) -> str:
        """Return the query string that asks for this from the newest on, or for another state, reason or part."""
        values = {
            "state": (state or self.state).value,
            "reason": self.reason if reason is None else reason,
            "market": self.market,
            "scale": self.scale,
            "before": "" if before is None else str(before),
        }
        return urlencode({name: value for name, value in values.items() if value})


def held_filter(
    state: Annotated[HeldState, Query()] = HeldState.HELD,
    reason: Annotated[str, Query(max_length=64)] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    scale: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HeldFilter:
    """Read the filter from the query string."""
    return HeldFilter(state=state, reason=reason, market=market, scale=scale.strip(), before=before)
