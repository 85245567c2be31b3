"""What lists of alerts need when there are a million of them: the newest part, and counts that stop in time."""

from collections.abc import Collection

from psycopg import Connection
from psycopg.rows import dict_row

from db.alerts import alert_of
from db.queries import load
from domain.alert import Alert, AlertKind, AlertState
from domain.ids import MarketId

_SQL = load("alert_pages")


def display_names(conn: Connection, usernames: Collection[str]) -> dict[str, str]:
    """Return the display names of those accounts that exist, by their login names."""
    return {row[0]: row[1] for row in conn.execute(_SQL["display_names"], {"usernames": list(usernames)})}


def pinyin_of_local_names(conn: Connection) -> dict[str, str]:
    """Return the pinyin of the species that have no English name of their own, by their codes."""
    return {row[0]: row[1] for row in conn.execute(_SQL["pinyin_of_local_names"])}


def newest(
    conn: Connection, market_id: MarketId | None, states: Collection[AlertState], *, limit: int, offset: int
) -> list[Alert]:
    """Return alerts of a market (None: of all) in the given states, those that changed last first."""
    parameters = {"market_id": market_id, "states": list(states), "limit": limit, "offset": offset}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["newest"], parameters)]


def counts_up_to(conn: Connection, market_id: MarketId | None, most: int) -> dict[AlertState, int]:
    """Return how many alerts of a market (None: of all) are in each state; `most` or more means at least so many."""
    counts = dict.fromkeys(AlertState, 0)
    parameters = {"market_id": market_id, "states": list(AlertState), "most": most}
    counts.update({AlertState(state): n for state, n in conn.execute(_SQL["counts_up_to"], parameters)})
    return counts


def worst(
    conn: Connection,
    market_id: MarketId | None,
    states: Collection[AlertState],
    *,
    gravest: Collection[AlertKind],
    limit: int,
    offset: int,
) -> list[Alert]:
    """Return undecided alerts of a market (None: of all): open ones first, `gravest` kinds, then the worst prices."""
    parameters = {
        "market_id": market_id,
        "states": [state for state in AlertState if state in states],
        "gravest": list(gravest),
        "limit": limit,
        "offset": offset,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        # Planned anew each time: a plan for any limit and any states reads every alert that awaits somebody.
        return [alert_of(row) for row in cursor.execute(_SQL["worst"], parameters, prepare=False)]


def assigned(
    conn: Connection,
    market_id: MarketId | None,
    assignee: str,
    states: Collection[AlertState],
    *,
    limit: int,
    offset: int,
) -> list[Alert]:
    """Return alerts of a market (None: of all) in the given states that a person is on, what changed last first."""
    parameters = {
        "market_id": market_id,
        "assignee": assignee,
        "states": list(states),
        "limit": limit,
        "offset": offset,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["assigned"], parameters)]


def count_assigned(
    conn: Connection, market_id: MarketId | None, assignee: str, states: Collection[AlertState], most: int
) -> int:
    """Return how many alerts `assigned` would return without its limit; `most` means at least so many."""
    parameters = {"market_id": market_id, "assignee": assignee, "states": list(states), "most": most}
    row = conn.execute(_SQL["count_assigned"], parameters).fetchone()
    return int(row[0]) if row else 0


def overdue(conn: Connection, market_id: MarketId | None, *, limit: int, offset: int) -> list[Alert]:
    """Return alerts of a market (None: of all) a deadline of which was missed, what changed last first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        parameters = {"market_id": market_id, "limit": limit, "offset": offset}
        return [alert_of(row) for row in cursor.execute(_SQL["overdue"], parameters)]


def count_overdue(conn: Connection, market_id: MarketId | None, most: int) -> int:
    """Return how many alerts `overdue` would return without its limit; `most` or more means at least so many."""
    row = conn.execute(_SQL["count_overdue"], {"market_id": market_id, "most": most}).fetchone()
    return int(row[0]) if row else 0
