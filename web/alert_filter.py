"""Which alerts a list shows: by state and market, a page at a time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from domain.alert import AlertState
from domain.ids import MarketId
from supervision.alert_states import AWAITING
from web.i18n import mark

PAGE_SIZE = 50


class Show(StrEnum):
    """What the tabs above the list offer."""

    AWAITING = "awaiting"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    OVERTURNED = "overturned"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """What stands first among alerts that await somebody. What was decided is always the newest first."""

    WORST = "worst"
    NEWEST = "newest"


SHOW_WORDS = {Show.AWAITING: mark("To do"), Show.ALL: mark("All")}


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertFilter:
    """What was asked for; page 1 is the first."""

    show: Show
    market: MarketId | None
    page: int
    order: Order = Order.WORST

    @property
    def states(self) -> frozenset[AlertState]:
        """The states to show."""
        return states_of(self.show)

    @property
    def may_be_ordered(self) -> bool:
        """Whether the order can be chosen."""
        return self.states <= AWAITING

    @property
    def is_newest_first(self) -> bool:
        """Whether the newest stands first."""
        return self.order is Order.NEWEST or not self.may_be_ordered

    def query(self, *, show: Show | None = None, page: int = 1, order: Order | None = None) -> str:
        """Return the query string that asks for this, or for another tab or page of it."""
        values: dict[str, str] = {"show": (show or self.show).value}
        if self.market is not None:
            values["market"] = self.market
        if (order or self.order) is not Order.WORST:
            values["order"] = (order or self.order).value
        if page != 1:
            values["page"] = str(page)
        return urlencode(values)


def states_of(show: Show) -> frozenset[AlertState]:
    """Return the states behind a tab."""
    if show is Show.AWAITING:
        return AWAITING
    return frozenset(AlertState) if show is Show.ALL else frozenset({AlertState(show.value)})


def alert_filter(
    show: Annotated[Show, Query()] = Show.AWAITING,
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    order: Annotated[Order, Query()] = Order.WORST,
) -> AlertFilter:
    """Read the filter from the query string; an empty market is none."""
    return AlertFilter(show=show, market=MarketId(market) if market else None, page=page, order=order)
