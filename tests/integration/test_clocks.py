"""A clock that is not to be believed: judged by the arrival, marked, and told of once a day."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from db import alerts, quarantine_pages
from db.journals import JournalKey
from db.quarantine_pages import Where
from domain.alert import Alert, AlertKind, AlertState
from domain.ids import JournalId, ScaleId
from domain.quarantine import HeldState
from ingest.batch import Taken, take_batch
from ingest.reading import Delivery
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import CAP, MARKET, NOW, delivery, message, over, place, publish_caps, put_market, weighing

POLICY = read_rules_policy(policy_directory() / "rules.toml")
KEY = JournalKey(MARKET, ScaleId("S-1"), JournalId("j1"))


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def take(conn: Connection, *deliveries: Delivery) -> Taken:
    return take_batch(conn, deliveries, books=BookKeeper(), policy=POLICY, now=NOW)


def stored(conn: Connection, columns: str) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT {columns} FROM weighings ORDER BY seq".encode()).fetchall()


def clock_alerts(conn: Connection) -> list[Alert]:
    every = alerts.visible(conn, MARKET, {AlertState.OPEN, AlertState.ACKNOWLEDGED})
    return [one for one in every if one.kind is AlertKind.CLOCK_DRIFT]


def at(seconds: int) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def test_a_clock_that_is_kept_judges_what_came_days_late(market: Connection) -> None:
    """The list of the day of the weighing counts, not the one of its arrival."""
    publish_caps(market, cap_fen=CAP + 10_000, effective_from=NOW + timedelta(days=3))
    late = NOW + timedelta(days=4)
    take(market, delivery(message(over(1), sent_at=late), at=late))
    assert stored(market, "verdict, judged_at_arrival, business_day::text") == [("over", False, "2026-11-22")]
    assert clock_alerts(market) == []


@pytest.mark.parametrize("fields", [{"clock_synced": False}, {"clock_synced": None}], ids=["says so", "says nothing"])
def test_a_clock_that_is_not_kept_is_judged_by_the_list_and_the_stall_of_the_arrival(
    market: Connection, fields: dict[str, Any]
) -> None:
    publish_caps(market, cap_fen=CAP + 10_000, effective_from=NOW + timedelta(days=3))
    late = NOW + timedelta(days=4)
    place(market, 1, vendor="V-9", since=NOW + timedelta(days=2))
    taken = take(market, delivery(message(over(1, **fields), sent_at=late), at=late))
    assert stored(market, "verdict, judged_at_arrival, business_day::text, vendor_id") == [
        ("within", True, "2026-11-26", "V-9")
    ]
    assert stored(market, "weighed_at") == [(NOW + timedelta(seconds=1),)], "the recorded time is never changed"
    assert taken.at_arrival == 1
    assert clock_alerts(market) == [], "not kept is not off"


@pytest.mark.parametrize(("ahead_s", "is_off"), [(120, False), (121, True)])
def test_a_weighing_from_further_in_our_future_than_a_clock_may_be_off(
    market: Connection, ahead_s: int, is_off: bool
) -> None:
    take(market, delivery(message(weighing(1, weighed_at=at(ahead_s)))))
    assert stored(market, "judged_at_arrival") == [(is_off,)]
    assert [one.note for one in clock_alerts(market)] == (["the clock is 121 s ahead"] if is_off else [])


def test_eight_hours_ahead_is_a_wrong_time_zone_and_the_sale_is_judged_all_the_same(market: Connection) -> None:
    taken = take(market, delivery(message(over(1, weighed_at=at(8 * 3600)))))
    assert taken.held == 0
    assert stored(market, "verdict, judged_at_arrival, business_day::text") == [("over", True, "2026-11-22")]


def test_messages_sent_after_they_were_received_prove_that_a_clock_is_ahead(market: Connection) -> None:
    """Old weighings are judged by their arrival too: what the clock said then is not known to be right."""
    take(market, delivery(message(weighing(1, weighed_at=at(-3600)), sent_at=NOW + timedelta(seconds=300))))
    assert stored(market, "judged_at_arrival") == [(True,)]
    (alert,) = clock_alerts(market)
    assert (alert.vendor_id, alert.scale_id, alert.note) == ("V-1", "S-1", "the clock is 300 s ahead")


def test_a_clock_is_told_of_once_a_business_day(market: Connection) -> None:
    def ahead(seq: int, days: int = 0) -> Delivery:
        moment = NOW + timedelta(days=days, seconds=seq)
        sent = moment + timedelta(seconds=500)
        return delivery(message(weighing(seq, weighed_at=sent.isoformat()), sent_at=sent), at=moment)

    take(market, ahead(1), ahead(2))
    take(market, ahead(3))
    take(market, ahead(3))
    (alert,) = clock_alerts(market)
    assert alert.occurrences == 1
    take(market, ahead(4, days=1))
    assert sorted(one.business_day.day for one in clock_alerts(market)) == [22, 23]


def test_a_clock_that_is_behind_is_found_by_a_span_of_messages(market: Connection) -> None:
    """Not by one: it may have waited for us. It is right again with the first message that was quick."""

    def sent(seq: int, received_s: int, behind_s: int) -> Delivery:
        moment = NOW + timedelta(seconds=received_s)
        by_its_clock = moment - timedelta(seconds=behind_s)
        body = weighing(seq, weighed_at=by_its_clock.isoformat())
        return delivery(message(body, sent_at=by_its_clock), at=moment)

    for seq, (received_s, behind_s) in enumerate([(0, 300), (600, 310), (901, 305), (960, 2)], start=1):
        take(market, sent(seq, received_s, behind_s))
    assert stored(market, "judged_at_arrival") == [(False,), (False,), (True,), (False,)]
    assert [one.note for one in clock_alerts(market)] == ["the clock is 300 s behind"]


def test_a_time_that_cannot_be_right_is_held_and_told_of(market: Connection) -> None:
    """A dead battery: the year 2000."""
    deliveries = [
        delivery(message(weighing(seq, weighed_at=f"2000-01-01T00:0{seq}:00Z", clock_synced=False))) for seq in (1, 2)
    ]
    assert take(market, *deliveries).held == 2
    assert take(market, *deliveries).held == 0
    (alert,) = clock_alerts(market)
    assert (alert.vendor_id, alert.occurrences, alert.first_at) == ("V-1", 1, NOW)
    assert "2000-01-01" in alert.note
    held = quarantine_pages.listed(market, Where(), {HeldState.HELD})
    assert [one.reason for one in held] == ["unbelievable_time"] * 2


def test_what_a_message_calls_sent_at_never_refuses_it(market: Connection) -> None:
    for seq, sent_at in enumerate(('"yesterday"', "17", "null", '"2026-11-22T04:00:00"', "{}"), start=1):
        payload = b'{"v":1,"journal_id":"j1","sent_at":%s,"weighings":[%s]}' % (sent_at.encode(), weighing(seq))
        assert take(market, delivery(payload)).stored == 1
    assert market.execute("SELECT clock_since FROM journals").fetchall() == [(None,)]
