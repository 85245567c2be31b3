"""What is held and read again, as the tests of replaying say it."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from db import quarantine_pages
from db.quarantine_pages import HeldDetail, Where
from domain.quarantine import HeldState
from ingest.batch import Taken, take_batch
from ingest.reading import Delivery
from ingest.replaying import Replayed, Replayer
from pricing.policy import RulesPolicy, read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import NOW

POLICY = read_rules_policy(policy_directory() / "rules.toml")


LATER = NOW + timedelta(days=3)


def take(conn: Connection, *deliveries: Delivery, policy: RulesPolicy = POLICY) -> Taken:
    taken = take_batch(conn, deliveries, books=BookKeeper(), policy=policy, now=NOW)
    conn.commit()
    return taken


def replay(conn: Connection, quarantine_id: int, policy: RulesPolicy = POLICY, **how: Any) -> Replayed:
    replayed = Replayer(policy).replay(conn, quarantine_id, actor="hand", now=LATER, **how)
    conn.commit()
    return replayed


def all_held(conn: Connection) -> list[HeldDetail]:
    found = quarantine_pages.listed(conn, Where(), set(HeldState))
    details = [quarantine_pages.one(conn, one.quarantine_id) for one in reversed(found)]
    return [one for one in details if one is not None]


def by_reason(conn: Connection) -> list[HeldDetail]:
    """What came together has no order among itself."""
    return sorted(all_held(conn), key=lambda one: one.reason)


def only_held(conn: Connection) -> HeldDetail:
    (held,) = all_held(conn)
    return held


def everything(conn: Connection) -> list[list[tuple[Any, ...]]]:
    tables = ("weighings", "alerts", "alert_weighings", "journals", "quarantine", "quarantine_events")
    return [conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4".encode()).fetchall() for table in tables]
