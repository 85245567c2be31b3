"""Two who act at once on a case, its alerts and the list: the second sees what the first did."""

import pytest
from psycopg import Connection

from credit.ledger import handle_alert
from db.publicity import entries_changed_since
from domain.alert import AlertState
from domain.alert_step import AlertAction
from supervision.alerts.needs import Asked
from tests.alert_acts import POLICIES, REGULATOR
from tests.at_once import meanwhile
from tests.factories import put_market
from tests.integration.test_cases import decided, state_of, told
from tests.integration.test_publicity import LATER, publish


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_what_is_overturned_while_the_list_is_made_is_not_on_it(market: Connection, database_url: str) -> None:
    case_id, alert_id = told(market)
    decided(market, case_id)
    asked = Asked(action=AlertAction.OVERTURN, note="a court said so")

    def overturn(conn: Connection) -> None:
        handle_alert(conn, alert_id, asked, by=REGULATOR, now=LATER, policies=POLICIES)

    assert meanwhile(market, database_url, first=overturn, second=publish) is None
    assert state_of(market, alert_id) is AlertState.OVERTURNED
    assert entries_changed_since(market, 0, 10) == []
