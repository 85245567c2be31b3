"""What must hold after a run, whatever happened in it: the set in the edge journals is the set in the database."""

import psycopg

from tests.chaos.rig import Rig

#: Weighings over their cap, and what the alerts about prices count: by themselves, in lines, in different weighings.
_COUNTED = b"""
WITH lines AS (SELECT a.alert_id, w.journal_id, w.seq FROM alert_weighings w JOIN alerts a USING (alert_id)
               WHERE a.kind IN ('price_over_cap', 'effective_price_over_cap'))
SELECT (SELECT count(*) FROM weighings WHERE verdict = 'over' OR paid_verdict = 'over'),
       (SELECT sum(occurrences) FROM alerts WHERE kind IN ('price_over_cap', 'effective_price_over_cap')),
       (SELECT count(*) FROM lines),
       (SELECT count(DISTINCT (journal_id, seq)) FROM lines)
"""


def check(rig: Rig, ledger_before: list[tuple[object, ...]]) -> None:
    """Fail with what is missing, doubled or changed."""
    recorded = set(rig.recorded())
    with psycopg.connect(rig.database.url()) as conn:
        rows = conn.execute("SELECT scale_id, journal_id, seq, digest FROM weighings").fetchall()
        stored = {(scale, journal, seq, bytes(digest)) for scale, journal, seq, digest in rows}
        assert sorted(recorded - stored)[:5] == [], f"{len(recorded - stored)} recorded weighings are not stored"
        assert sorted(stored - recorded)[:5] == [], f"{len(stored - recorded)} stored weighings were never recorded"
        assert len(rows) == len(stored), f"{len(rows) - len(stored)} weighings are stored twice"
        assert conn.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]
        _check_alerts(conn)
        assert ledger(conn) == ledger_before, "the credit ledger changed"


def _check_alerts(conn: "psycopg.Connection[tuple[object, ...]]") -> None:
    counted = conn.execute(_COUNTED).fetchone()
    assert counted is not None
    over_cap, *alerted = counted
    assert alerted == [over_cap] * 3, f"{over_cap} weighings over their cap, and alerts count {alerted}"
    assert conn.execute("SELECT count(*) FROM alerts WHERE kind = 'sequence_conflict'").fetchall() == [(0,)]


def ledger(conn: "psycopg.Connection[tuple[object, ...]]") -> list[tuple[object, ...]]:
    """The credit ledger, whole."""
    return conn.execute("SELECT * FROM credit_events ORDER BY event_id").fetchall()
