"""Alerts that went to the authority before there were cases, or again after theirs was decided, come to a case."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import psycopg
from yoyo import get_backend

from db import case_lists, cases
from db.migrate import migrate
from db.whole_files import read_whole
from domain.case import CaseAction, CaseState
from tests.databases import copies
from tests.databases.server import url_of_database

BEFORE = "0063"
REGISTER = """
INSERT INTO markets (market_id, name, area, channel) VALUES ('m', 'market', 'sanya', 'stall');
INSERT INTO vendors (market_id, vendor_id, name) VALUES ('m', 'V-1', 'one'), ('m', 'V-2', 'two'), ('m', 'V-3', 'three');
"""
ALERT = """
INSERT INTO alerts (market_id, kind, vendor_id, stall_id, scale_id, species_code, business_day, occurrences, first_at,
                    last_at, opened_at, updated_at, state, decided_at, decided_by, is_counting)
VALUES ('m', 'price_over_cap', %s, 'A-1', 'S-1', 'F01', %s, 1, now(), now(), now(), now(), %s, now(), 'manager', false)
RETURNING alert_id
"""
CASE = """
INSERT INTO cases (market_id, vendor_id, state, opened_at, opened_by, updated_at)
VALUES ('m', %s, %s, now(), 'somebody', now()) RETURNING case_id
"""


def made(conn: psycopg.Connection, statement: str, *values: object) -> int:
    row = conn.execute(statement.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def test_what_is_with_the_authority_without_a_case_comes_to_one(database_server: str, tmp_path: Path) -> None:
    with as_file(files("db") / "migrations") as folder:
        for file in sorted(folder.glob("*.sql")):
            if file.name < BEFORE:
                shutil.copy(file, tmp_path)
    with copies.database(database_server, copies.new_name("before")) as name:
        url = url_of_database(database_server, name)
        backend = get_backend(url.replace("postgresql://", "postgresql+psycopg://"))
        try:
            backend.apply_migrations(backend.to_apply(read_whole(tmp_path)))
        finally:
            backend.connection.close()
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(REGISTER.encode())
            first, second = (made(conn, ALERT, "V-1", day, "escalated") for day in ("2026-11-01", "2026-11-02"))
            made(conn, ALERT, "V-1", "2026-11-03", "confirmed")
            made(conn, ALERT, None, "2026-11-04", "escalated")
            again = made(conn, ALERT, "V-2", "2026-11-05", "escalated")
            decided, investigated = made(conn, CASE, "V-2", "decided"), made(conn, CASE, "V-2", "investigating")
            known = made(conn, ALERT, "V-3", "2026-11-06", "escalated")
            heard = made(conn, CASE, "V-3", "heard")
            conn.execute(
                "INSERT INTO case_alerts (case_id, alert_id, added_at, added_by)"
                " VALUES (%s, %s, now(), 'somebody'), (%s, %s, now(), 'somebody')",
                [decided, again, heard, known],
            )
            migrate(url)
            opened = cases.case_of_alert(conn, first)
            assert opened is not None
            assert cases.alerts_of(conn, opened) == [first, second]
            case = cases.by_id(conn, opened)
            assert case is not None
            assert (case.vendor_id, case.state, case.revision) == ("V-1", CaseState.OPENED, 1)
            trail = [(step.actor, step.action, step.alert_id) for step in cases.steps_of(conn, opened)]
            assert trail == [
                ("system", CaseAction.OPEN, None),
                ("system", CaseAction.ADD_ALERT, first),
                ("system", CaseAction.ADD_ALERT, second),
            ]
            assert cases.case_of_alert(conn, again) == investigated
            assert cases.all_of_alert(conn, again) == [decided, investigated]
            assert [one.to_state for one in cases.steps_of(conn, investigated)] == [CaseState.INVESTIGATING]
            assert cases.all_of_alert(conn, known) == [heard]
            assert len(case_lists.listed(conn)) == 4
