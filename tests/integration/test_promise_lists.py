"""The list of promises: page after page every one is told once, and no further than asked is counted."""

import pytest
from psycopg import Connection

from db import promises
from domain.ids import MarketId
from domain.promise import PromiseState
from tests.factories import MARKET, put_market

ELSEWHERE = MarketId("elsewhere")
MADE = (
    """INSERT INTO alerts (market_id, kind, vendor_id, scale_id, species_code, business_day, state, occurrences,
                           first_at, last_at, opened_at, updated_at, decided_at, decided_by, is_counting, due_since)
       SELECT CASE WHEN n % 3 = 0 THEN 'elsewhere' ELSE 'sanya-1' END, 'price_over_cap', 'V-1', 'S-1', 'F01',
              date '2026-11-01', 'confirmed', 1, now(), now(), now(), now(), now(), 'm', false, now()
       FROM generate_series(1, 30) n""",
    """INSERT INTO promises (market_id, vendor_id, alert_id, family, scope, text_zh, text_en, term_days, factor,
                             charges_waived, policy_version, offered_at, offer_until, occurred_at, waived_kind,
                             waived_points, waived_rule, rules_version, state)
       SELECT market_id, vendor_id, alert_id, 'price', '{price_over_cap}', 'z', 'e', 90, 2, true, '1', now(), now(),
              now(), 'price_over_cap', -3, 'r', '1',
              CASE alert_id % 4 WHEN 0 THEN 'offered' WHEN 1 THEN 'declined' ELSE 'lapsed' END
       FROM alerts ORDER BY alert_id""",
)


@pytest.fixture
def promised(conn: Connection) -> Connection:
    put_market(conn)
    put_market(conn, market_id=ELSEWHERE)
    for statement in MADE:
        conn.execute(statement.encode())
    return conn


@pytest.mark.parametrize("market_id", [None, MARKET, ELSEWHERE])
@pytest.mark.parametrize("states", [[PromiseState.LAPSED], [PromiseState.DECLINED, PromiseState.LAPSED]])
def test_page_after_page_every_promise_is_told_once(
    promised: Connection, market_id: MarketId | None, states: list[PromiseState]
) -> None:
    whole = promises.listed(promised, market_id, states, limit=100)
    told: list[int] = []
    while page := promises.listed(promised, market_id, states, limit=4, before=told[-1] if told else None):
        assert {one.promise.market_id for one in page} <= ({market_id} if market_id else {MARKET, ELSEWHERE})
        assert {one.promise.state for one in page} <= set(states)
        told += [one.promise.promise_id for one in page]
    assert told == [one.promise.promise_id for one in whole] == sorted(told, reverse=True)
    counts = promises.counts_up_to(promised, market_id, 100)
    assert len(told) == sum(counts[one] for one in states) > 4


def test_no_further_than_asked_is_counted(promised: Connection) -> None:
    counts = promises.counts_up_to(promised, None, 9)
    assert (counts[PromiseState.LAPSED], counts[PromiseState.OFFERED], counts[PromiseState.KEPT]) == (9, 7, 0)
