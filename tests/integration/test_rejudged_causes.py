"""What else than a list has sales judged again: who held the scale, exemptions, names, purchases."""

from datetime import timedelta

import pytest
from psycopg import Connection

from tests.factories import MARKET, NOW, delivery, message, over, place, publish_caps, put_market, weighing
from tests.rejudged import rejudge
from tests.rejudging_acts import HOUR, states, take, verdicts

DAY = timedelta(days=1)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn, with_caps=False)
    conn.commit()
    return conn


def test_a_name_is_looked_for_through_years_a_week_at_a_time(market: Connection) -> None:
    publish_caps(market, effective_from=NOW - 100 * DAY)
    sold = {"species": "Z99", "name": "红豆斑"}
    for seq, days in enumerate((90, 50, 49, 3), start=1):
        take(market, delivery(message(over(seq, weighed_at=(NOW - days * DAY).isoformat(), **sold))))
    market.execute("INSERT INTO species_names VALUES ('红豆斑', 'F01')")
    assert rejudge(market) == (4, 4, 0)
    assert market.execute("SELECT expected, looked_at FROM rejudgements ORDER BY 1 LIMIT 1").fetchone() == (0, 4)


def test_a_scale_that_was_somebody_elses_moves_its_alerts(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), over(2))), delivery(message(over(1)), scale="S-2"))
    place(market, 1, vendor="V-9", since=NOW + timedelta(seconds=2))
    assert rejudge(market) == (1, 1, 1)
    assert [row[:4] for row in states(market)] == [
        ("price_over_cap", "V-1", "open", 1),
        ("price_over_cap", "V-2", "open", 1),
        ("price_over_cap", "V-9", "open", 1),
    ]


def test_a_binding_that_is_registered_late_closes_the_alert_about_the_scale(market: Connection) -> None:
    publish_caps(market)
    market.execute("DELETE FROM scale_bindings WHERE scale_id = 'S-1'")
    take(market, delivery(message(over(1))))
    assert {row[1] for row in states(market)} == {"scale:S-1"}
    place(market, 1)
    rejudge(market)
    assert states(market) == [
        ("price_over_cap", "scale:S-1", "withdrawn", 1),
        ("unbound_scale", "scale:S-1", "withdrawn", 1),
        ("price_over_cap", "V-1", "open", 1),
    ]


def test_an_exemption_holds_exactly_within_its_dates(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), over(2), over(3))), delivery(message(over(2)), scale="S-2"))
    market.execute(
        "INSERT INTO vendor_exemptions (market_id, vendor_id, valid, granted, reason, granted_by, granted_at)"
        " SELECT %s, 'V-1', of_them, of_them, 'five stars', 'r', %s FROM tstzrange(%s, %s) AS of_them",
        (MARKET, NOW, NOW + timedelta(seconds=2), NOW + timedelta(seconds=3)),
    )
    assert rejudge(market) == (1, 0, 1)
    assert verdicts(market) == ["over", "uncapped", "over", "over"]
    market.execute("DELETE FROM vendor_exemptions")
    assert rejudge(market) == (1, 0, 0)
    assert verdicts(market) == ["over"] * 4
    assert [row[3] for row in states(market)] == [3, 1]


def test_a_name_that_is_learned_later_finds_what_was_sold_by_it(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1, species="Z99", name="红豆斑"), over(2, species="", name="不知名"))))
    assert verdicts(market) == ["unlisted"] * 2
    market.execute("INSERT INTO species_names VALUES ('红豆斑', 'F01')")
    assert rejudge(market) == (1, 1, 0)
    assert verdicts(market) == ["over", "unlisted"]
    market.execute("DELETE FROM species_names WHERE name = '红豆斑'")
    rejudge(market)
    assert market.execute("SELECT species_code, verdict FROM weighings ORDER BY seq").fetchall() == [
        ("Z99", "unlisted"),
        ("", "unlisted"),
    ]


def test_a_vendors_own_purchase_judges_what_is_out_of_stock(market: Connection) -> None:
    publish_caps(market)
    market.execute("UPDATE cap_items SET cap_kind = 'markup', markup_permille = 1900 WHERE status = 'out_of_stock'")
    sale = {"species": "F02", "name": "老虎斑"}
    take(
        market, delivery(message(weighing(1, unit_price_fen=10441, **sale), weighing(2, unit_price_fen=10440, **sale)))
    )
    assert verdicts(market) == ["out_of_stock"] * 2
    market.execute(
        "INSERT INTO purchase_records (market_id, vendor_id, species_code, purchased_on, price_fen, published_as,"
        " slip_no, state, entered_by, entered_at, decided_by, decided_at)"
        " VALUES (%s, 'V-1', 'F02', %s, 7200, '36', '1', 'accepted', 'm', %s, 'r', %s)",
        (MARKET, NOW.date(), NOW, NOW),
    )
    rejudge(market)
    assert verdicts(market) == ["over", "within"]
    assert market.execute("SELECT DISTINCT cap_fen FROM weighings").fetchall() == [(20880,)]


def test_what_is_judged_by_its_arrival_is_judged_again_by_it(market: Connection) -> None:
    late = NOW + 5 * HOUR
    take(market, delivery(message(over(1, clock_synced=False)), at=late))
    publish_caps(market, 23000, NOW + 4 * HOUR)
    assert rejudge(market) == (1, 1, 0)
    assert verdicts(market) == ["over"]
