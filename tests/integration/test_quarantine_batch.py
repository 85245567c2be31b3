"""Many messages held in one statement: as one by one, only quicker."""

from datetime import timedelta

from psycopg import Connection

from db import quarantine, quarantine_pages
from db.quarantine import HeldMessage
from db.quarantine_pages import Where
from domain.quarantine import HeldState
from tests.factories import NOW, topic


def held(payload: bytes, after_s: int = 0, **fields: object) -> HeldMessage:
    values = {"topic": topic(), "reason": "not_json", "explanation": "no JSON"} | fields
    return HeldMessage(payload=payload, received_at=NOW + timedelta(seconds=after_s), **values)  # type: ignore[arg-type]


def listed(conn: Connection) -> list[tuple[object, ...]]:
    found = quarantine_pages.listed(conn, Where(), {HeldState.HELD})
    details = [one for each in found if (one := quarantine_pages.one(conn, each.quarantine_id)) is not None]
    return [
        (one.payload, one.reason, one.scale_id, one.seq, one.received_at, one.last_received_at, one.times_received)
        for one in sorted(details, key=lambda one: one.payload)
    ]


def test_all_are_kept_and_the_new_ones_are_told_from_the_others(conn: Connection) -> None:
    assert quarantine.hold(conn, held(b"known"))
    several = [held(b"new", scale_id="S-1", seq=7), held(b"known", 5), held(b"\x00\xff", 1), held(b"new", 9)]
    assert quarantine.hold_all(conn, several) == [True, False, True, False]
    assert listed(conn) == [
        (b"\x00\xff", "not_json", None, None, NOW + timedelta(seconds=1), NOW + timedelta(seconds=1), 1),
        (b"known", "not_json", None, None, NOW, NOW + timedelta(seconds=5), 2),
        (b"new", "not_json", "S-1", 7, NOW, NOW + timedelta(seconds=9), 2),
    ]
    assert quarantine.hold_all(conn, several) == [False] * 4


def test_it_holds_what_one_by_one_would(conn: Connection) -> None:
    several = [held(b"x" * n, n, reason=f"r{n % 3}", journal_id=f"j{n % 2}") for n in range(1, 40)]
    one_by_one = [quarantine.hold(conn, one) for one in several]
    before = listed(conn)
    conn.rollback()
    assert quarantine.hold_all(conn, several) == one_by_one
    assert listed(conn) == before


def test_what_is_not_known_of_one_stays_so(conn: Connection) -> None:
    awkward = held(b"", topic="x/ y\\ 'z'\n\u2028", explanation='"{},\n\t\\ 海秤', scale_id="S-1")
    assert quarantine.hold_all(conn, [held(b"alone")]) == [True]
    assert quarantine.hold_all(conn, [awkward, held(b"beside", journal_id="j", seq=2**53)]) == [True, True]
    columns = "payload, topic, market_id, scale_id, journal_id, seq, explanation"
    assert conn.execute(f"SELECT {columns} FROM quarantine ORDER BY payload").fetchall() == [
        (b"", awkward.topic, None, "S-1", None, None, awkward.explanation),
        (b"alone", topic(), None, None, None, None, "no JSON"),
        (b"beside", topic(), None, None, "j", 2**53, "no JSON"),
    ]
