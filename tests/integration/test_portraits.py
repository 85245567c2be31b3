"""Portraits of a real database: what is counted of days, who is compared with whom, and what each number is made of."""

from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg import Connection

from credit.portrait.duty import MakingPortraits
from credit.portrait.making import make_portraits
from credit.portrait.reading import VendorPortrait, vendor_portrait
from db import portraits
from db.registry import Market
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.portrait import Axis, AxisFigure, Lack
from tests.at_once import meanwhile
from tests.portrait_world import (
    LAST,
    MARKET,
    NIGHT,
    POLICY,
    SINCE,
    Sale,
    make,
    open_market,
    sell,
    settle,
    trade,
    weekdays,
)

DAY = timedelta(days=1)
ENOUGH = POLICY.peers.at_least
CROWD = [f"P-{n}" for n in range(ENOUGH)]


@pytest.fixture
def market(conn: Connection) -> Market:
    market = open_market(conn)
    conn.commit()
    return market


def of(conn: Connection, vendor: str = "V", market_id: MarketId = MARKET) -> VendorPortrait:
    return vendor_portrait(conn, market_id, VendorId(vendor), now=NIGHT)


def figure(conn: Connection, axis: Axis, vendor: str = "V") -> AxisFigure:
    shown = of(conn, vendor)
    assert shown.portrait is not None
    return shown.portrait.figure(axis)


def crowd(conn: Connection, *, every: int = 2, over: int = 0) -> None:
    settle(conn, CROWD)
    for n, vendor in enumerate(CROWD):
        trade(conn, vendor, days=weekdays(every=every), net_g=400 + 10 * n, over=over)


