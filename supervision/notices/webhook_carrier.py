"""Letters to other systems: signed, sent, and an endpoint that takes nothing for days is switched off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from psycopg import Connection

from db import letters, webhooks
from db.letters import Claimed
from domain.notice import NewHappening, NoticeChannel, NoticeKind, WebhookAction
from supervision.alerts.handling import SYSTEM
from supervision.notices.addresses import parse_target
from supervision.notices.couriers import Send
from supervision.notices.failing import why_switched_off
from supervision.notices.http_post import HttpPost
from supervision.notices.policy import PRIVATE_SETTING, Retry, WebhookPolicy
from supervision.notices.retrying import Next, Outcome
from supervision.notices.signing import headers_of, keys_of
from supervision.notices.telling import tell

_AGENT: Final = "steelyard-webhook/1"


@dataclass(frozen=True, slots=True)
class WebhookCarrier:
    """See Carrier."""

    policy: WebhookPolicy
    channel: NoticeChannel = NoticeChannel.WEBHOOK

    @property
    def retry(self) -> Retry:
        """How often and how fast it is tried again."""
        return self.policy.retry

    @property
    def lease(self) -> timedelta:
        """How long a courier has a letter for itself."""
        return self.policy.lease

    def prepare(self, conn: Connection, letter: Claimed, now: datetime) -> Send | Outcome:
        """Return how to send a letter, signed for now; or that there is nobody to send it to."""
        known = None if letter.endpoint_id is None else webhooks.secrets_of(conn, letter.endpoint_id)
        if known is None or letter.body is None:
            return Outcome(status=None, error="the letter has no endpoint or no body", is_final=True)
        if known.is_disabled:
            return Outcome(status=None, error="the endpoint is switched off", is_final=True)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            **headers_of(letter.message_id, now, letter.body, keys_of(known, now)),
        }
        post = HttpPost(self.policy.timeout_s, self.policy.allow_private, PRIVATE_SETTING)
        return partial(post.send, parse_target(known.url), letter.body, headers)

    def settled(self, conn: Connection, letter: Claimed, outcome: Outcome, _became: Next, now: datetime) -> None:
        """Keep in mind since when an endpoint takes nothing, and switch it off when that is too long."""
        endpoint_id = letter.endpoint_id
        if endpoint_id is None:
            return
        if not outcome.error:
            webhooks.went_well(conn, endpoint_id)
            return
        since = webhooks.went_wrong(conn, endpoint_id, now)
        because = why_switched_off(outcome, outcome.error, since, now, self.policy.disabled_after)
        if because and switch_off(conn, endpoint_id, because, by=SYSTEM, now=now):
            tell(
                conn,
                NewHappening(
                    kind=NoticeKind.ENDPOINT_DISABLED,
                    market_id=None,
                    alert_id=None,
                    at=now,
                    note=f"endpoint={endpoint_id}",
                ),
            )


def switch_off(conn: Connection, endpoint_id: int, because: str, *, by: str, now: datetime) -> bool:
    """Tell an endpoint nothing any more, and give up what waits for it; say whether it was told until now."""
    if not webhooks.disable(conn, endpoint_id, because, now):
        return False
    webhooks.add_step(conn, endpoint_id, WebhookAction.DISABLED, actor=by, at=now, note=because)
    letters.give_up_of_endpoint(conn, endpoint_id)
    return True
