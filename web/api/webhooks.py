"""Webhooks, for programs: register, try out, look at the delivery log, deliver again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from db import letters, webhooks
from db.webhooks import Endpoint, NewEndpoint
from domain.alert import Severity
from domain.ids import MarketId
from domain.notice import TOLD_TO_SYSTEMS, LetterState, NoticeKind
from supervision.notices import endpoints
from web.api.models import Body, Model
from web.signed_in import ManagesWebhooks
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class NewWebhook(Body):
    """An endpoint to register. `market_id` null: of every market; `window_s`: the time between two messages."""

    name: Text
    url: Text
    market_id: Text | None = None
    minimum: Severity = Severity.LOW
    kinds: list[NoticeKind] = Field(default_factory=lambda: list(TOLD_TO_SYSTEMS))
    window_s: Annotated[int, Field(ge=0, le=86_400)] = 0


class Webhook(Model):
    """An endpoint. `failing_since`: since when it has taken nothing; `disabled_at` null: it is told."""

    endpoint_id: int
    name: str
    url: str
    market_id: str | None
    minimum: Severity
    kinds: list[NoticeKind]
    window_s: int
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str


class RegisteredWebhook(Webhook):
    """A new endpoint; its secret is said here and never again."""

    secret: str


class NewSecret(Model):
    """The secret that signs from now on; the one before signs beside it until then."""

    secret: str
    previous_until: datetime | None


class DeliveryAttempt(Model):
    """One attempt. `status` null: there was no answer; `error` empty: it was taken."""

    attempt: int
    at: datetime
    took_ms: int
    status: int | None
    error: str


class Delivery(Model):
    """A message and how its delivery stands; `message_id` is its `webhook-id`."""

    letter_id: int
    message_id: str
    purpose: str
    at: datetime
    items: int
    state: LetterState
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    attempts: list[DeliveryAttempt]


class Because(Body):
    """Why somebody does it."""

    because: Annotated[Text, Field(max_length=500)]


class Queued(Model):
    """The message that is on its way."""

    letter_id: int


@router.get("")
def all_webhooks(conn: Db, _viewer: ManagesWebhooks) -> list[Webhook]:
    """Every endpoint, the newest first."""
    return [_webhook(one) for one in webhooks.endpoints(conn)]


@router.post("", status_code=201)
def register(running: Running, conn: Db, now: Now, viewer: ManagesWebhooks, what: NewWebhook) -> RegisteredWebhook:
    """Register an endpoint."""
    new = NewEndpoint(
        name=what.name.strip(),
        url=what.url,
        market_id=None if what.market_id is None else MarketId(what.market_id),
        minimum=what.minimum,
        kinds=frozenset(what.kinds),
        window_s=what.window_s,
    )
    made = endpoints.register(conn, new, running.config.notices_policy.webhook, by=viewer.username, now=now)
    return RegisteredWebhook(
        **_webhook(endpoints.endpoint_for(conn, made.endpoint_id)).model_dump(), secret=made.secret
    )


@router.get("/{endpoint_id}")
def one_webhook(conn: Db, _viewer: ManagesWebhooks, endpoint_id: int) -> Webhook:
    """One endpoint."""
    return _webhook(endpoints.seen(conn, endpoint_id))


@router.get("/{endpoint_id}/deliveries")
def deliveries(
    conn: Db,
    _viewer: ManagesWebhooks,
    endpoint_id: int,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> list[Delivery]:
    """The delivery log, the newest message first."""
    endpoint = endpoints.seen(conn, endpoint_id)
    found = letters.page_of(conn, endpoints.mailbox_of(conn, endpoint.endpoint_id), before=before, limit=limit)
    attempts = letters.attempts_of(conn, [one.letter_id for one in found])
    return [
        Delivery(
            letter_id=one.letter_id,
            message_id=one.message_id,
            purpose=one.purpose,
            at=one.at,
            items=one.items,
            state=one.state,
            next_attempt_at=one.next_attempt_at,
            delivered_at=one.delivered_at,
            attempts=[DeliveryAttempt.model_validate(tried) for tried in attempts.get(one.letter_id, [])],
        )
        for one in found
    ]


@router.post("/{endpoint_id}/test", status_code=202)
def send_trial(conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int) -> Queued:
    """Have a message sent that tells of nothing."""
    return Queued(letter_id=endpoints.send_trial(conn, endpoint_id, by=viewer.username, now=now))


@router.post("/{endpoint_id}/secret")
def change_secret(running: Running, conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int) -> NewSecret:
    """Give an endpoint another secret."""
    policy = running.config.notices_policy.webhook
    secret = endpoints.change_secret(conn, endpoint_id, policy, by=viewer.username, now=now)
    return NewSecret(secret=secret, previous_until=endpoints.endpoint_for(conn, endpoint_id).previous_until)


@router.post("/{endpoint_id}/disable")
def disable(conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int, what: Because) -> Webhook:
    """Tell an endpoint nothing any more."""
    endpoints.disable(conn, endpoint_id, what.because, by=viewer.username, now=now)
    return _webhook(endpoints.endpoint_for(conn, endpoint_id))


@router.post("/{endpoint_id}/enable")
def enable(conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int) -> Webhook:
    """Tell an endpoint again."""
    endpoints.enable(conn, endpoint_id, by=viewer.username, now=now)
    return _webhook(endpoints.endpoint_for(conn, endpoint_id))


@router.post("/{endpoint_id}/deliveries/{letter_id}/redeliver", status_code=202)
def redeliver(conn: Db, now: Now, viewer: ManagesWebhooks, endpoint_id: int, letter_id: int) -> Queued:
    """Have a message delivered once more, under the same id."""
    endpoints.deliver_again(conn, endpoint_id, letter_id, by=viewer.username, now=now)
    return Queued(letter_id=letter_id)


def _webhook(one: Endpoint) -> Webhook:
    values = {name: getattr(one, name) for name in Webhook.model_fields if name != "kinds"}
    return Webhook(**values, kinds=sorted(one.kinds))
