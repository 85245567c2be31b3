"""What people do with endpoints: register, try out, change the secret, switch off and on, deliver again.

Each step is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from db import letters, mailboxes, registry, webhooks
from db.mailboxes import Owner
from db.webhooks import Endpoint, NewEndpoint
from domain.errors import NotFound, RuleViolation
from domain.notice import TOLD_TO_SYSTEMS, NoticeChannel, WebhookAction
from supervision.notices.addresses import parse_target, require_allowed
from supervision.notices.policy import PRIVATE_SETTING, WebhookPolicy
from supervision.notices.posting import new_message_id
from supervision.notices.signing import new_secret
from supervision.notices.webhook_body import trial_body
from supervision.notices.webhook_carrier import switch_off

LONGEST_NAME = 100
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Registered:
    """A new endpoint, and its secret: it is shown now and never again."""

    endpoint_id: int
    secret: str


def register(conn: Connection, new: NewEndpoint, policy: WebhookPolicy, *, by: str, now: datetime) -> Registered:
    """Add an endpoint, within the caller's transaction. Raise RuleViolation naming the field that cannot be used."""
    if not 1 <= len(new.name.strip()) <= LONGEST_NAME:
        raise RuleViolation(f"name has {len(new.name.strip())} characters; expected 1 to {LONGEST_NAME}")
    if not new.kinds:
        raise RuleViolation("kinds is empty; expected at least one kind of news")
    if not_told := sorted(new.kinds - frozenset(TOLD_TO_SYSTEMS)):
        raise RuleViolation(f"kinds has {', '.join(not_told)}; expected what other systems may be told of")
    if new.window_s < 0:
        raise RuleViolation(f"window_s is {new.window_s}; expected 0 or more")
    if new.market_id is not None and new.market_id not in {one.market_id for one in registry.markets(conn)}:
        raise NotFound(f"there is no market {new.market_id!r}")
    require_allowed(parse_target(new.url), allow_private=policy.allow_private, setting=PRIVATE_SETTING)
    secret = new_secret()
    endpoint_id = webhooks.register(conn, new, secret, by=by, now=now)
    webhooks.add_step(conn, endpoint_id, WebhookAction.REGISTERED, actor=by, at=now, note=new.url)
    return Registered(endpoint_id, secret)


def seen(conn: Connection, endpoint_id: int) -> Endpoint:
    """Return an endpoint to look at. Raise NotFound."""
    found = webhooks.by_id(conn, endpoint_id)
    if found is None:
        raise NotFound(f"there is no webhook {endpoint_id}")
    return found


def endpoint_for(conn: Connection, endpoint_id: int) -> Endpoint:
    """Return an endpoint, held for the length of the transaction. Raise NotFound."""
    found = webhooks.by_id_locked(conn, endpoint_id)
    if found is None:
        raise NotFound(f"there is no webhook {endpoint_id}")
    return found


def change_secret(conn: Connection, endpoint_id: int, policy: WebhookPolicy, *, by: str, now: datetime) -> str:
    """Give an endpoint another secret and return it; the one before signs beside it for a while."""
    endpoint_for(conn, endpoint_id)
    secret = new_secret()
    webhooks.change_secret(conn, endpoint_id, secret, now + timedelta(seconds=policy.secret_overlap_s))
    webhooks.add_step(conn, endpoint_id, WebhookAction.SECRET_CHANGED, actor=by, at=now)
    return secret


def send_trial(conn: Connection, endpoint_id: int, *, by: str, now: datetime) -> int:
    """Have a message sent that tells of nothing; return its letter_id. Raise RuleViolation where it is switched off."""
    _require_on(endpoint_for(conn, endpoint_id))
    message_id = new_message_id()
    letter_id = letters.write(
        conn,
        mailbox_id=mailbox_of(conn, endpoint_id),
        channel=NoticeChannel.WEBHOOK,
        message_id=message_id,
        at=now,
        items=0,
        worst=None,
        body=trial_body(message_id, now),
        purpose="test",
    )
    webhooks.add_step(conn, endpoint_id, WebhookAction.TESTED, actor=by, at=now, note=message_id)
    return letter_id


def deliver_again(conn: Connection, endpoint_id: int, letter_id: int, *, by: str, now: datetime) -> None:
    """Have a letter delivered once more, under the same id. Raise NotFound, RuleViolation."""
    _require_on(endpoint_for(conn, endpoint_id))
    found = letters.of_mailbox(conn, mailbox_of(conn, endpoint_id), letter_id)
    if found is None:
        raise NotFound(f"there is no message {letter_id} of webhook {endpoint_id}")
    if not letters.send_again(conn, found.letter_id, now):
        raise RuleViolation("it is to be delivered already: wait for that")
    webhooks.add_step(conn, endpoint_id, WebhookAction.REDELIVERED, actor=by, at=now, note=found.message_id)


def disable(conn: Connection, endpoint_id: int, because: str, *, by: str, now: datetime) -> None:
    """Tell an endpoint nothing any more. Raise RuleViolation without a reason, or where it is off already."""
    endpoint_for(conn, endpoint_id)
    because = because.strip()
    if not 1 <= len(because) <= LONGEST_REASON:
        raise RuleViolation(f"because has {len(because)} characters; expected 1 to {LONGEST_REASON}: say why")
    if not switch_off(conn, endpoint_id, because, by=by, now=now):
        raise RuleViolation("it is switched off already")


def enable(conn: Connection, endpoint_id: int, *, by: str, now: datetime) -> None:
    """Tell an endpoint again, of what happens from now on. Raise RuleViolation where it is on already."""
    endpoint_for(conn, endpoint_id)
    if not webhooks.enable(conn, endpoint_id):
        raise RuleViolation("it is switched on already")
    webhooks.add_step(conn, endpoint_id, WebhookAction.ENABLED, actor=by, at=now)


def mailbox_of(conn: Connection, endpoint_id: int) -> int:
    """Return the mailbox of an endpoint."""
    owner = Owner(NoticeChannel.WEBHOOK, None, endpoint_id)
    return mailboxes.of_owners(conn, [owner])[owner]


def _require_on(endpoint: Endpoint) -> None:
    if endpoint.disabled_at is not None:
        raise RuleViolation("it is switched off: switch it on first")
