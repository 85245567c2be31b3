"""The cap lists that markets are told of: in force, or published and yet to come."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db.caps import items_by_list
from db.queries import load
from domain.ids import MarketId
from domain.price_cap import CapList, Channel

_SQL = load("caps")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListToAnnounce:
    """A list with its items, and where it comes from."""

    cap_list: CapList
    source: str
    authority: str
    document_no: str
    is_demonstration: bool
    loaded_at: datetime


def lists_to_announce(conn: Connection, now: datetime) -> list[ListToAnnounce]:
    """Return every list in force at `now` or later, by area and channel, in the order they begin."""
    rows = conn.execute(_SQL["lists_to_announce"], {"now": now}).fetchall()
    items = items_by_list(conn.execute(_SQL["items_to_announce"], {"cap_list_ids": [row[0] for row in rows]}))
    return [
        ListToAnnounce(
            cap_list=CapList(
                cap_list_id=list_id,
                area=area,
                channel=Channel(channel),
                effective_from=effective_from,
                effective_to=effective_to,
                items=tuple(items.get(list_id, ())),
                market_id=None if market_id is None else MarketId(market_id),
            ),
            source=source,
            authority=authority,
            document_no=document_no,
            is_demonstration=is_demonstration,
            loaded_at=loaded_at,
        )
        for (
            list_id,
            area,
            channel,
            market_id,
            authority,
            document_no,
            source,
            is_demonstration,
            effective_from,
            effective_to,
            loaded_at,
        ) in rows
    ]
