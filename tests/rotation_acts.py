"""A market whose stalls rotate, and the steps of a round, as tests take them."""

from datetime import datetime, timedelta

from psycopg import Connection

from credit.rotation import planning
from credit.rotation.policy import read_rotation_rules
from credit.rules.reading import read_credit_rules
from db import credit
from db.register import stalls
from domain.ids import MarketId, StallId, VendorId
from domain.register.records import StallFacts, TankSupply
from domain.rotation import Round
from supervision.register import changing
from tests.factories import MARKET, NOW, put_market
from tests.register_acts import because
from tests.web_world import POLICY

RULES = read_rotation_rules(POLICY / "rotation.toml")
CREDIT_RULES = read_credit_rules(POLICY / "credit.toml")
SOURCE, VALUE = "closing value of the index", "3127.45"
LATER = NOW + timedelta(hours=2)


def put_rotating_market(conn: Connection, *, vendors: int = 6, market_id: MarketId = MARKET) -> None:
    """A market of `vendors` stalls A-1 … (classes A, B, C, D by turns), one of each vendor V-1 …, with scales S-1 …"""
    put_market(conn, scales=vendors, market_id=market_id)
    for n in range(1, vendors + 1):
        classed(conn, n, "ABCD"[(n - 1) % 4], market_id=market_id)


def classed(
    conn: Connection, n: int, position_class: str, *, market_id: MarketId = MARKET, tank: TankSupply | None = None
) -> None:
    """Say of what class stall A-n is."""
    stall_id = StallId(f"A-{n}")
    known = stalls.one(conn, market_id, stall_id)
    assert known is not None
    facts = StallFacts(place="hall A", position_class=position_class, floor=1, tank=tank, area_dm2=600)
    changing.correct_stall(conn, market_id, stall_id, facts, revision=known.revision, change=because())


def deduct(conn: Connection, n: int, points: int, *, market_id: MarketId = MARKET, at: datetime = NOW) -> None:
    """Take points from vendor V-n."""
    credit.append(
        conn,
        market_id=market_id,
        vendor_id=VendorId(f"V-{n}"),
        occurred_at=at - timedelta(hours=1),
        recorded_at=at,
        recorded_by="zhou",
        reason=f"reason {points}",
        points=-points,
        rule="test",
        rules_version="test",
        alert_id=None,
    )


def drafted(conn: Connection, *, market_id: MarketId = MARKET, now: datetime = NOW) -> int:
    """A draft by li."""
    day = (now + timedelta(days=3)).date()
    return planning.draft(conn, market_id, "第四季度轮换", day, by="li", now=now, today=now.date())


def frozen(conn: Connection, *, market_id: MarketId = MARKET, now: datetime = NOW) -> Round:
    """A round frozen by li; its public value is known an hour later."""
    return planning.freeze(
        conn,
        drafted(conn, market_id=market_id, now=now),
        public_source=SOURCE,
        public_from=now + timedelta(hours=1),
        rules=RULES,
        credit_rules=CREDIT_RULES,
        by="li",
        now=now,
    )


def proposed(conn: Connection, *, market_id: MarketId = MARKET, now: datetime = NOW) -> Round:
    """A round proposed by li."""
    of = frozen(conn, market_id=market_id, now=now)
    return planning.propose(conn, of.round_id, VALUE, by="li", now=now + timedelta(hours=2))


def confirmed(conn: Connection, *, market_id: MarketId = MARKET, now: datetime = NOW) -> Round:
    """A round confirmed by wang."""
    of = proposed(conn, market_id=market_id, now=now)
    planning.confirm(conn, of.round_id, seen=1, by="wang", now=now + timedelta(hours=2))
    return planning.known(conn, of.round_id)
