"""How alerts were handled in a span of days, for the page and the API."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import deadlines
from domain.errors import FieldRefused
from domain.ids import MarketId
from supervision.alerts.watch import MarketWatched, watched
from supervision.policy import WatchPolicy
from web.held_filter import DEFAULT_TIMEZONE

_USUAL_DAYS = timedelta(days=30)
_MOST_DAYS = 366


@dataclass(frozen=True, kw_only=True, slots=True)
class HandlingWatched:
    """What was found; both days are within the span."""

    first: date
    last: date
    markets: list[MarketWatched]


def handling_watched(
    conn: Connection,
    market_id: MarketId | None,
    *,
    first: date | None,
    last: date | None,
    policy: WatchPolicy,
    now: datetime,
) -> HandlingWatched:
    """Return how the alerts of a market (None: of all) were handled. Raise FieldRefused for a span that is none."""
    zone = ZoneInfo(DEFAULT_TIMEZONE)
    last = last or now.astimezone(zone).date()
    first = first or last - _USUAL_DAYS
    if not first <= last < first + timedelta(days=_MOST_DAYS):
        raise FieldRefused("first", first.isoformat(), f"a day at most a year before {last}", problem="span")
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
    return HandlingWatched(
        first=first,
        last=last,
        markets=watched(
            deadlines.opened_by_market(conn, market_id, since, until),
            deadlines.handled_by_person(conn, market_id, since, until),
            deadlines.missed_by_market(conn, market_id, since, until),
            policy,
        ),
    )
