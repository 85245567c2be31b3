"""A change of the rules and what becomes known later leave what was scored as it was."""

from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg import Connection

from credit.report import credit_report, score_on
from credit.rules.book import rulebook
from credit.rules.versions import Rulebook
from credit.scoring import Score
from db import alerts, credit
from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.errors import FieldRefused, NotFound
from domain.ids import VendorId
from ingest.batch import take_batch
from pricing.price_book import BookKeeper
from tests.alert_acts import POLICIES, REGULATOR, act
from tests.factories import MARKET, NOW, delivery, message, over, put_market
from tests.integration.test_credit_rules import propose, put_in_force, version

VENDOR = VendorId("V-1")
TODAY = date(2026, 11, 22)
CHANGE = date(2026, 11, 25)
AFTER = datetime(2026, 11, 26, 4, tzinfo=UTC)


@pytest.fixture
def alert_id(conn: Connection) -> int:
    put_market(conn)
    book = BookKeeper()
    take_batch(conn, [delivery(message(over(1, unit_price_fen=13000)))], books=book, policy=POLICIES.rules, now=NOW)
    dearer = version("dearer", CHANGE).replace("medium = -3", "medium = -9", 1).replace('"B"', '"good"')
    propose(conn, dearer)
    put_in_force(conn, "dearer")
    conn.commit()
    return alerts.visible(conn, MARKET, {AlertState.OPEN})[0].alert_id


def book(conn: Connection) -> Rulebook:
    return rulebook(conn, POLICIES.credit)


def on(conn: Connection, day: date, known_at: datetime | None = None, now: datetime = AFTER) -> Score:
    return score_on(conn, MARKET, VENDOR, day, book=book(conn), known_at=known_at, now=now)


def test_an_alert_is_charged_by_the_rules_of_its_day_whenever_it_is_confirmed(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM, now=AFTER)
    (event,) = credit.of_vendor(conn, MARKET, VENDOR)
    assert (event.points, event.rules_version) == (-3, "2026-11-28")
    report = credit_report(conn, MARKET, VENDOR, book=book(conn), now=AFTER)
    assert report.rules.version == "dearer"
    assert report.ledger[0].explanation is not None
    assert "notable: −3" in report.ledger[0].explanation.en, "explained by the version it names"


def test_each_day_is_scored_by_the_version_in_force_on_it(conn: Connection, alert_id: int) -> None:
    act(conn, alert_id, AlertAction.CONFIRM)
    credit.append(
        conn,
        market_id=MARKET,
        vendor_id=VENDOR,
        occurred_at=NOW,
        recorded_at=NOW,
        recorded_by="m",
        reason="tare_abuse",
        points=-15,
        rule="tare_abuse.points.low",
        rules_version="2026-11-28",
        alert_id=None,
    )
    conn.commit()
    assert [on(conn, day).tier.name for day in (TODAY, CHANGE - timedelta(days=1), CHANGE)] == ["B", "B", "good"]


def test_what_becomes_known_later_does_not_change_what_was_known(conn: Connection, alert_id: int) -> None:
    assert on(conn, TODAY, NOW).score == 100
    act(conn, alert_id, AlertAction.CONFIRM, now=AFTER)
    known = AFTER + timedelta(hours=1)
    assert [on(conn, TODAY, moment).score for moment in (NOW, known, None)] == [100, 97, 97]
    year_later = AFTER + timedelta(days=365)
    act(conn, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="a wrong list", now=year_later)
    told = [on(conn, TODAY, moment, year_later).score for moment in (NOW, known, year_later, None)]
    assert told == [100, 97, 100, 100]


def test_a_day_to_come_and_a_vendor_that_is_not_there_are_refused(conn: Connection, alert_id: int) -> None:
    with pytest.raises(FieldRefused, match="day is 2026-11-27; expected today, 2026-11-26, or a day before"):
        on(conn, date(2026, 11, 27))
    with pytest.raises(NotFound):
        score_on(conn, MARKET, VendorId("nobody"), TODAY, book=book(conn), known_at=None, now=NOW)
