"""Migrations, invariants, and every named statement against the migrated database."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors, sql

from db import timescale, weighings
from db.migrate import migrate
from db.queries import load, subjects
from domain.ids import JournalId, ScaleId
from domain.weighing import WeighingKey
from tests.databases import copies, local
from tests.databases.server import url_of_database
from tests.factories import MARKET, NOW, put_market
from tests.stored import Row, key_of, store_rows

#: What PostgreSQL does not prepare, by name, and what is done with it instead; every other statement is prepared.
RUN_INSTEAD = {
    "known_credit_events",
    "create_staging",
    "make_changes",
    "forget_changes",
    "listen_for_alerts",
    "listen_for_scale_caps",
    "listen_for_notices",
    "listen_for_clerks",
    "listen_for_vendors",
    "truncate",
    "analyze",
    "use_time_bucket",
}
CALLED_INSTEAD = {"let_go": {"config": "{}"}}
COPIED_IN_INSTEAD = {
    *("copy_changes", "copy_weighings", "copy_to_staging", "copy_in"),
    *("copy_portraits", "copy_axes", "copy_quartiles", "copy_classes"),
}
COPIED_OUT_INSTEAD = {"copy_out"}
NEEDS_TIMESCALE = {"create_extension", "hypertable", "is_hypertable", "chunks", "due_chunks"}
#: Run in test_timescale_licence.py, on a server that has it.
NEEDS_THE_LICENCE = {"turn_compression_on", "lift_decompression_limit"}
OF_TIMESCALE = {("timescale", name) for name in load("timescale")} - {
    ("timescale", "detect_engine"),
    ("timescale", "is_offered"),
}
#: Run by the bench itself, which a test runs whole.
NOT_IN_A_TRANSACTION = {"settle"}
STATEMENTS = [
    pytest.param(
        subject,
        name,
        marks=[pytest.mark.timescale] if name in NEEDS_TIMESCALE or (subject, name) in OF_TIMESCALE else [],
    )
    for subject in subjects()
    for name in load(subject)
    if name not in NEEDS_THE_LICENCE | NOT_IN_A_TRANSACTION
]


@pytest.fixture(scope="module")
def shared_database(database_server: str, template_database: str) -> Iterator[str]:
    """One database for all statements: nothing of what is understood is kept."""
    with copies.fresh_copy(database_server, template_database) as url:
        yield url


@pytest.fixture
def asked(shared_database: str) -> Iterator[Connection]:
    """A connection whose transaction is rolled back."""
    with psycopg.connect(shared_database) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(("subject", "name"), STATEMENTS, ids=str)
def test_every_named_statement_is_understood_by_the_database(asked: Connection, subject: str, name: str) -> None:
    statement = load(subject)[name]
    asked.execute(load("weighings")["create_staging"])
    asked.execute(load("rejudging")["make_changes"])
    if name in RUN_INSTEAD or name == "create_extension":
        asked.execute(statement)
    elif name in CALLED_INSTEAD:
        asked.execute(statement, CALLED_INSTEAD[name])
    elif name in COPIED_IN_INSTEAD:
        with asked.cursor().copy(statement):
            pass
    elif name in COPIED_OUT_INSTEAD:
        with asked.cursor().copy(statement) as copy:
            assert list(copy)
    else:
        _prepare(asked, statement.decode())


@pytest.mark.parametrize("comment", ["", "-- A comment.\n-- Another.\n"], ids=["plain", "commented"])
def test_a_statement_with_a_mistake_is_not_understood(conn: Connection, comment: str) -> None:
    with pytest.raises(errors.UndefinedColumn):
        _prepare(conn, comment + "SELECT created_att FROM sessions WHERE user_id = %(user_id)s")


def _prepare(conn: Connection, statement: str) -> None:
    """Have the database check names and types without running anything."""
    query = psycopg._queries.PostgresQuery(psycopg.adapt.Transformer(conn))
    # Without values psycopg leaves a statement as it is, percent signs and all.
    query.convert(_without_leading_comments(statement).encode(), dict.fromkeys(_placeholders(statement)) or None)
    conn.execute(sql.SQL("PREPARE checked AS ") + sql.SQL(query.query.decode()))


def _without_leading_comments(statement: str) -> str:
    return re.sub(r"\A(\s*--[^\n]*\n)+", "", statement)


def _placeholders(statement: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sbt]", statement))


def test_migrations_run_on_plain_postgresql_and_again(plain_server: str) -> None:
    with copies.database(plain_server, copies.new_name("plain")) as name:
        url = url_of_database(plain_server, name)
        engine = migrate(url)
        assert (engine.timescale_version, migrate(url)) == (None, engine)
        with psycopg.connect(url) as conn:
            put_market(conn)


@pytest.mark.postgresql
@pytest.mark.parametrize("bin_dir", local.bin_dirs() or [Path("none")], ids=str)
def test_migrations_run_on_every_postgresql_that_is_installed_here(bin_dir: Path) -> None:
    """PostgreSQL 15 is the oldest that is supported, and what Debian 12 installs."""
    with local.run(bin_dir, settings=()) as url:
        engine = migrate(url)
        assert engine.timescale_version is None
        with psycopg.connect(url) as conn:
            put_market(conn)


@pytest.mark.timescale
def test_a_hypertable_is_made_where_timescaledb_is(conn: Connection) -> None:
    engine = timescale.detect(conn)
    assert engine.timescale_version is not None
    assert engine.timescale_license in {"apache", "timescale"}
    assert conn.execute("SELECT hypertable_name FROM timescaledb_information.hypertables").fetchall() == [
        ("weighings",)
    ]


@pytest.mark.timescale
def test_a_plain_table_with_rows_becomes_a_hypertable_when_the_extension_comes_later(
    database_server: str,
) -> None:
    with copies.database(database_server, copies.new_name("later")) as name:
        url = url_of_database(database_server, name)
        assert migrate(url, plain=True).timescale_version is None
        with psycopg.connect(url) as conn:
            stored = store_rows(conn, [row(1), row(2)])
        assert migrate(url).timescale_version is not None
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT num_chunks FROM timescaledb_information.hypertables").fetchall() == [(2,)]
            assert weighings.stored_digests(conn, list(stored)) == {key: bytes([key.seq]) * 32 for key in stored}
            assert store_rows(conn, [row(1), row(2), row(3)]) == {key_of(row(3))}
        with psycopg.connect(url, autocommit=True) as conn:
            assert migrate(url) == timescale.detect(conn)


def row(seq: int) -> Row:
    """A weighing of week `seq`: each falls into a chunk of its own."""
    key = WeighingKey(MARKET, ScaleId("S-1"), JournalId("j1"), seq, NOW + timedelta(weeks=seq))
    prices = dict.fromkeys(("unit_price_fen", "unit_price_fen_per_kg", "amount_fen", "paid_fen"), 23000)
    goods = {"species_code": "F01", "grade": "", "plu": "", "name": ""}
    known = {"received_at": NOW, "business_day": NOW.date(), "net_g": 1000, "price_unit": "kg", "clock_synced": True}
    judged = {"verdict": "unlisted", "paid_verdict": "unlisted"}
    return {**key._asdict(), **prices, **goods, **known, **judged, "digest": bytes([seq]) * 32, "body": b"{}"}


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            (
                "INSERT INTO scale_bindings SELECT market_id, scale_id, stall_id, 'V-2', tstzrange(now(), NULL)"
                " FROM scale_bindings WHERE scale_id = 'S-1'"
            ),
            "scale_bindings_one_at_a_time",
        ),
        (
            (
                "INSERT INTO cap_lists"
                " (area, channel, source, status, effective, declared, published_by, published_at, loaded_at)"
                " SELECT area, channel, source, status, effective, declared, 'a', loaded_at, loaded_at FROM cap_lists"
            ),
            "cap_lists_one_in_force",
        ),
        (
            "UPDATE cap_lists SET published_by = drafted_by",
            "cap_lists_published_by_a_second",
        ),
        ("UPDATE cap_items SET cap_fen = 0 WHERE status = 'capped'", "cap_items_cap_positive"),
        ("UPDATE cap_items SET status = 'uncapped' WHERE status = 'capped'", "cap_items_capped_has_a_cap"),
        (
            "INSERT INTO users (username, display_name, password_hash, role) VALUES ('m', 'm', 'x', 'manager')",
            "users_manager_has_a_market",
        ),
    ],
)
def test_the_database_defends_the_invariants_under_their_names(
    conn: Connection, statement: str, constraint: str
) -> None:
    put_market(conn)
    with pytest.raises(errors.IntegrityError) as refused:
        conn.execute(statement.encode())
    assert refused.value.diag.constraint_name == constraint


@pytest.mark.parametrize("table", ["credit_events", "alert_steps"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_ledger_and_audit_trail_refuse_to_be_changed(conn: Connection, table: str, verb: str) -> None:
    put_market(conn)
    conn.execute(
        "INSERT INTO alerts (market_id, kind, scale_id, business_day, occurrences, first_at, last_at, opened_at,"
        " updated_at) VALUES ('sanya-1', 'unbound_scale', 'S-1', now(), 1, now(), now(), now(), now())"
    )
    conn.execute(
        "INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state)"
        " SELECT alert_id, now(), 'm', 'acknowledge', 'open', 'acknowledged' FROM alerts"
    )
    conn.execute(
        "INSERT INTO credit_events (market_id, vendor_id, occurred_at, recorded_at, recorded_by, reason, points,"
        " rule, rules_version) VALUES ('sanya-1', 'V-1', now(), now(), 'm', 'r', -1, 'r', '1')"
    )
    column = {"credit_events": "points", "alert_steps": "note"}[table]
    with pytest.raises(errors.RestrictViolation, match="append-only"):
        conn.execute(verb.format(table, column, column).encode())
