"""Everybody takes locks in one order (db/alerts.py): whoever crosses somebody else waits, and nobody is ended."""

from typing import Any

import pytest
from psycopg import Connection

from credit.ledger import handle_alert
from credit.promises.handling import Answer, Who, answer
from db import alerts, credit, promises
from db.alerts import AlertOccurrence, NewAlert
from domain.alert import AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction, WithdrawReason
from domain.errors import IllegalTransition
from domain.ids import JournalId, ScaleId, SpeciesCode, StallId, VendorId
from domain.promise import PromiseAction
from domain.units import Fen
from domain.weighing import WeighingKey
from ingest.batch import take_batch
from pricing.price_book import BookKeeper
from supervision.alerts.handling import withdraw_by_itself
from supervision.alerts.needs import Asked
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act
from tests.at_once import crossing, meanwhile
from tests.factories import MARKET, NOW, delivery, message, over, put_market
from tests.integration.test_alert_life import TODAY, at, points, raised, sold_over
from tests.integration.test_device_events import arrived, event

#: In the order in which everybody takes them: by kind, of one vendor and day.
FIRST, BETWEEN, LAST = AlertKind.AMOUNT_MISMATCH, AlertKind.SEQUENCE_GAP, AlertKind.TARE_ABUSE

KEY = WeighingKey(MARKET, ScaleId("S-1"), JournalId("j"), 1, NOW)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def new(kind: AlertKind) -> NewAlert:
    """What a batch adds to the alert of a kind."""
    return NewAlert(
        market_id=MARKET,
        kind=kind,
        vendor_id=VendorId("V-1"),
        stall_id=StallId("A-1"),
        scale_id=ScaleId("S-1"),
        species_code=SpeciesCode("F01"),
        business_day=TODAY,
        first_at=NOW,
        last_at=NOW,
        worst_excess_fen=0,
        worst_excess_permille=0,
        worst_cap_fen=None,
        worst_cap_unit=None,
        overcharge_fen=Fen(0),
        note="",
        occurrences=(AlertOccurrence(key=KEY, excess_fen=0, overcharge_fen=0),),
    )


def hold(alert_id: int) -> Any:
    return lambda conn: alerts.by_id_locked(conn, alert_id)


def a_batch(conn: Connection) -> None:
    """What ingest does with its leads: in the order of `pricing.leads.gather`."""
    alerts.raise_alerts(conn, [new(kind) for kind in (FIRST, BETWEEN, LAST)], NOW)
    conn.commit()


@pytest.mark.parametrize("action", [AlertAction.CONFIRM, AlertAction.DISMISS, AlertAction.MERGE])
def test_who_decides_on_alerts_handled_together_and_a_batch_that_adds_to_them(
    market: Connection, database_url: str, action: AlertAction
) -> None:
    child, between, parent = (raised(market, kind) for kind in (FIRST, BETWEEN, LAST))
    act(market, child, AlertAction.MERGE, into=parent)
    asked: dict[str, Any] = {"reason": DismissReason.FALSE_POSITIVE} if action is AlertAction.DISMISS else {}
    if action is AlertAction.MERGE:
        asked = {"into": raised(market, AlertKind.CHAIN_BREAK)}

    def decide(conn: Connection) -> None:
        act(conn, parent, action, **asked)

    assert crossing(database_url, hold(between), a_batch, decide) == []
    assert at(market, parent).state in (AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.MERGED)
    # What came while somebody waited for it was decided with it; nothing was lost.
    assert at(market, child).occurrences == 3


def test_who_merges_and_a_batch(market: Connection, database_url: str) -> None:
    # The older alert is the later one in the order.
    last, between, first = (raised(market, kind) for kind in (LAST, BETWEEN, FIRST))

    def merge(conn: Connection) -> None:
        act(conn, last, AlertAction.MERGE, into=first)

    assert crossing(database_url, hold(between), a_batch, merge) == []
    assert at(market, last).merged_into == first


def test_what_is_withdrawn_with_those_merged_into_it_and_a_batch(market: Connection, database_url: str) -> None:
    last, between, first = (raised(market, kind) for kind in (LAST, BETWEEN, FIRST))
    act(market, first, AlertAction.MERGE, into=last)

    def withdraw(conn: Connection) -> None:
        assert withdraw_by_itself(conn, last, WithdrawReason.GAP_FILLED, NOW)
        conn.commit()

    assert crossing(database_url, hold(between), a_batch, withdraw) == []
    assert (at(market, last).state, at(market, first).state) == (AlertState.WITHDRAWN, AlertState.ACKNOWLEDGED)


