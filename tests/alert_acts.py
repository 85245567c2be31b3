"""Acting on alerts as the service does: for tests."""

from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from credit.ledger import Policies, handle_alert
from credit.promises.policy import read_promises_policy
from credit.rules.reading import read_credit_rules
from domain.alert_step import AlertAction
from domain.ids import MarketId
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory
from supervision.alerts.handling import Actor, Handled
from supervision.alerts.needs import Asked
from supervision.alerts.states import Authority
from supervision.policy import read_supervision_policy
from tests.factories import MARKET, NOW

POLICIES: Final = Policies(
    supervision=read_supervision_policy(policy_directory() / "supervision.toml"),
    credit=read_credit_rules(policy_directory() / "credit.toml"),
    rules=read_rules_policy(policy_directory() / "rules.toml"),
    promises=read_promises_policy(policy_directory() / "promises.toml"),
)
MANAGER: Final = Actor(username="manager", authority=Authority.MARKET, market_id=MARKET, origin="127.0.0.1")
REGULATOR: Final = Actor(username="regulator", authority=Authority.REGULATOR, origin="127.0.0.2")


def someone(username: str, authority: Authority = Authority.REGULATOR, market_id: MarketId | None = None) -> Actor:
    """Return another person."""
    return Actor(username=username, authority=authority, market_id=market_id, origin="127.0.0.3")


def act(
    conn: Connection,
    alert_id: int,
    action: AlertAction,
    *,
    by: Actor = MANAGER,
    now: datetime = NOW,
    offers_promise: bool = False,
    **asked: Any,
) -> Handled:
    """Take one step, with the ledger that follows, and commit it."""
    step = Asked(action=action, **asked)
    handled = handle_alert(conn, alert_id, step, by=by, now=now, policies=POLICIES, offers_promise=offers_promise)
    conn.commit()
    return handled