def test_before_any_was_made_there_is_none_and_that_is_said(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    shown = of(conn)
    assert (shown.made, shown.portrait, shown.weeks, shown.days) == (None, None, (), ())


def test_who_is_not_there_is_not_found(conn: Connection, market: Market) -> None:
    with pytest.raises(NotFound, match="there is no vendor V in market wanning-2"):
        of(conn)


def test_a_vendor_without_a_scale_or_a_sale_has_none(conn: Connection, market: Market) -> None:
    conn.execute("INSERT INTO vendors (market_id, vendor_id, name) VALUES (%s, 'V', 'v')", [MARKET])
    assert make(conn, market).vendors == 0
    assert of(conn).portrait is None


def test_one_vendor_alone_has_figures_and_nobody_to_be_compared_with(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays(), near=1)
    made = make(conn, market)
    assert (made.vendors, made.trading_days, made.since, made.day) == (1, 91, SINCE, LAST)
    shown = of(conn)
    assert shown.portrait is not None
    assert shown.portrait.goods == "fish"
    assert shown.quartiles == {}
    volume, prices = figure(conn, Axis.VOLUME), figure(conn, Axis.PRICES)
    assert (volume.part, volume.whole, volume.value, volume.lack) == (91_000, 91, 1000, Lack.FEW_PEERS)
    assert (prices.part, prices.whole, prices.value) == (91, 182, 500)


def test_who_sold_nothing_is_told_so_and_stands_nowhere(conn: Connection, market: Market) -> None:
    crowd(conn)
    settle(conn, ["V"])
    make(conn, market)
    lacks = {axis: figure(conn, axis).lack for axis in Axis}
    assert lacks == {
        Axis.VOLUME: Lack.NO_SALES,
        Axis.PRICES: Lack.NO_SALES,
        Axis.VERIFICATION: Lack.NOT_REGISTERED,
        Axis.SCALE_USE: Lack.NO_GOODS,
        Axis.COMPLAINTS: Lack.NO_SALES,
        Axis.RESPONSE: Lack.NOTHING_DUE,
    }
    assert (figure(conn, Axis.SCALE_USE).value, figure(conn, Axis.SCALE_USE).whole) == (0, 46)


def test_a_vendor_is_ranked_among_those_who_sell_the_same(conn: Connection, market: Market) -> None:
    crowd(conn, over=1)
    settle(conn, ["V", "other"])
    trade(conn, "V", days=weekdays(every=2), net_g=435)
    trade(conn, "other", days=weekdays(), species="C01", net_g=9000)
    make(conn, market)
    volume, prices = figure(conn, Axis.VOLUME), figure(conn, Axis.PRICES)
    assert (volume.peers, volume.rank_permille) == (ENOUGH, 500)
    assert (prices.value, prices.rank_permille) == (0, 1000)
    assert figure(conn, Axis.VOLUME, "other").lack is Lack.FEW_PEERS
    shown = of(conn)
    quartiles = shown.of_all(Axis.PRICES)
    assert quartiles is not None
    assert (quartiles.vendors, quartiles.median) == (ENOUGH + 1, 500)
    assert shown.quartiles[Axis.VOLUME, 0].vendors == ENOUGH + 1
    assert of(conn, "other").quartiles == {}


def test_what_was_voided_was_not_sold_even_on_the_day_after(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    numbers = sell(
        conn, [Sale(vendor="V", day=LAST - DAY), Sale(vendor="V", day=LAST - DAY), Sale(vendor="V", day=LAST)]
    )
    make(conn, market, last=LAST - DAY, now=NIGHT - DAY)
    assert [(one.day, one.sales) for one in of(conn).days] == [(LAST - DAY, 2)]
    sell(conn, [Sale(vendor="V", day=LAST, hour=7, voids_seq=numbers[0])])
    make(conn, market)
    assert [(one.day, one.sales) for one in of(conn).days] == [(LAST - DAY, 1), (LAST, 1)]


def test_a_day_that_weighings_arrived_for_is_counted_again(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    late = LAST - 20 * DAY
    trade(conn, "V", days=[late])
    make(conn, market)
    sell(conn, [Sale(vendor="V", day=late, received_at=NIGHT + timedelta(hours=2))])
    make(conn, market, last=LAST + DAY, now=NIGHT + DAY)
    assert [(one.day, one.sales) for one in of(conn).days] == [(late, 3)]


def test_a_day_that_was_judged_again_is_counted_again(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    day = LAST - 60 * DAY
    trade(conn, "V", days=[day])
    make(conn, market)
    conn.execute("UPDATE weighings SET verdict = 'over' WHERE vendor_id = 'V'")
    make(conn, market, now=NIGHT + timedelta(hours=1))
    assert of(conn).days[0].over_cap == 0
    conn.execute(
        """INSERT INTO rejudgements (cause, span, area, started_at, finished_at, changed)
           VALUES ('list', tstzrange(%s, NULL), 'wanning', %s, %s, 2)""",
        [datetime(2026, 9, 1, tzinfo=UTC), NIGHT, NIGHT + timedelta(hours=2)],
    )
    make(conn, market, now=NIGHT + timedelta(hours=3))
    assert of(conn).days[0].over_cap == 2


def test_weighings_that_were_let_go_take_no_count_with_them(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays())
    make(conn, market)
    conn.execute("UPDATE keeping SET keep_days = 30")
    conn.execute("DELETE FROM weighings WHERE weighed_at < %s", [NIGHT - 30 * DAY])
    conn.execute("UPDATE vendor_days_counted SET near_permille = 1")
    make(conn, market, now=NIGHT + timedelta(hours=1))
    assert len(of(conn).days) == 91


def test_days_older_than_they_are_to_be_kept_go(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=[LAST])
    for days_ago in (POLICY.counting.keep_days, POLICY.counting.keep_days + 1):
        old = [MARKET, LAST - days_ago * DAY]
        conn.execute("INSERT INTO vendor_days VALUES (%s, 'V', %s, 'fish', 1, 1, 1, 1, 0, 0)", old)
        conn.execute("INSERT INTO vendor_days_counted VALUES (%s, %s, 1, 950, now())", old)
    make(conn, market)
    for table in ("vendor_days", "vendor_days_counted"):
        row = conn.execute(f"SELECT min(business_day) FROM {table}").fetchone()
        assert row == (LAST - POLICY.counting.keep_days * DAY,)


def test_a_day_is_the_markets_own(conn: Connection) -> None:
    west = open_market(conn, MarketId("west"), "America/New_York")
    settle(conn, ["V"], market_id=west.market_id)
    sell(conn, [Sale(vendor="V", day=LAST, hour=8 + 5 + 23)], market_id=west.market_id)
    make(conn, west, now=NIGHT + DAY)
    assert [one.day for one in of(conn, market_id=west.market_id).days] == [LAST]


def test_weeks_stand_beside_the_quartiles_of_the_same_goods(conn: Connection, market: Market) -> None:
    crowd(conn)
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays(LAST - 6 * DAY), a_day=3, over=3)
    make(conn, market)
    shown = of(conn)
    last, before = shown.weeks[-1], shown.weeks[-2]
    assert (last.first_day, last.used_days, last.held_days) == (LAST - 6 * DAY, 7, 7)
    assert last.values == {Axis.VOLUME: 1500, Axis.SCALE_USE: 1000, Axis.PRICES: 1000}
    assert before.values == {Axis.VOLUME: 0, Axis.SCALE_USE: 0}
    assert shown.quartiles[Axis.SCALE_USE, 12].vendors == ENOUGH + 1
    assert len(shown.weeks) == POLICY.span.weeks


def verify(conn: Connection, scale: str, on: date, until: date | None) -> None:
    conn.execute(
        """INSERT INTO scale_verifications (market_id, scale_id, verified_on, valid_until, certificate_no, passed,
                                            entered_by, entered_at) VALUES (%s, %s, %s, %s, %s, %s, 'm', %s)""",
        [MARKET, scale, on, until, f"C-{on}", until is not None, NIGHT],
    )


def test_each_scale_tells_the_days_it_was_verified(conn: Connection, market: Market) -> None:
    settle(conn, ["V", "never"])
    verify(conn, "S-V", SINCE - 300 * DAY, SINCE + 29 * DAY)
    verify(conn, "S-V", SINCE + 40 * DAY, SINCE + 400 * DAY)
    make(conn, market)
    shown = of(conn).portrait
    assert shown is not None
    assert [(one.scale_id, one.days, one.verified) for one in shown.scales] == [("S-V", 91, 81)]
    assert figure(conn, Axis.VERIFICATION).part == 81
    never = of(conn, "never").portrait
    assert never is not None
    assert [(one.scale_id, one.days) for one in never.scales] == [("S-never", 0)]
    assert figure(conn, Axis.VERIFICATION, "never").lack is Lack.NOT_REGISTERED


def complain(conn: Connection, state: str, outcome: str | None, *, at: datetime = NIGHT - DAY) -> int:
    row = conn.execute(
        """INSERT INTO complaints (market_id, channel, channel_no, reason, words, received_at, status_digest,
                                   content_digest, policy_version, clock_from, stall_id, state, outcome, answer,
                                   answered_at, ended_at, settled_fen, refuse_reason, has_contact)
           VALUES (%(market)s, 'counter', '', 'tare', 'w', %(at)s, sha256(gen_random_uuid()::text::bytea), sha256('c'),
                   '1', %(at)s, 'A-V', %(state)s, %(outcome)s, 'a',
                   CASE WHEN %(outcome)s::text IS NOT NULL THEN %(at)s END,
                   CASE WHEN %(state)s IN ('closed', 'refused', 'withdrawn') THEN %(at)s END,
                   CASE WHEN %(outcome)s = 'settled' THEN 500 END,
                   CASE WHEN %(state)s = 'refused' THEN 'not_ours' END, false)
           RETURNING complaint_id""",
        {"market": MARKET, "state": state, "outcome": outcome, "at": at},
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_only_what_was_upheld_counts_and_each_complaint_is_named(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays())
    upheld = [complain(conn, "closed", "upheld"), complain(conn, "answered", "upheld")]
    undecided = [complain(conn, "investigating", "upheld"), complain(conn, "received", None)]
    other = [complain(conn, "closed", "not_upheld"), complain(conn, "closed", "settled")]
    complain(conn, "refused", None)
    complain(conn, "withdrawn", None)
    complain(conn, "closed", "upheld", at=NIGHT - 100 * DAY)
    make(conn, market)
    shown = of(conn).portrait
    assert shown is not None
    assert list(shown.upheld_complaints) == upheld
    assert list(shown.undecided_complaints) == undecided
    assert list(shown.other_complaints) == other
    found = figure(conn, Axis.COMPLAINTS)
    assert (found.part, found.whole, found.value) == (2, 182, 110)
    assert [one.complaint_id for one in portraits.complaints_named(conn, upheld)] == upheld[::-1]


def ordered(
    conn: Connection, due: date, *, state: str, ended: datetime | None = None, action: str = "report_rectified"
) -> int:
    row = conn.execute(
        """INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, state, occurrences,
                               first_at, last_at, opened_at, updated_at, decided_at, decided_by, is_counting,
                               rectify_by)
           VALUES (%(market)s, 'tare_abuse', 'V', 'S-V', '', %(due)s, %(state)s, 1, %(at)s, %(at)s, %(at)s, %(at)s,
                   %(at)s, 'm', false, %(due)s) RETURNING alert_id""",
        {"market": MARKET, "due": due, "state": state, "at": NIGHT},
    ).fetchone()
    assert row is not None
    if ended is not None:
        conn.execute(
            """INSERT INTO alert_steps (alert_id, at, actor, action, from_state, to_state)
               VALUES (%s, %s, 'm', %s, 'rectifying', 'rectified')""",
            [row[0], ended, action],
        )
    return int(row[0])


def test_rectifications_are_in_time_late_or_say_nothing_and_each_is_named(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    due, evening = LAST - 9 * DAY, datetime(2026, 11, 12, 15, 59, tzinfo=UTC)
    in_time = ordered(conn, due, state="closed", ended=evening)
    late = [
        ordered(conn, due, state="rectified", ended=evening + timedelta(minutes=1)),
        ordered(conn, due, state="rectifying", ended=evening),  # sent back, and not reported again
    ]
    ordered(conn, due, state="escalated", ended=evening, action="escalate")
    ordered(conn, due, state="overturned", ended=evening)
    ordered(conn, due, state="appealed", ended=evening + DAY, action="appeal")
    ordered(conn, LAST + DAY, state="rectifying")
    make(conn, market)
    shown = of(conn).portrait
    assert shown is not None
    assert (shown.in_time_alerts, list(shown.late_alerts)) == ((in_time,), late)
    found = figure(conn, Axis.RESPONSE)
    assert (found.part, found.whole, found.value) == (1, 3, 333)


def test_nobody_registered_is_left_over_from_the_night_before(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays())
    make(conn, market)
    first = of(conn)
    again = make(conn, market, now=NIGHT + timedelta(hours=1))
    assert again.made_at == NIGHT + timedelta(hours=1)
    assert of(conn).portrait == first.portrait


def test_two_clerks_at_once_make_the_same_once(conn: Connection, market: Market, database_url: str) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays(LAST - 20 * DAY))
    conn.commit()

    def make_all(one: Connection) -> None:
        make_portraits(one, market, LAST, POLICY, NIGHT)

    assert meanwhile(conn, database_url, first=make_all, second=make_all) is None
    assert [one.sales for one in of(conn).days] == [2] * 21


def test_the_clerk_makes_them_once_a_night_after_the_hour(conn: Connection, market: Market) -> None:
    settle(conn, ["V"])
    trade(conn, "V", days=weekdays())
    conn.commit()
    conn.autocommit = True
    duty = MakingPortraits(POLICY)
    before_three = datetime(2026, 11, 21, 18, 50, tzinfo=UTC)
    assert duty.run_once(conn, before_three) == before_three + timedelta(minutes=10)
    first = portraits.made(conn, MARKET)
    assert first is not None
    assert first.day == LAST - DAY
    duty.run_once(conn, before_three + timedelta(minutes=9))
    duty.run_once(conn, before_three + timedelta(minutes=10))
    second = portraits.made(conn, MARKET)
    assert second is not None
    assert (second.day, second.made_at) == (LAST, before_three + timedelta(minutes=10))
    MakingPortraits(POLICY).run_once(conn, before_three + timedelta(hours=5))
    assert portraits.made(conn, MARKET) == second
