"""Which held messages a list shows: by state, reason, market, scale and time of arrival, from one of them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Form, Query

from db.quarantine_pages import Where
from db.registry import Market
from domain.errors import RuleViolation
from domain.ids import MarketId, ScaleId
from domain.quarantine import HeldState
from web.access import Viewer

PAGE_SIZE = 50
DEFAULT_TIMEZONE: Final = "Asia/Shanghai"
_LONGEST_NAME: Final = 64
_LONGEST_TIME: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldFilter:
    """What was asked for; empty: whatever it is. `before`: only what has a smaller number, None: from the newest on.

    `since` and `until` are as they stand in a form: times of the market's clock, or with an offset of their own.
    """

    state: HeldState = HeldState.HELD
    reason: str = ""
    market: str = ""
    scale: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None

    def where(self, viewer: Viewer, markets: Sequence[Market]) -> Where:
        """Return what of it the person may see.

        Raise NotFound for a market they do not see, RuleViolation for a time that is none.
        """
        timezone = ZoneInfo(self.timezone(viewer, markets))
        return Where(
            reason=self.reason or None,
            market_id=viewer.narrow(MarketId(self.market) if self.market else None),
            scale_id=ScaleId(self.scale) if self.scale else None,
            since=_moment("since", self.since, timezone),
            until=_moment("until", self.until, timezone),
        )

    def timezone(self, viewer: Viewer, markets: Sequence[Market]) -> str:
        """Return the timezone whose clock the times are of: the market's, where one is asked for."""
        asked = viewer.scope or self.market
        return next((one.timezone for one in markets if one.market_id == asked), DEFAULT_TIMEZONE)

    def query(self, *, state: HeldState | None = None, reason: str | None = None, before: int | None = None) -> str:
        """Return the query string that asks for this from the newest on, or for another state, reason or part."""
        values = {
            "state": (state or self.state).value,
            "reason": self.reason if reason is None else reason,
            "market": self.market,
            "scale": self.scale,
            "since": self.since,
            "until": self.until,
            "before": "" if before is None else str(before),
        }
        return urlencode({name: value for name, value in values.items() if value})


def held_filter(
    state: Annotated[HeldState, Query()] = HeldState.HELD,
    reason: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
    market: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
    scale: Annotated[str, Query(max_length=_LONGEST_NAME)] = "",
    since: Annotated[str, Query(max_length=_LONGEST_TIME)] = "",
    until: Annotated[str, Query(max_length=_LONGEST_TIME)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HeldFilter:
    """Read the filter from the query string."""
    return HeldFilter(
        state=state,
        reason=reason,
        market=market,
        scale=scale.strip(),
        since=since.strip(),
        until=until.strip(),
        before=before,
    )


def filter_of_form(
    reason: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
    market: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
    scale: Annotated[str, Form(max_length=_LONGEST_NAME)] = "",
    since: Annotated[str, Form(max_length=_LONGEST_TIME)] = "",
    until: Annotated[str, Form(max_length=_LONGEST_TIME)] = "",
) -> HeldFilter:
    """Read the filter from a form that asks for everything it shows."""
    return HeldFilter(reason=reason, market=market, scale=scale.strip(), since=since.strip(), until=until.strip())


def _moment(name: str, text: str, timezone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RuleViolation(f"{name} is {text!r}; expected a time: 2026-11-22T08:30") from None
    return moment.replace(tzinfo=timezone) if moment.tzinfo is None else moment