def test_a_batch_takes_what_events_and_what_weighings_raise_in_one_order(market: Connection, database_url: str) -> None:
    take_batch(market, [arrived(event(1, "case_open"))], books=BookKeeper(), policy=POLICIES.rules, now=NOW)
    row = market.execute("SELECT alert_id FROM alerts WHERE kind = 'case_open'").fetchone()
    assert row is not None
    market.commit()
    opened, between, over_cap = row[0], raised(market, AlertKind.DEVICE_CHANGED), sold_over(market, 1)
    for one in (opened, between):
        act(market, one, AlertAction.MERGE, into=over_cap)

    def a_batch_of_both(conn: Connection) -> None:
        both = [delivery(message(over(2))), arrived(event(2, "case_open"))]
        take_batch(conn, both, books=BookKeeper(), policy=POLICIES.rules, now=NOW)
        conn.commit()

    def confirm(conn: Connection) -> None:
        act(conn, over_cap, AlertAction.CONFIRM)

    assert crossing(database_url, hold(between), confirm, a_batch_of_both) == []
    assert at(market, over_cap).state is AlertState.CONFIRMED
    # It came after the decision: these are other alerts.
    assert (at(market, opened).occurrences, at(market, over_cap).occurrences) == (1, 1)


def test_an_answer_to_a_promise_and_an_overturn_of_its_alert(market: Connection, database_url: str) -> None:
    alert_id = sold_over(market, 1, unit_price_fen=11600)
    act(market, alert_id, AlertAction.CONFIRM, offers_promise=True)
    promise = promises.of_alert(market, alert_id)
    assert promise is not None
    market.commit()

    def decline(conn: Connection) -> None:
        said = Answer(action=PromiseAction.DECLINE, note="no")
        answer(conn, promise.promise_id, said, by=Who(username="manager", market_id=MARKET), now=NOW)
        conn.commit()

    def overturn(conn: Connection) -> None:
        act(conn, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="the list was wrong")

    def hold_vendor(conn: Connection) -> None:
        credit.lock_vendor(conn, MARKET, VendorId("V-1"))

    assert crossing(database_url, hold_vendor, decline, overturn) == []
    assert at(market, alert_id).state is AlertState.OVERTURNED
    assert sum(points(market)) == 0


@pytest.mark.parametrize(("child", "parent"), [(FIRST, LAST), (LAST, FIRST)])
def test_who_decides_while_another_alert_is_merged_into_it_looks_again(
    market: Connection, database_url: str, child: AlertKind, parent: AlertKind
) -> None:
    merged, into = raised(market, child), raised(market, parent)

    def merge(conn: Connection) -> None:
        asked = Asked(action=AlertAction.MERGE, into=into)
        handle_alert(conn, merged, asked, by=MANAGER, now=NOW, policies=POLICIES)

    def confirm(conn: Connection) -> None:
        act(conn, into, AlertAction.CONFIRM)

    refused = meanwhile(market, database_url, first=merge, second=confirm)
    assert isinstance(refused, IllegalTransition)
    assert (at(market, merged).merged_into, at(market, into).state) == (into, AlertState.OPEN)
    confirm(market)
    assert at(market, into).state is AlertState.CONFIRMED


def test_what_withdraws_by_itself_begins_anew_when_another_alert_is_merged_into_it(
    market: Connection, database_url: str
) -> None:
    merged, into = raised(market, FIRST), raised(market, LAST)

    def merge(conn: Connection) -> None:
        asked = Asked(action=AlertAction.MERGE, into=into)
        handle_alert(conn, merged, asked, by=MANAGER, now=NOW, policies=POLICIES)

    def withdraw(conn: Connection) -> None:
        assert withdraw_by_itself(conn, into, WithdrawReason.GAP_FILLED, NOW)

    assert meanwhile(market, database_url, first=merge, second=withdraw) is None
    assert (at(market, into).state, at(market, merged).state) == (AlertState.WITHDRAWN, AlertState.ACKNOWLEDGED)
