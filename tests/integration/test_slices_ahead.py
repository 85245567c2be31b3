"""A slice is judged ahead over a second connection, and used only where it is still what would be judged."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg import Connection

from db import rejudging
from ingest.batch import take_batch
from ingest.rejudged_slices import JudgedSlice, Place, SliceJudge, revisions
from ingest.slices_ahead import SlicesAhead
from pricing.price_book import BookKeeper
from tests.factories import MARKET, NOW, delivery, message, over, publish_caps, put_market, weighing
from tests.rejudged import POLICY, awaiting, judgements, rejudge, rejudger_of

HOUR = timedelta(hours=1)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn, with_caps=False)
    publish_caps(conn)
    sold = (over(seq) if seq % 3 else weighing(seq) for seq in range(1, 21))
    take_batch(conn, [delivery(message(*sold))], books=BookKeeper(), policy=POLICY, now=NOW)
    conn.commit()
    return conn


class TellingJudge(SliceJudge):
    """Tells when it has judged."""

    def __init__(self) -> None:
        super().__init__(POLICY, 3)
        self.has_judged = threading.Event()

    def judge(self, conn: Connection, place: Place) -> JudgedSlice:
        judged = super().judge(conn, place)
        self.has_judged.set()
        return judged


@pytest.fixture
def ahead(market: Connection) -> Iterator[SlicesAhead]:
    with psycopg.connect(market.info.dsn) as reading, SlicesAhead(reading, SliceJudge(POLICY, 3)) as ahead:
        yield ahead


def asked(conn: Connection) -> Place:
    rejudging.request(conn, market_id=MARKET, since=None, until=None, by="me", now=NOW)
    conn.commit()
    request = rejudging.next_request(conn)
    conn.commit()
    assert request is not None
    return Place(asked=request, market_id=MARKET, by_arrival=False, reached=None)


def test_what_was_judged_ahead_is_used(market: Connection, ahead: SlicesAhead) -> None:
    place = asked(market)
    ahead.begin(place)
    taken = ahead.take(place, revisions(market))
    assert taken is not None
    assert taken.place == place
    assert len(taken) == 3
    assert ahead.take(place, revisions(market)) is None, "it is used once"


def test_what_was_judged_by_another_list_is_not_used(market: Connection) -> None:
    place, judge = asked(market), TellingJudge()
    with psycopg.connect(market.info.dsn) as reading, SlicesAhead(reading, judge) as ahead:
        ahead.begin(place)
        ahead.forget()
        judge.has_judged.clear()
        ahead.begin(place)
        assert judge.has_judged.wait(60)
        publish_caps(market, 22000, NOW + HOUR)
        market.commit()
        assert ahead.take(place, revisions(market)) is None


def test_another_place_is_not_used(market: Connection, ahead: SlicesAhead) -> None:
    place = asked(market)
    ahead.begin(place)
    elsewhere = Place(asked=place.asked, market_id=MARKET, by_arrival=False, reached=NOW)
    assert ahead.take(elsewhere, revisions(market)) is None


def test_with_slices_ahead_the_same_comes_out(market: Connection, ahead: SlicesAhead) -> None:
    found = []
    for helped in (None, ahead):
        publish_caps(market, 23200)
        market.commit()
        rejudge(market, size=3, ahead=helped)
        publish_caps(market, 22000)
        market.commit()
        changed, raised, withdrawn = rejudge(market, size=3, ahead=helped)
        found.append((changed, raised, withdrawn, [row[3:8] for row in judgements(market)], len(awaiting(market))))
        market.commit()
    assert found[0] == found[1]
    assert found[0][1] == 20


def test_a_list_that_is_published_between_two_slices_counts(market: Connection, ahead: SlicesAhead) -> None:
    publish_caps(market, 23200)
    market.commit()
    rejudger = rejudger_of(3)
    assert rejudger.step(market, NOW, ahead) is not None
    publish_caps(market, 22000)
    market.commit()
    rejudge(market, size=3, ahead=ahead)
    assert {row[0] for row in market.execute("SELECT verdict FROM weighings")} == {"over"}
    assert [row[4] for row in awaiting(market)] == [20]


def test_a_connection_that_is_lost_is_told(market: Connection, ahead: SlicesAhead) -> None:
    place = asked(market)
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    market.execute(f"SELECT pg_terminate_backend(pid) {others}")
    ahead.begin(place)
    with pytest.raises(psycopg.OperationalError):
        ahead.take(place, revisions(market))
