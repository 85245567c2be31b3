"""Which alerts a list shows: by state and market, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query

from domain.alert import AlertState
from domain.ids import MarketId
from supervision.alerts.states import AWAITING, FINISHED, IN_PROGRESS
from web.i18n import mark

PAGE_SIZE = 50


class Show(StrEnum):
    """What a list can show: a group of states, which the tabs above it offer, or one state."""

    AWAITING = "awaiting"
    MINE = "mine"
    OVERDUE = "overdue"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"
    ALL = "all"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    RECTIFYING = "rectifying"
    RECTIFIED = "rectified"
    ESCALATED = "escalated"
    PENALISED = "penalised"
    APPEALED = "appealed"
    UPHELD = "upheld"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    OVERTURNED = "overturned"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Order(StrEnum):
    """What stands first among alerts that await somebody. What was decided is always the newest first."""

    WORST = "worst"
    NEWEST = "newest"


#: The tabs, in their order, and the states behind them.
GROUPS: Final[Mapping[Show, frozenset[AlertState]]] = {
    Show.AWAITING: AWAITING,
    Show.MINE: AWAITING | IN_PROGRESS,
    Show.OVERDUE: AWAITING | IN_PROGRESS,
    Show.IN_PROGRESS: IN_PROGRESS,
    Show.FINISHED: FINISHED,
    Show.ALL: frozenset(AlertState),
}
SHOW_WORDS: Final[Mapping[Show, str]] = {
    Show.AWAITING: mark("To do"),
    Show.MINE: mark("Mine"),
    Show.OVERDUE: mark("Overdue"),
    Show.IN_PROGRESS: mark("In progress"),
    Show.FINISHED: mark("Finished"),
    Show.ALL: mark("All"),
}


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
    def group(self) -> Show:
        """The tab that is shown as chosen: of a single state, the first that has it."""
        return self.show if self.show in GROUPS else _group_of(self.show)

    @property
    def singles(self) -> tuple[AlertState, ...]:
        """The states that the chosen tab can be narrowed to: where it has more than one, and is of states alone."""
        if self.group in {Show.ALL, Show.MINE, Show.OVERDUE}:
            return ()
        return tuple(state for state in AlertState if state in GROUPS[self.group])

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
    """Return the states behind a tab, or the one state."""
    return GROUPS[show] if show in GROUPS else frozenset({AlertState(show.value)})


def _group_of(show: Show) -> Show:
    state = AlertState(show.value)
    return next(group for group in (Show.AWAITING, Show.IN_PROGRESS, Show.FINISHED) if state in GROUPS[group])


def alert_filter(
    show: Annotated[Show, Query()] = Show.AWAITING,
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    order: Annotated[Order, Query()] = Order.WORST,
) -> AlertFilter:
    """Read the filter from the query string; an empty market is none."""
    return AlertFilter(show=show, market=MarketId(market) if market else None, page=page, order=order)
