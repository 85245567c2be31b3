"""The bytes of uploaded files go when the policy says; what a file did stays on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors

from db.approvals import records
from db.register import imports
from db.register.imports import WaitingFile
from domain.approval import Feed
from domain.errors import BadFile
from steelyard.resources import policy_directory
from supervision.approvals.receiving import Feeding, take_file
from supervision.uploads.duty import RemovingUploads, remove
from supervision.uploads.policy import read_uploads_policy
from tests.approval_acts import CODE, FEEDING
from tests.factories import MARKET, NOW, put_market

SHIPPED = policy_directory() / "uploads.toml"
POLICY = read_uploads_policy(SHIPPED)
KEPT, WAITS = POLICY.approvals.keep, POLICY.looked_at.keep
A_SECOND = timedelta(seconds=1)
FILE = f"发证机关,编号,类型,主体名称,信用代码,发证日期\n局,F-1,许可,甲,{CODE},2026-01-02\n".encode()


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    conn.autocommit = True
    return conn


def take(conn: Connection, name: str = "f.csv") -> None:
    by_file = Feeding(policy=FEEDING.policy, calendar=FEEDING.calendar, feed=Feed.FILE, by=FEEDING.by, now=FEEDING.now)
    take_file(conn, name, FILE, by_file, expected=None)


def upload(conn: Connection) -> tuple[int, int]:
    """Files of approvals and of the register that nobody took over yet."""
    vendors = WaitingFile(kind="vendors", market_id=MARKET, name="v.csv", content=b"x")
    return (
        records.put_receipt(conn, Feed.FILE, "w.csv", FILE, by="wang", at=NOW),
        imports.put(conn, vendors, by="wang", at=NOW),
    )


def contents(conn: Connection) -> list[bytes | None]:
    return [row[0] for row in conn.execute("SELECT content FROM approval_receipts ORDER BY receipt_id")]


def test_what_was_taken_over_goes_after_its_days_and_its_digest_and_counts_stay(market: Connection) -> None:
    take(market)
    [before] = records.receipts(market)
    remove(market, POLICY, NOW + KEPT)
    assert contents(market) == [FILE]
    gone = NOW + KEPT + A_SECOND
    remove(market, POLICY, gone)
    remove(market, POLICY, gone + KEPT)
    assert contents(market) == [None]
    [after] = records.receipts(market)
    assert after.removed_at == gone
    assert (after.name, after.digest, after.added, after.taken_by) == (before.name, before.digest, 1, "office")
    assert market.execute("SELECT count(*) FROM approval_versions WHERE receipt_id IS NOT NULL").fetchone() == (1,)


def test_what_was_only_looked_at_goes_after_its_hours(market: Connection) -> None:
    receipt_id, import_id = upload(market)
    remove(market, POLICY, NOW + WAITS)
    assert records.waiting(market, receipt_id, by="wang") is not None
    assert imports.waiting(market, import_id, by="wang") is not None
    remove(market, POLICY, NOW + WAITS + A_SECOND)
    assert records.waiting(market, receipt_id, by="wang") is None
    assert imports.waiting(market, import_id, by="wang") is None


def test_what_is_being_taken_over_just_now_is_not_waited_for(market: Connection, database_url: str) -> None:
    receipt_id, import_id = upload(market)
    with psycopg.connect(database_url) as other:
        assert records.waiting(other, receipt_id, by="wang") is not None
        assert imports.waiting(other, import_id, by="wang") is not None
        remove(market, POLICY, NOW + WAITS + A_SECOND)
        other.rollback()
    assert records.waiting(market, receipt_id, by="wang") is not None
    assert imports.waiting(market, import_id, by="wang") is not None


def test_many_clerks_and_more_than_a_round(market: Connection, database_url: str) -> None:
    for n in range(70):
        take(market, f"{n}.csv")
    gone = NOW + KEPT + A_SECOND

    def clerk(_number: int) -> None:
        with psycopg.connect(database_url, autocommit=True) as conn:
            assert RemovingUploads(POLICY).run_once(conn, gone) == gone + timedelta(minutes=10)

    with ThreadPoolExecutor(3) as clerks:
        list(clerks.map(clerk, range(3)))
    assert set(contents(market)) == {None}
    assert len(contents(market)) == 70


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approval_receipts SET content = NULL, removed_at = now(), name = 'x' WHERE taken_by IS NOT NULL",
        "UPDATE approval_receipts SET content = NULL, removed_at = now(), added = 9 WHERE taken_by IS NOT NULL",
        "UPDATE approval_receipts SET content = 'x', digest = sha256('x') WHERE taken_by IS NOT NULL",
        "UPDATE approval_receipts SET content = NULL, removed_at = now() WHERE taken_by IS NULL",
        "DELETE FROM approval_receipts WHERE taken_by IS NOT NULL",
    ],
)
def test_nothing_else_of_a_receipt_changes(market: Connection, statement: str) -> None:
    take(market)
    upload(market)
    with pytest.raises(errors.RestrictViolation):
        market.execute(statement.encode())


def test_what_was_removed_does_not_come_back(market: Connection) -> None:
    take(market)
    remove(market, POLICY, NOW + KEPT + A_SECOND)
    with pytest.raises(errors.RestrictViolation):
        market.execute("UPDATE approval_receipts SET content = %s, removed_at = NULL", [FILE])


def test_bytes_that_are_gone_say_when(market: Connection) -> None:
    take(market)
    with pytest.raises(errors.CheckViolation):
        market.execute("UPDATE approval_receipts SET content = NULL")


@pytest.mark.parametrize(("was", "written"), [("hours = 24", "hours = 0"), ("taken_days = 180", "taken_days = 0")])
def test_a_policy_that_keeps_nothing_is_refused(tmp_path: Path, was: str, written: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert was in text
    assert "参考样式" in text
    file = tmp_path / "uploads.toml"
    file.write_text(text.replace(was, written, 1), encoding="utf-8")
    with pytest.raises(BadFile, match=was.split(" ", maxsplit=1)[0]):
        read_uploads_policy(file)
