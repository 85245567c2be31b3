"""What was judged is judged again where what judged it changed: alerts appear and are taken back, with the reason."""

from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from db import alerts, caps, rejudging
from domain.alert import AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction
from pricing import publishing
from tests.alert_acts import REGULATOR, act
from tests.factories import MARKET, NOW, delivery, message, over, publish_caps, put_market, weighing
from tests.rejudged import awaiting, judgements, rejudge
from tests.rejudging_acts import HOUR, states, take, verdicts


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn, with_caps=False)
    conn.commit()
    return conn


def decide(conn: Connection, action: AlertAction, reason: DismissReason | None = None) -> None:
    row = conn.execute("SELECT alert_id FROM alerts WHERE state = 'open'").fetchone()
    assert row is not None
    act(conn, row[0], action, by=REGULATOR, reason=reason)


def score(conn: Connection) -> int:
    row = conn.execute("SELECT coalesce(sum(points), 0) FROM credit_events").fetchone()
    return int(row[0]) if row else 0


def test_a_list_that_comes_after_the_weighings_judges_them(market: Connection) -> None:
    take(market, delivery(message(weighing(1), over(2), weighing(3, species="X01", name="基围虾"))))
    assert verdicts(market) == ["no_list"] * 3
    publish_caps(market)
    assert rejudge(market) == (3, 1, 0)
    assert verdicts(market) == ["within", "over", "uncapped"]
    assert states(market) == [("price_over_cap", "V-1", "open", 1)]


def test_a_correction_takes_an_alert_back_with_the_reason(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), over(2))))
    corrected = publish_caps(market, 23200)
    assert rejudge(market) == (2, 0, 2)
    assert verdicts(market) == ["within", "within"]
    assert states(market) == [("price_over_cap", "V-1", "withdrawn", 2)]
    steps = market.execute("SELECT actor, action, reason, note FROM alert_steps").fetchall()
    assert steps == [("system", "withdraw", "list_changed", str(corrected))]
    assert awaiting(market) == []


def test_an_alert_that_keeps_some_of_its_occurrences_counts_those(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), over(2, unit_price_fen=12000), over(3))))
    publish_caps(market, 23200)
    assert rejudge(market) == (3, 0, 2)
    row = market.execute(
        "SELECT occurrences, worst_excess_fen, worst_excess_permille, worst_cap_fen, overcharge_fen, first_at = last_at"
        " FROM alerts"
    ).fetchone()
    assert row == (1, 800, 35, 23200, 800, True)


def test_a_lower_cap_makes_figures_worse_in_the_alert_that_is_open(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), weighing(2))))
    publish_caps(market, 22000)
    assert rejudge(market) == (2, 1, 0)
    row = market.execute("SELECT occurrences, worst_excess_fen, worst_cap_fen, overcharge_fen FROM alerts").fetchone()
    assert row == (2, 1200, 22000, 2200)


def test_a_confirmed_alert_of_which_nothing_stands_is_overturned_and_gives_back(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1))))
    decide(market, AlertAction.CONFIRM)
    assert score(market) < 0
    publish_caps(market, 23200)
    rejudge(market)
    assert states(market) == [("price_over_cap", "V-1", "overturned", 1)]
    assert score(market) == 0
    step = market.execute("SELECT actor, note FROM alert_steps WHERE action = 'overturn'").fetchone()
    assert step is not None
    assert step[0] == "system"
    assert "the list changed" in step[1]
    assert "调控价清单变更" in step[1]


def test_a_list_that_was_withdrawn_by_mistake_is_published_again_and_so_is_the_alert(market: Connection) -> None:
    first = publish_caps(market)
    take(market, delivery(message(over(1))))
    decide(market, AlertAction.CONFIRM)
    publishing.withdraw(market, first, by="r", at=NOW, because="a mistake")
    rejudge(market)
    publish_caps(market)
    rejudge(market)
    assert states(market) == [
        ("price_over_cap", "V-1", "overturned", 1),
        ("price_over_cap", "V-1", "open", 1),
    ]
    assert score(market) == 0, "the new one is for somebody to decide on"


def test_what_is_asked_while_a_first_slice_is_judged_is_not_taken_for_covered_by_it(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), over(2))))
    grant = (
        "INSERT INTO vendor_exemptions (market_id, vendor_id, valid, granted, reason, granted_by, granted_at)"
        " VALUES (%s, 'V-1', tstzrange(%s, NULL), tstzrange(%s, NULL), 'five stars', 'r', %s)"
    )
    market.execute(grant, (MARKET, NOW, NOW, NOW))
    market.commit()
    with psycopg.connect(market.info.dsn) as other:
        other.execute("SET lock_timeout = '200ms'")
        with market.transaction():
            asked = rejudging.next_request(market)
            assert asked is not None
            rejudging.begin(market, asked, [MARKET], NOW)
            caps.share_what_judges(market)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("DELETE FROM vendor_exemptions")
            other.rollback()
        other.execute("DELETE FROM vendor_exemptions")
        other.commit()
    assert rejudging.count_waiting(market) == 2
    rejudge(market)
    assert verdicts(market) == ["over", "over"]


