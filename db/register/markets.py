"""Markets as they are registered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId
from domain.price_cap import Channel
from domain.register.records import MarketFacts, RegisteredMarket

_SQL = load("register_markets")


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketListed:
    """A market as a list shows it, with how many stalls, vendors and scales are registered in it."""

    market_id: MarketId
    market_name: str
    area: str
    channel: Channel
    timezone: str
    operator: str
    stalls: int
    vendors: int
    scales: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "channel", Channel(self.channel))


def one(conn: Connection, market_id: MarketId) -> RegisteredMarket | None:
    """Return a market, or None."""
    row = conn.execute(_SQL["one"], {"market_id": market_id}).fetchone()
    return None if row is None else _market(row)


def listed(conn: Connection, market_id: MarketId | None = None) -> list[MarketListed]:
    """Return every market, or the one."""
    with conn.cursor(row_factory=class_row(MarketListed)) as cursor:
        return cursor.execute(_SQL["listed"], {"market_id": market_id}).fetchall()


def areas(conn: Connection) -> list[str]:
    """Return the areas of the markets that there are."""
    return [str(row[0]) for row in conn.execute(_SQL["areas"])]


def insert(conn: Connection, market_id: MarketId, facts: MarketFacts) -> bool:
    """Register a market; return False where there is one of that id."""
    return conn.execute(_SQL["insert"], {"market_id": market_id, **asdict(facts)}).fetchone() is not None


def change(conn: Connection, market_id: MarketId, facts: MarketFacts, *, revision: int) -> bool:
    """Put facts in place of revision `revision`; False where that is not the newest any more."""
    values = {"market_id": market_id, "revision": revision, **asdict(facts)}
    return conn.execute(_SQL["change"], values).fetchone() is not None


def was_weighed_in(conn: Connection, market_id: MarketId) -> bool:
    """Say whether a scale of the market has ever been heard: then something may have been judged by where it is."""
    row = conn.execute(_SQL["was_weighed_in"], {"market_id": market_id}).fetchone()
    return row is not None and bool(row[0])


def _market(row: Sequence[Any]) -> RegisteredMarket:
    market_id, name, area, channel, timezone, operator, address, phone, revision = row
    facts = MarketFacts(
        market_name=name,
        area=area,
        channel=Channel(channel),
        timezone=timezone,
        operator=operator,
        address=address,
        phone=phone,
    )
    return RegisteredMarket(market_id=market_id, facts=facts, revision=revision)
