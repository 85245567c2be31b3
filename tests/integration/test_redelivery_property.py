"""Delivering any messages, cut and repeated in any way and any order, leaves the same tables."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from ingest.batch import take_batch
from ingest.reading import Delivery
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import NOW, delivery, message, over, put_market, weighing

POLICY = read_rules_policy(policy_directory() / "rules.toml")
BOOKS = BookKeeper()

#: Two scales' journals: within, over and paid over the cap, unlisted, a void, and one that cannot be used.
JOURNAL = {
    scale: [
        weighing(1),
        over(2),
        over(3, net_g=300),
        weighing(4, paid_fen=24000),
        weighing(5, species="Z99", name=""),
        weighing(6, voids_seq=2),
        weighing(7, net_g="x"),
        over(8, unit_price_fen=30000),
    ]
    for scale in ("S-1", "S-2")
}
WHOLE = [delivery(message(*journal), scale=scale) for scale, journal in JOURNAL.items()]

pieces = st.tuples(st.sampled_from(["S-1", "S-2"]), st.lists(st.integers(0, 7), min_size=1, max_size=8)).map(
    lambda piece: delivery(message(*[JOURNAL[piece[0]][n] for n in piece[1]]), scale=piece[0])
)
batches = st.lists(st.lists(pieces, min_size=1, max_size=4), max_size=5)


def tables(conn: Connection) -> list[list[tuple[Any, ...]]]:
    """Everything that ingest writes, without what is numbered or timed by the run."""
    statements = (
        "SELECT * FROM weighings ORDER BY market_id, scale_id, journal_id, seq",
        (
            "SELECT market_id, kind, subject, species_code, business_day, state, occurrences, first_at, last_at,"
            " worst_excess_fen, worst_excess_permille, overcharge_fen FROM alerts ORDER BY 2, 3, 4"
        ),
        "SELECT scale_id, journal_id, seq, excess_fen, overcharge_fen FROM alert_weighings ORDER BY 1, 2, 3",
        "SELECT topic, identity, reason, explanation, seq FROM quarantine ORDER BY 1, 5",
        "SELECT market_id, scale_id, journal_id, received::text FROM journals ORDER BY 2",
    )
    return [conn.execute(statement.encode()).fetchall() for statement in statements]


def forget(conn: Connection) -> None:
    for table in ("alert_weighings", "happenings", "alerts", "weighings", "quarantine", "journals"):
        conn.execute(f"DELETE FROM {table}".encode())
    conn.commit()


def take(conn: Connection, deliveries: list[Delivery]) -> None:
    take_batch(conn, deliveries, books=BOOKS, policy=POLICY, now=NOW)
    conn.commit()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=batches)
def test_however_messages_are_cut_repeated_and_ordered_the_tables_are_the_same(
    conn: Connection, before: list[list[Delivery]]
) -> None:
    if conn.execute("SELECT count(*) FROM markets").fetchone() == (0,):
        put_market(conn)
    forget(conn)
    take(conn, WHOLE)
    expected = tables(conn)
    forget(conn)
    for batch in before:
        take(conn, batch)
    take(conn, WHOLE)
    assert tables(conn) == expected
    assert [row[3] for row in expected[4]] == ["{[1,9)}", "{[1,9)}"]
