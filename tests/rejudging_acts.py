"""Weighings judged again, and the alerts about them, as their tests say it."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from ingest.batch import take_batch
from ingest.reading import Delivery
from pricing.price_book import BookKeeper
from tests.factories import NOW
from tests.rejudged import POLICY

HOUR = timedelta(hours=1)


def take(conn: Connection, *deliveries: Delivery) -> None:
    take_batch(conn, deliveries, books=BookKeeper(), policy=POLICY, now=NOW)


def verdicts(conn: Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT verdict FROM weighings ORDER BY scale_id, seq")]


def states(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute("SELECT kind, subject, state, occurrences FROM alerts ORDER BY alert_id").fetchall()
