"""Placements of scales in whatever order they are told, and people of markets that there are."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from db import accounts, registry
from db.registry import Placement
from domain.errors import NotFound
from domain.ids import MarketId, ScaleId, StallId, VendorId
from ingest.holding import RegistryKeeper, holder_at
from tests.factories import MARKET, NOW, place, put_market

DAY = timedelta(days=1)


def vendors_at(conn: Connection, *moments: datetime, scale: str = "S-1") -> list[str | None]:
    spans = RegistryKeeper().spans(conn, [(MARKET, ScaleId(scale))])
    return [holder_at(spans[MARKET, ScaleId(scale)], moment).vendor_id for moment in moments]


def bindings(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM scale_bindings").fetchone()
    return int(row[0]) if row else 0


def test_a_placement_at_the_same_moment_replaces_the_first_one(conn: Connection) -> None:
    put_market(conn, scales=0)
    place(conn, 1, vendor="V-1", since=NOW)
    place(conn, 1, vendor="V-2", since=NOW)
    assert vendors_at(conn, NOW, NOW + DAY) == ["V-2", "V-2"]
    assert bindings(conn) == 1


def test_a_placement_before_a_later_one_ends_where_that_begins(conn: Connection) -> None:
    put_market(conn, scales=0)
    place(conn, 1, vendor="V-2", since=NOW + DAY)
    place(conn, 1, vendor="V-1", since=NOW)
    assert vendors_at(conn, NOW - DAY, NOW, NOW + DAY - timedelta(seconds=1), NOW + DAY) == [None, "V-1", "V-1", "V-2"]


def test_a_correction_between_two_placements_keeps_its_place(conn: Connection) -> None:
    put_market(conn, scales=0)
    for day in range(3):
        place(conn, 1, vendor=f"V-{day}", since=NOW + day * DAY)
    place(conn, 1, vendor="V-9", since=NOW + DAY)
    assert vendors_at(conn, *(NOW + day * DAY for day in range(3))) == ["V-0", "V-9", "V-2"]


def test_the_same_placement_again_changes_nothing(conn: Connection) -> None:
    put_market(conn, scales=1)
    place(conn, 1, since=NOW)
    assert bindings(conn) == 1


def test_a_manager_of_no_market_is_refused_in_words(conn: Connection) -> None:
    with pytest.raises(NotFound, match="there is no market 'nowhere'"):
        accounts.put_user(
            conn, username="m", display_name="m", password_hash="x", role="manager", market_id=MarketId("nowhere")
        )


def test_the_command_line_tells_of_a_market_that_is_not_there(database_url: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", "user", "add", "m", "--role", "manager", "--market", "nowhere"],
        env={**os.environ, "STEELYARD_DATABASE_URL": database_url},
        input="a long password\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no market 'nowhere'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_database_without_a_registry_is_recognised(conn: Connection) -> None:
    assert registry.is_set_up(conn)
    conn.execute("ALTER TABLE markets RENAME TO elsewhere")
    assert not registry.is_set_up(conn)


def test_many_scales_are_placed_at_once_and_those_that_stand_somewhere_stay(conn: Connection) -> None:
    put_market(conn, scales=0)
    place(conn, 1, vendor="V-1", since=NOW)
    fleet = [
        Placement(
            market_id=MARKET,
            scale_id=ScaleId(f"S-{n}"),
            stall_id=StallId(f"F-{n}"),
            place="fleet",
            vendor_id=VendorId(f"FV-{n}"),
            vendor_name=f"陈{n}",
            serial_number="",
            valid_from=NOW,
        )
        for n in range(1, 4)
    ]
    assert registry.place_new_scales(conn, fleet) == 2
    assert registry.place_new_scales(conn, fleet) == 0
    assert vendors_at(conn, NOW - DAY, NOW, NOW + DAY) == [None, "V-1", "V-1"]
    assert vendors_at(conn, NOW - DAY, NOW, NOW + DAY, scale="S-3") == [None, "FV-3", "FV-3"]
