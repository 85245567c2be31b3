"""A register from before occupancies: who had which stall is taken from whose scales stood on it."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import psycopg
from yoyo import get_backend

from db.migrate import migrate
from db.register import search, stalls
from db.whole_files import read_whole
from domain.ids import MarketId, StallId
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import NOW

BEFORE = "0033"
OLD = """
INSERT INTO markets (market_id, name, area, channel) VALUES ('m', 'market', 'sanya', 'stall');
INSERT INTO stalls (market_id, stall_id) VALUES ('m', 'A-1'), ('m', 'A-2');
INSERT INTO vendors (market_id, vendor_id, name) VALUES ('m', 'V-1', '阿海海鲜档'), ('m', 'V-2', 'two');
INSERT INTO scales (market_id, scale_id) VALUES ('m', 'S-1'), ('m', 'S-2'), ('m', 'S-3'), ('m', 'S-4');
INSERT INTO scale_bindings (market_id, scale_id, stall_id, vendor_id, valid) VALUES
    ('m', 'S-1', 'A-1', 'V-1', '[2026-01-01,2026-03-01)'), ('m', 'S-2', 'A-1', 'V-1', '[2026-02-01,2026-05-01)'),
    ('m', 'S-1', 'A-1', 'V-2', '[2026-06-01,)'),
    ('m', 'S-3', 'A-2', 'V-1', '[2026-01-01,)'), ('m', 'S-4', 'A-2', 'V-2', '[2026-02-01,)');
"""


def test_occupancies_are_taken_from_bindings_where_they_are_one_vendors(database_server: str, tmp_path: Path) -> None:
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
            conn.execute(OLD.encode())
            migrate(url)
            market = MarketId("m")
            had = stalls.occupancies_of_stall(conn, market, StallId("A-1"))
            assert [(one.vendor_id, str(one.begins)[:10], str(one.ends)[:10]) for one in had] == [
                ("V-2", "2026-06-01", "None"),
                ("V-1", "2026-01-01", "2026-05-01"),
            ]
            assert stalls.occupancies_of_stall(conn, market, StallId("A-2")) == []
            assert [one.vendor_id for one in search.vendors(conn, "haixian", None, NOW, limit=9)] == ["V-1"]
