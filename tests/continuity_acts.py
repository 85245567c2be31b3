"""Journals that arrive, and looking at what is missing of them: for tests of continuity."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from db import alerts, continuity
from domain.alert import Alert, AlertKind, AlertState
from ingest.batch import take_batch
from ingest.continuity_look import Looked, look
from messages.chain import prev_of
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, chained, delivery, message, weighing

POLICY = read_rules_policy(policy_directory() / "rules.toml")
GRACE = POLICY.continuity.grace
LATER = NOW + GRACE
JOURNAL = chained([{} for _ in range(12)])
BOOKS = BookKeeper()


def arrive(conn: Connection, *seqs: int, journal: str = "j1", scale: str = "S-1", of: list[bytes] = JOURNAL) -> None:
    """These lines of a journal come in one message."""
    payload = message(*[of[seq - 1] for seq in seqs], journal=journal)
    take_batch(conn, [delivery(payload, scale=scale)], books=BOOKS, policy=POLICY, now=NOW)
    conn.commit()


def looked(conn: Connection, now: Any = NOW, grace: timedelta = GRACE) -> Looked:
    found = look(conn, grace, now)
    conn.commit()
    return found


def told(conn: Connection, kind: AlertKind = AlertKind.SEQUENCE_GAP) -> list[Alert]:
    return [one for one in alerts.visible(conn, MARKET, set(AlertState)) if one.kind is kind]


def missing(conn: Connection, alert_id: int) -> list[tuple[str, str]]:
    return [(gap.scale_id, ", ".join(map(str, gap.missing))) for gap in continuity.gaps_of_alert(conn, alert_id)]


def altered(seq: int, **fields: Any) -> list[bytes]:
    """The journal with one line changed after it was made."""
    return [*JOURNAL[: seq - 1], weighing(seq, prev=prev_of(JOURNAL[seq - 2]), **fields), *JOURNAL[seq:]]


def journals_of(conn: Connection) -> list[continuity.ChangedJournal]:
    conn.execute("DELETE FROM continuity")
    found = continuity.changed(conn, continuity.FIRST, since=None, limit=100)
    conn.rollback()
    return found
