"""What was traded, in spans of time on the market's clock: the same on a hypertable and on a plain table."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from db import trends
from db.registry import Market, put_market
from db.trends import DAY, HOUR, TradedPrices
from domain.ids import MarketId, SpeciesCode
from tests.commands import Ran, run_here
from tests.factories import MARKET, NOW
from tests.integration.test_schema import row
from tests.stored import store_rows


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn, Market(market_id=MARKET, name="m", area="sanya", channel="eatery"))
    return conn


def sale(seq: int, at: datetime, fen: int, **fields: object) -> dict[str, object]:
    return {**row(seq % 256), "seq": seq, "weighed_at": at, "unit_price_fen_per_kg": fen, **fields}


def traded(conn: Connection, width: timedelta = HOUR, species: str | None = None) -> list[TradedPrices]:
    since, until = NOW - timedelta(days=3), NOW + timedelta(days=3)
    code = None if species is None else SpeciesCode(species)
    return trends.prices(conn, MARKET, since=since, until=until, width=width, species=code)


def test_quartiles_are_prices_that_were_asked(market: Connection) -> None:
    store_rows(market, [sale(n, NOW + timedelta(minutes=n), fen) for n, fen in enumerate((100, 7, 50, 51), start=1)])
    [hour] = traded(market)
    assert (hour.since, hour.weighings, hour.net_g, hour.paid_fen) == (NOW, 4, 4000, 92000)
    assert (hour.lower_fen, hour.median_fen, hour.upper_fen) == (7, 50, 51)


def test_a_price_that_no_scale_knew_is_none(market: Connection) -> None:
    unknown = {"unit_price_fen": 0, "verdict": "unlisted"}
    store_rows(market, [sale(1, NOW, 0, **unknown), sale(2, NOW, 50), sale(3, NOW + HOUR, 0, **unknown)])
    assert [(one.weighings, one.lower_fen, one.median_fen, one.upper_fen) for one in traded(market)] == [
        (2, 50, 50, 50),
        (1, None, None, None),
    ]


def test_hours_species_and_units_stand_apart(market: Connection) -> None:
    store_rows(
        market,
        [
            sale(1, NOW, 10),
            sale(2, NOW + HOUR - timedelta(microseconds=1), 20),
            sale(3, NOW + HOUR, 30, verdict="over", cap_fen=1, cap_unit="kg"),
            sale(4, NOW, 40, species_code="F02"),
            sale(5, NOW, 0, price_unit="piece", unit_price_fen_per_kg=None, unit_price_fen=900, pieces=2),
        ],
    )
    found = [
        (one.since, one.species_code, one.unit, one.weighings, one.median_fen, one.over_cap) for one in traded(market)
    ]
    assert found == [
        (NOW, "F01", "kg", 2, 10, 0),
        (NOW, "F01", "piece", 1, 900, 0),
        (NOW, "F02", "kg", 1, 40, 0),
        (NOW + HOUR, "F01", "kg", 1, 30, 1),
    ]
    assert [one.species_code for one in traded(market, species="F02")] == ["F02"]


def test_a_void_and_what_it_voids_are_no_sales(market: Connection) -> None:
    void = sale(3, NOW + timedelta(minutes=3), 20, voids_seq=2, verdict=None, paid_verdict=None)
    only_says_so = sale(4, NOW + timedelta(minutes=4), 30, voids_seq=1)
    store_rows(market, [sale(1, NOW, 10), sale(2, NOW, 20), void, only_says_so])
    assert [(one.weighings, one.lower_fen, one.upper_fen) for one in traded(market)] == [(2, 10, 30)]


def test_a_day_begins_at_the_markets_midnight(market: Connection) -> None:
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)  # in Sanya
    store_rows(market, [sale(1, midnight - timedelta(seconds=1), 10), sale(2, midnight, 20)])
    assert [(one.since, one.median_fen) for one in traded(market, DAY)] == [(midnight - DAY, 10), (midnight, 20)]


def test_how_fast_a_market_weighs(market: Connection) -> None:
    moments = [NOW, NOW + timedelta(seconds=59), NOW + timedelta(minutes=2)]
    store_rows(market, [sale(n, at, 10) for n, at in enumerate(moments, start=1)])
    found = trends.pace(market, MARKET, since=NOW, until=NOW + HOUR)
    assert [(one.since, one.weighings) for one in found] == [(NOW, 2), (NOW + timedelta(minutes=2), 1)]
    assert trends.pace(market, MarketId("other"), since=NOW, until=NOW + HOUR) == []


@pytest.fixture
def plain(plain_database_url: str) -> Iterator[Connection]:
    with psycopg.connect(plain_database_url, autocommit=True) as conn:
        yield conn


ZONES = [
    "Asia/Shanghai",
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
]
BUCKET = "SELECT trend_bucket(%s, %s, %s)"


@pytest.mark.timescale
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
    width=st.sampled_from(
        [timedelta(minutes=1), timedelta(minutes=15), HOUR, timedelta(hours=6), DAY, timedelta(days=7)]
    ),
)
def test_timescaledb_and_plain_postgresql_give_the_same_spans(
    conn: Connection, plain: Connection, moment: datetime, zone: str, width: timedelta
) -> None:
    asked = [width, moment, zone]
    assert conn.execute(BUCKET, asked).fetchone() == plain.execute(BUCKET, asked).fetchone()


@pytest.mark.timescale
def test_timescaledbs_own_buckets_are_used_where_it_is(conn: Connection, plain: Connection) -> None:
    body = "SELECT prosrc LIKE '%time_bucket(%' FROM pg_proc WHERE proname = 'trend_bucket'"
    assert (conn.execute(body).fetchone(), plain.execute(body).fetchone()) == ((True,), (False,))


def run(url: str, *words: str, columns: str = "200") -> Ran:
    environment = {**os.environ, "STEELYARD_DATABASE_URL": url, "COLUMNS": columns}
    return run_here("trends", *words, environment=environment)


def test_the_command_tells_it(market: Connection, database_url: str) -> None:
    now = datetime.now(UTC)
    store_rows(market, [sale(n, now - timedelta(seconds=n), 12345) for n in (1, 2)])
    market.commit()
    found = json.loads(run(database_url, "--market", MARKET, "--by", "day", "--days", "2", "--json").stdout)
    assert sum(one["weighings"] for one in found["prices"]) == 2
    assert {one["median_fen"] for one in found["prices"]} == {12345}
    shown = run(database_url, "--market", MARKET, "--days", "2", "--species", "F01")
    assert (shown.returncode, "123.45" in shown.stdout) == (0, True)
    assert "…" not in run(database_url, "--market", MARKET, "--days", "2", columns="80").stdout
    refused = run(database_url, "--market", "nowhere")
    assert (refused.returncode, MARKET in refused.stderr) == (2, True)
