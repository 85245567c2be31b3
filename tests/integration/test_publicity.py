"""The publicity list: a penalty goes on it once it is final, and comes off when it is repaired, over or revoked."""

from datetime import date, datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from db import publicity
from db.publicity import entries_changed_since
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.publicity import PenaltyKind, PublicityEntry, TakenOffWhy
from steelyard.resources import policy_directory
from supervision.alerts.handling import handle
from supervision.alerts.needs import Asked
from supervision.publicity.policy import read_publicity_policy
from supervision.publicity.publishing import publish_final, take_off_expired
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import penalise
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_alert_life import PENALTY, raised

SHIPPED = read_publicity_policy(policy_directory() / "publicity.toml")
LATER = NOW + timedelta(days=30)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def penalised(conn: Connection, *kinds: AlertKind) -> list[int]:
    """Alerts of one case, and the document that decided it."""
    found = [raised(conn, kind) for kind in kinds or (AlertKind.PRICE_OVER_CAP,)]
    for alert_id in found:
        act(conn, alert_id, AlertAction.CONFIRM)
        act(conn, alert_id, AlertAction.ESCALATE, note="again above the cap")
    penalise(conn, found[0], PENALTY)
    return found


def publish(conn: Connection, now: datetime = LATER) -> int:
    done = publish_final(conn, now, policy=SHIPPED, supervision=POLICIES.supervision)
    conn.commit()
    return done


def entries(conn: Connection) -> list[PublicityEntry]:
    return entries_changed_since(conn, 0, 100)


def test_a_penalty_is_listed_only_once_its_days_of_appeal_are_over(market: Connection) -> None:
    (alert_id,) = penalised(market)
    assert publish(market, NOW) == 0
    assert publish(market) == 1
    assert publish(market) == 0
    (entry,) = entries(market)
    assert (entry.alert_id, entry.document_no, entry.amount_fen) == (alert_id, PENALTY.document_no, None)
    assert entry.published_from < entry.repairable_from < entry.published_to


def test_what_may_be_a_warning_is_not_told_in_public(market: Connection) -> None:
    """Recorded beside an alert without saying which kind of penalty it is, as it was before there were cases."""
    alert_id = raised(market, AlertKind.PRICE_OVER_CAP)
    act(market, alert_id, AlertAction.CONFIRM)
    asked = Asked(action=AlertAction.ESCALATE, note="again above the cap")
    handle(market, alert_id, asked, by=MANAGER, policy=POLICIES.supervision, now=NOW)
    act(market, alert_id, AlertAction.RECORD_PENALTY, by=REGULATOR, penalty=PENALTY)
    assert publish_final(market, LATER, policy=SHIPPED, supervision=POLICIES.supervision) == 0
    assert entries(market) == []
    assert publicity.waiting(market, not_published=SHIPPED.not_published, after=0, limit=10) == []
    assert len(publicity.waiting(market, not_published=[PenaltyKind.WARNING], after=0, limit=10)) == 1
    said_of = PENALTY.authority, PENALTY.document_no, PENALTY.decided_on, NOW
    market.execute(
        """WITH c AS (INSERT INTO cases (market_id, vendor_id, opened_at, opened_by, updated_at)
                      SELECT market_id, vendor_id, now(), 'x', now() FROM alerts RETURNING *)
           INSERT INTO case_decisions (case_id, market_id, vendor_id, outcome, authority, document_no, decided_on,
                                       decision, basis_code, basis, basis_reason, kind, field, is_simple, recorded_at,
                                       recorded_by)
           SELECT c.case_id, c.market_id, c.vendor_id, 'penalised', %s, %s, %s, 'd', 'b', 'b', '', 'fine', 'general',
                  false, %s, 'x'
           FROM c""",
        said_of,
    )
    assert publish(market) == 1, "a case said later what kind it is"


def test_what_is_on_the_list_or_does_not_stand_is_not_looked_at_again(market: Connection) -> None:
    penalised(market)
    publish(market, NOW)
    assert market.execute("SELECT kind FROM penalties_awaited").fetchall() == [("fine",)]
    publish(market)
    assert market.execute("SELECT count(*) FROM penalties_awaited").fetchone() == (0,)


def test_an_appeal_keeps_it_off_until_it_is_upheld(market: Connection) -> None:
    (alert_id,) = penalised(market)
    act(market, alert_id, AlertAction.APPEAL, note="the list was another")
    assert publish(market) == 0
    act(market, alert_id, AlertAction.UPHOLD, by=someone("another"), note="it was that list", now=LATER)
    assert publish(market) == 1


def test_overturned_it_comes_off_at_once_and_does_not_come_back(market: Connection) -> None:
    (alert_id,) = penalised(market)
    publish(market)
    act(market, alert_id, AlertAction.OVERTURN, by=REGULATOR, note="a court said so", now=LATER)
    (entry,) = entries(market)
    assert entry.taken_off_why is TakenOffWhy.REVOKED
    assert publish(market) == 0


def test_a_document_over_two_alerts_is_one_entry_and_stays_while_one_stands(market: Connection) -> None:
    first, second = penalised(market, AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    assert publish(market) == 1
    act(market, first, AlertAction.OVERTURN, by=REGULATOR, note="a court said so", now=LATER)
    assert entries(market)[0].taken_off_at is None
    act(market, second, AlertAction.OVERTURN, by=REGULATOR, note="a court said so", now=LATER)
    assert entries(market)[0].taken_off_why is TakenOffWhy.REVOKED


def test_a_document_over_two_alerts_waits_for_the_appeal_of_either(market: Connection) -> None:
    first, second = penalised(market, AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    act(market, second, AlertAction.APPEAL, note="the list was another")
    assert publish(market) == 0
    act(market, second, AlertAction.OVERTURN, by=someone("another"), note="it was another", now=LATER)
    assert publish(market) == 1
    assert entries(market)[0].alert_id == first


def test_it_is_public_on_its_last_day_and_off_the_day_after(market: Connection) -> None:
    penalised(market)
    publish(market)
    last = entries(market)[0].published_to
    noon = datetime(last.year, last.month, last.day, 4, tzinfo=NOW.tzinfo)
    assert take_off_expired(market, noon) == 0
    assert take_off_expired(market, noon + timedelta(days=1)) == 1
    market.commit()
    assert entries(market)[0].taken_off_why is TakenOffWhy.EXPIRED


def test_whoever_reads_on_from_a_revision_sees_each_change_once(market: Connection) -> None:
    penalised(market)
    publish(market)
    seen = entries(market)[0].revision
    assert entries_changed_since(market, seen, 10) == []
    publicity.take_off(market, entries(market)[0].entry_id, TakenOffWhy.REPAIRED, LATER)
    market.commit()
    (changed,) = entries_changed_since(market, seen, 10)
    assert changed.revision > seen


def test_an_entry_is_neither_changed_nor_put_back_nor_deleted(market: Connection) -> None:
    penalised(market)
    publish(market)
    for statement in (
        "UPDATE publicity_entries SET decision = 'another'",
        "UPDATE publicity_entries SET published_to = published_to + 1",
        "DELETE FROM publicity_entries",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), market.transaction():
            market.execute(statement.encode())
    assert entries(market)[0].market_id == MARKET
    assert entries(market)[0].decided_on == date(2026, 11, 22)
