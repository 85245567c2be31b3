"""Which class holds when: the one order of rows against a model, and classes from before months were kept."""

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection
from yoyo import get_backend

from db import inspectors
from db.migrate import migrate
from db.whole_files import read_whole
from domain.ids import MarketId, VendorId
from domain.risk import months_before
from domain.supervision_item import RiskClass
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import MARKET
from tests.risk_acts import holds, settle

BEGINS = datetime(2026, 1, 10, tzinfo=UTC)
SANYA = ZoneInfo("Asia/Shanghai")


class Kept(NamedTuple):
    """A row as a person reads it: from when on, for which month, by hand or not, and which class."""

    set_at: datetime
    for_month: date
    is_by_hand: bool
    risk_class: RiskClass


def month_of(moment: datetime) -> date:
    return moment.astimezone(SANYA).date().replace(day=1)


def model(rows: list[Kept], at: datetime) -> RiskClass | None:
    """Of the latest month there is by then, what was set by hand last, else what was computed."""
    known = [one for one in rows if one.set_at <= at and one.for_month <= month_of(at)]
    if not known:
        return None
    latest = max(one.for_month for one in known)
    of_month = [one for one in known if one.for_month == latest]
    return max(of_month, key=lambda one: (one.is_by_hand, one.set_at)).risk_class


def keep(conn: Connection, one: Kept) -> None:
    if one.is_by_hand:
        inspectors.set_class(conn, MARKET, VendorId("V-1"), one.risk_class, reason="r", by="regulator", at=one.set_at)
        return
    conn.execute(
        "INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month, computed_month,"
        " points, by_points, basis, because, parts, policy_version)"
        " VALUES (%s, 'V-1', %s, 'r', 'system', %s, %s, %s, 1, %s, 'enough', 'points', '[]', '1')",
        [MARKET, one.risk_class, one.set_at, one.for_month, months_before(one.for_month, 1), one.risk_class],
    )


@pytest.mark.parametrize("seed", range(6))
def test_what_holds_is_what_the_model_says(conn: Connection, seed: int) -> None:
    settle(conn, vendors=1)
    chance = random.Random(seed)
    rows: list[Kept] = []
    computed = {months_before(date(2026, 1, 1), -n) for n in range(8) if chance.random() < 0.7}
    for month in computed:
        set_at = datetime(month.year, month.month, 1, tzinfo=UTC) + timedelta(
            days=chance.choice([0, 2, 40, 100]), hours=2
        )
        rows.append(Kept(set_at, month, False, chance.choice(list(RiskClass))))
    for _ in range(chance.randint(0, 9)):
        at = BEGINS + timedelta(minutes=chance.randint(0, 230 * 24 * 60))
        rows.append(Kept(at, month_of(at), True, chance.choice(list(RiskClass))))
    for one in chance.sample(rows, len(rows)):
        keep(conn, one)
    edges = [
        datetime(2026, month, 1, tzinfo=SANYA) - timedelta(microseconds=n) for month in range(1, 10) for n in (0, 1)
    ]
    for at in [*edges, *(one.set_at for one in rows), *(one.set_at - timedelta(microseconds=1) for one in rows)]:
        assert holds(conn, "V-1", at) is model(rows, at), at


OLD = """
INSERT INTO markets (market_id, name, area, channel) VALUES ('m', 'market', 'sanya', 'stall');
INSERT INTO vendors (market_id, vendor_id, name) VALUES ('m', 'V-1', '阿海海鲜档');
INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at) VALUES
    ('m', 'V-1', 'D', 'penalty', 'r', '2026-03-31 15:59Z'), ('m', 'V-1', 'C', 'repaired', 'r', '2026-03-31 16:00Z');
"""


def test_classes_from_before_stand_for_the_month_they_were_set_in(database_server: str, tmp_path: Path) -> None:
    with as_file(files("db") / "migrations") as folder:
        for file in sorted(folder.glob("*.sql")):
            if file.name < "0083":
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
            found = inspectors.classes_set(conn, market_id=MarketId("m"))
            assert [(one.risk_class, one.for_month, one.computed) for one in found] == [
                (RiskClass.C, date(2026, 4, 1), None),
                (RiskClass.D, date(2026, 3, 1), None),
            ]
            with pytest.raises(psycopg.errors.RestrictViolation):
                conn.execute("UPDATE risk_classes SET class = 'A'")
