"""Judging again to the end, and what a database says then: for tests."""

from typing import Any

from psycopg import Connection

from ingest.rejudging import Rejudger
from ingest.slices_ahead import SlicesAhead
from steelyard.services import overturning
from tests.alert_acts import POLICIES
from tests.factories import NOW

POLICY = POLICIES.rules


def rejudge(conn: Connection, *, size: int = 1000, ahead: SlicesAhead | None = None) -> tuple[int, int, int]:
    """Work off what is asked for; return how many weighings changed, and occurrences were raised and taken back."""
    rejudger = rejudger_of(size)
    changed = raised = withdrawn = 0
    while (progress := rejudger.step(conn, NOW, ahead)) is not None:
        changed += progress.changed
        raised += progress.raised
        withdrawn += progress.withdrawn
    return changed, raised, withdrawn


def rejudger_of(size: int = 1000) -> Rejudger:
    """Return what judges again, as a worker has it."""
    return Rejudger(policy=POLICY, overturn=overturning(POLICIES), size=size)


def judgements(conn: Connection) -> list[tuple[Any, ...]]:
    """Return whose each weighing is and what it came to; lists by when they begin, for their numbers differ."""
    return conn.execute(
        "SELECT w.scale_id, w.journal_id, w.seq, w.stall_id, w.vendor_id, w.species_code, w.verdict, w.paid_verdict,"
        " lower(l.declared), l.version, w.cap_unit, w.cap_fen, w.excess_fen, w.overcharge_fen"
        " FROM weighings w LEFT JOIN cap_lists l USING (cap_list_id) ORDER BY 1, 2, 3"
    ).fetchall()


def awaiting(conn: Connection) -> list[tuple[Any, ...]]:
    """Return what the undecided alerts say, with the weighings that stand in each."""
    return conn.execute(
        "SELECT a.kind, a.subject, a.species_code, a.business_day, a.occurrences, a.first_at, a.last_at,"
        " a.overcharge_fen, a.worst_excess_fen, a.worst_excess_permille, a.worst_cap_fen, a.worst_cap_unit,"
        " array_agg((aw.scale_id, aw.seq, aw.excess_fen, aw.overcharge_fen)::text ORDER BY aw.scale_id, aw.seq)"
        "   FILTER (WHERE aw.withdrawn_by IS NULL)"
        " FROM alerts a JOIN alert_weighings aw USING (alert_id) WHERE a.state IN ('open', 'acknowledged')"
        " GROUP BY a.alert_id ORDER BY 1, 2, 3, 4"
    ).fetchall()
