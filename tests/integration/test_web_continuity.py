"""Pages and API of alerts about a scale's record: what is missing, what does not follow, what closed by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from db import alerts
from domain.alert import AlertKind, AlertState
from ingest.batch import take_batch
from ingest.continuity_look import look
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from tests.factories import chained, delivery, message, weighing
from tests.web_service import furnished_service, visiting
from tests.web_world import HERE, POLICY, sign_in

RULES = read_rules_policy(POLICY / "rules.toml")


STARTED = datetime.now(UTC)


def lines(count: int, **fields: Any) -> list[bytes]:
    """A journal, a weighing a minute up to an hour; the same bytes whenever it is asked for."""
    return chained([{"weighed_at": (STARTED - timedelta(minutes=60 - n)).isoformat(), **fields} for n in range(count)])


def arrive(conn: Connection, bodies: list[bytes], journal: str = "j-1") -> None:
    """These lines come, and somebody looks at once."""
    now = datetime.now(UTC)
    sent = delivery(message(*bodies, journal=journal), scale=f"{HERE}-s01", market=HERE, at=now)
    take_batch(conn, [sent], books=BookKeeper(), policy=RULES, now=now)
    look(conn, timedelta(0), now)
    conn.commit()


def alert_of(conn: Connection, kind: AlertKind) -> int:
    return next(one.alert_id for one in alerts.visible(conn, HERE, set(AlertState)) if one.kind is kind)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", ("秤的称重记录缺失", "3–5、8", "共 4 次", "各缺口之后的首次称重", "本预警自动关闭", "编号 6")),
        ("en", ("Weighings of the scale are missing", "3–5, 8", "4 weighings", "after each gap", "Number 6")),
    ],
)
def test_a_gap_names_what_is_missing_and_says_nothing_of_caps(
    database_url: str, language: str, expected: tuple[str, ...]
) -> None:
    with furnished_service(database_url) as (address, conn):
        journal = lines(10)
        arrive(conn, [*journal[:2], *journal[5:7], *journal[8:]])
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.cookies.set("steelyard-language", language)
            page = client.get(f"/alerts/{alert_of(conn, AlertKind.SEQUENCE_GAP)}").text
        for shown in expected:
            assert shown in page, shown
        for absent in ("list_error", "Overcharged", "多收金额"):
            assert absent not in page, absent


def test_what_has_arrived_since_is_shown_and_a_filled_one_closes_by_itself(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        journal = lines(10)
        arrive(conn, [*journal[:2], *journal[5:7], *journal[8:]])
        alert_id = alert_of(conn, AlertKind.SEQUENCE_GAP)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            arrive(conn, [journal[3], journal[7]])
            page = client.get(f"/alerts/{alert_id}").text
            assert "3、5</b>" in page
            assert "4、8</td>" in page
            detail = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()
            assert [(gap["first_seq"], gap["last_seq"], gap["missing"]) for gap in detail["gaps"]] == [
                (3, 5, [{"first": 3, "last": 3}, {"first": 5, "last": 5}]),
                (8, 8, []),
            ]
            arrive(conn, [journal[2], journal[4]])
            page = client.get(f"/alerts/{alert_id}").text
            for shown in ("已撤回", "自动撤回", "缺失的记录已全部收到", "没有可进行的操作"):
                assert shown in page, shown
            assert f'data-alert="{alert_id}"' in client.get("/?show=withdrawn").text
            assert f'data-alert="{alert_id}"' not in client.get("/").text
            late = client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf})
            assert late.status_code == 409
            assert "预警已自动变更" in late.text
            assert "已有人先行处理" not in late.text
            step = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()["steps"][-1]
            assert (step["actor"], step["action"], step["reason"]) == ("system", "withdraw", "gap_filled")


def test_no_person_closes_an_alert(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        arrive(conn, lines(3)[1:])
        alert_id = alert_of(conn, AlertKind.SEQUENCE_GAP)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            assert client.post(f"/alerts/{alert_id}/close", data={"csrf_token": visitor.csrf}).status_code == 409
            assert client.post(f"/api/v1/alerts/{alert_id}/close", headers=visitor.bearer).status_code == 409
            detail = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()
        assert (detail["state"], detail["actions"]) == ("open", ["acknowledge", "confirm", "dismiss", "merge"])


def test_a_break_says_which_weighing_does_not_follow_which(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        journal = lines(4)
        unchained = weighing(3, prev="x", weighed_at=datetime.now(UTC).isoformat())
        arrive(conn, [*journal[:2], unchained])
        visitor = sign_in(conn, "manager")
        alert_id = alert_of(conn, AlertKind.CHAIN_BREAK)
        with visiting(address, visitor) as client:
            page = client.get(f"/alerts/{alert_id}").text
            detail = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()
        for shown in ("称重记录前后不衔接", "2 → 3", "所带的上一条指纹与上一条不符", "j-1"):
            assert shown in page, shown
        assert [(one["seq"], one["fault"]) for one in detail["breaks"]] == [(3, "does_not_fit")]
        assert detail["severity"] is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", ("秤的时钟不准", "快了 8:00:00", "按收到时间判定", "原记录时间不变")),
        ("en", ("Clock of the scale is off", "8:00:00 (hours, minutes, seconds) ahead", "judged by its arrival")),
    ],
)
def test_a_clock_that_is_off_says_by_how_much_and_what_that_did(
    database_url: str, language: str, expected: tuple[str, ...]
) -> None:
    with furnished_service(database_url) as (address, conn):
        now = datetime.now(UTC)
        sent = now + timedelta(hours=8)
        body = weighing(1, weighed_at=sent.isoformat())
        late = delivery(message(body, journal="j-1", sent_at=sent), scale=f"{HERE}-s01", market=HERE, at=now)
        take_batch(conn, [late], books=BookKeeper(), policy=RULES, now=now)
        conn.commit()
        alert_id = alert_of(conn, AlertKind.CLOCK_DRIFT)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.cookies.set("steelyard-language", language)
            page = client.get(f"/alerts/{alert_id}").text
            detail = client.get(f"/api/v1/alerts/{alert_id}").json()
        for shown in expected:
            assert shown in page, shown
        assert [one["judged_at_arrival"] for one in detail["weighings"]] == [True]
