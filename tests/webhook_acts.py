"""Endpoints, their courier and what it sent, as the tests of webhooks say it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from db import letters
from db.letters import Letter
from db.webhooks import NewEndpoint
from domain.alert import Severity
from domain.notice import TOLD_TO_SYSTEMS
from supervision.notices import endpoints
from supervision.notices.couriers import Courier
from supervision.notices.policy import Retry, WebhookPolicy
from supervision.notices.webhook_carrier import WebhookCarrier
from tests.notice_rig import POLICY, work

ALL_KINDS = frozenset(TOLD_TO_SYSTEMS)


OPEN_POLICY = msgspec.structs.replace(
    POLICY.webhook, allow_private=True, timeout_s=2, retry=Retry(attempts=3, first_retry_s=10, longest_retry_s=100)
)


DAY = timedelta(days=1)


class Clock:
    """The real time, moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def courier(policy: WebhookPolicy = OPEN_POLICY, clock: Clock | None = None) -> Courier:
    return Courier(WebhookCarrier(policy), clock=clock or Clock(), chance=lambda: 0.5)


def register(conn: Connection, url: str, **changed: Any) -> endpoints.Registered:
    values: dict[str, Any] = {
        "name": "the city's platform",
        "url": url,
        "market_id": None,
        "minimum": Severity.LOW,
        "kinds": ALL_KINDS,
        "window_s": 0,
    }
    return endpoints.register(
        conn, NewEndpoint(**{**values, **changed}), OPEN_POLICY, by="admin", now=datetime.now(UTC)
    )


def sent_to(conn: Connection, endpoint_id: int) -> list[Letter]:
    return letters.page_of(conn, endpoints.mailbox_of(conn, endpoint_id), before=None, limit=100)


def deliver(conn: Connection, clock: Clock, **policy: Any) -> datetime | None:
    work(conn, clock())
    return courier(msgspec.structs.replace(OPEN_POLICY, **policy), clock).run_once(conn, clock())