def test_what_a_person_dismissed_is_not_raised_again(market: Connection) -> None:
    first = publish_caps(market)
    take(market, delivery(message(over(1))))
    decide(market, AlertAction.DISMISS, DismissReason.LIST_ERROR)
    publishing.withdraw(market, first, by="r", at=NOW, because="a mistake")
    rejudge(market)
    assert verdicts(market) == ["no_list"]
    publish_caps(market)
    rejudge(market)
    assert verdicts(market) == ["over"]
    assert states(market) == [("price_over_cap", "V-1", "dismissed", 1)]


def test_a_withdrawn_list_gives_back_to_the_one_before(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(weighing(1, weighed_at=(NOW + 2 * HOUR).isoformat())), at=NOW + 3 * HOUR))
    later = publish_caps(market, 22000, NOW + HOUR)
    rejudge(market)
    assert verdicts(market) == ["over"]
    publishing.withdraw(market, later, by="r", at=NOW, because="a mistake")
    rejudge(market)
    assert verdicts(market) == ["within"]
    assert states(market) == [("price_over_cap", "V-1", "withdrawn", 1)]


def test_judging_again_twice_is_judging_again_once(market: Connection) -> None:
    publish_caps(market)
    take(market, delivery(message(over(1), weighing(2), over(3))))
    publish_caps(market, 22000)
    rejudge(market)
    before = judgements(market), awaiting(market)
    rejudging.request(market, market_id=None, since=None, until=None, by="me", now=NOW)
    assert rejudge(market, size=1) == (0, 0, 0)
    assert (judgements(market), awaiting(market)) == before


def test_only_what_is_touched_is_looked_at(market: Connection) -> None:
    publish_caps(market, 23000, NOW - HOUR)
    take(market, delivery(message(*(over(seq) for seq in range(1, 7)))))
    rejudge(market)
    publish_caps(market, 23000, NOW + timedelta(seconds=5))
    rejudge(market)
    looked_at = market.execute("SELECT expected, looked_at FROM rejudgements ORDER BY rejudgement_id DESC").fetchall()
    assert looked_at[0] == (2, 2)


_PRICES = st.sampled_from([11400, 11500, 11600, 12300, 24000])


_SALES = st.lists(st.tuples(st.integers(0, 8), _PRICES, st.sampled_from(["S-1", "S-2"])), min_size=1, max_size=8)


_LISTS = st.lists(
    st.tuples(st.sampled_from(["publish", "withdraw"]), st.integers(0, 3), st.sampled_from([22800, 23000, 23200])),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sales=_SALES, lists=_LISTS, cuts=st.data())
def test_the_order_of_publication_and_weighing_does_not_matter(
    conn: Connection, sales: list[tuple[int, int, str]], lists: list[tuple[str, int, int]], cuts: st.DataObject
) -> None:
    places = [cuts.draw(st.integers(0, len(lists))) for _ in sales]
    found = []
    for before in (places, [len(lists)] * len(sales)):
        with conn.transaction(force_rollback=True):
            put_market(conn, with_caps=False)
            for turn in range(len(lists) + 1):
                for seq, (hour, price, scale) in enumerate(sales, start=1):
                    if before[seq - 1] == turn:
                        fields = {"weighed_at": (NOW + hour * HOUR / 2).isoformat(), "unit_price_fen": price}
                        take(conn, delivery(message(weighing(seq, **fields)), scale=scale, at=NOW + 5 * HOUR))
                if turn < len(lists):
                    _change(conn, *lists[turn])
                    if cuts.draw(st.booleans()):
                        rejudge(conn, size=2)
            rejudge(conn)
            found.append((judgements(conn), awaiting(conn)))
    assert found[0] == found[1]


def _change(conn: Connection, step: str, hour: int, cap_fen: int) -> None:
    if step == "publish":
        publish_caps(conn, cap_fen, NOW + hour * HOUR)
        return
    row = conn.execute(
        "SELECT cap_list_id FROM cap_lists WHERE status = 'published' AND lower(declared) = %s", (NOW + hour * HOUR,)
    ).fetchone()
    if row is not None:
        publishing.withdraw(conn, row[0], by="r", at=NOW, because="a mistake")


def test_a_finding_about_the_cap_is_taken_back_and_raised_with_it(market: Connection) -> None:
    publish_caps(market, 23000, NOW - HOUR)
    take(market, delivery(message(weighing(1, unit_price_fen=2250), weighing(2))))
    assert kinds(market) == {AlertKind.PRICE_SCALED: 23000}
    publish_caps(market, 22000, NOW - HOUR)
    rejudge(market)
    assert AlertKind.PRICE_SCALED not in kinds(market)
    publish_caps(market, 24000, NOW - HOUR)
    rejudge(market)
    assert kinds(market) == {AlertKind.PRICE_SCALED: 24000}


def test_what_rests_on_facts_of_the_scale_stays_when_a_list_is_corrected(market: Connection) -> None:
    publish_caps(market, 23000, NOW - HOUR)
    take(market, delivery(message(weighing(1, zero_offset_g=700))))
    publish_caps(market, 24000, NOW - HOUR)
    rejudge(market)
    assert kinds(market) == {AlertKind.ZERO_ABNORMAL: None}


def kinds(conn: Connection) -> dict[AlertKind, int | None]:
    """The open findings, with the cap that each is about."""
    found = alerts.visible(conn, MARKET, {AlertState.OPEN})
    return {one.kind: one.worst_cap_fen for one in found if one.kind is not AlertKind.PRICE_OVER_CAP}
