"""What people do with destinations: register, try out, change the secret, switch off and on, have a batch sent again.

Each step is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from db import export_deliveries, export_destinations, export_records, export_trials, registry
from db.export_destinations import Destination, NewDestination
from domain.errors import FieldRefused, IllegalTransition, NotFound
from domain.export import BatchState, DeliveryState, DestinationAction
from supervision.exports.batching import add, destination_of, new_key
from supervision.exports.policy import PRIVATE_SETTING, ExportsPolicy
from supervision.notices.addresses import parse_target, require_allowed
from supervision.notices.signing import new_secret

LONGEST_NAME = 100
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Registered:
    """A new destination, and its secret: it is shown now and never again."""

    destination_id: int
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class By:
    """Who does something, when, and from where."""

    username: str
    origin: str
    at: datetime


def register(conn: Connection, new: NewDestination, policy: ExportsPolicy, *, by: By) -> Registered:
    """Add a destination. Raise FieldRefused or BadAddress naming what cannot be used."""
    if not 1 <= len(new.name.strip()) <= LONGEST_NAME:
        raise FieldRefused("name", f"{len(new.name.strip())} characters", f"1 to {LONGEST_NAME}", problem="length")
    if not new.forms:
        raise FieldRefused("forms", "empty", "at least one form", problem="empty")
    require_markets(conn, new.market_ids)
    if new.url:
        require_allowed(parse_target(new.url), allow_private=policy.allow_private, setting=PRIVATE_SETTING)
    secret = new_secret()
    with conn.transaction():
        destination_id = export_destinations.register(conn, new, secret, by=by.username, now=by.at)
        if destination_id is None:
            raise FieldRefused("name", new.name, "a name that no other destination has", problem="taken")
        note(conn, destination_id, DestinationAction.REGISTERED, by, new.url or "files")
    return Registered(destination_id, secret)


def change_secret(conn: Connection, destination_id: int, policy: ExportsPolicy, *, by: By) -> str:
    """Give a destination another secret and return it; the one before signs beside it for a while.

    Raise NotFound, RuleViolation where it takes files.
    """
    secret = new_secret()
    with conn.transaction():
        require_address(destination_of(conn, destination_id))
        until = by.at + timedelta(seconds=policy.secret_overlap_s)
        export_destinations.change_secret(conn, destination_id, secret, until)
        note(conn, destination_id, DestinationAction.SECRET_CHANGED, by, "")
    return secret


def send_trial(conn: Connection, destination_id: int, policy: ExportsPolicy, *, by: By) -> int:
    """Have a message sent that holds no record; return its trial_id. Raise NotFound, RuleViolation.

    Also where it is switched off: one sees that it answers before it is switched on.
    """
    key = new_key()
    with conn.transaction():
        require_address(destination_of(conn, destination_id))
        # One under way: who is impatient with a slow receiver must not keep every courier waiting for it.
        since = by.at - policy.lease
        trial_id = export_trials.ask(conn, destination_id, key=key, by=by.username, now=by.at, since=since)
        if trial_id is None:
            raise IllegalTransition(
                "a trial message is under way already: wait for its answer", problem="trial_under_way"
            )
        note(conn, destination_id, DestinationAction.TESTED, by, key)
    return trial_id


def switch_off(conn: Connection, destination_id: int, because: str, *, by: By) -> None:
    """Give a destination nothing any more; what waits goes on waiting. Raise NotFound, RuleViolation."""
    because = reason_in(because)
    with conn.transaction():
        destination_of(conn, destination_id)
        if not export_destinations.switch(conn, destination_id, off_at=by.at, because=because):
            raise IllegalTransition("it is switched off already", problem="late")
        note(conn, destination_id, DestinationAction.DISABLED, by, because)


def switch_on(conn: Connection, destination_id: int, *, by: By) -> None:
    """Go on giving at once, from where it stopped. Raise NotFound, RuleViolation."""
    with conn.transaction():
        destination_of(conn, destination_id)
        if not export_destinations.switch(conn, destination_id, off_at=None, because=""):
            raise IllegalTransition("it is switched on already", problem="late")
        export_deliveries.try_at_once(conn, destination_id, by.at)
        note(conn, destination_id, DestinationAction.ENABLED, by, "")


def send_again(conn: Connection, batch_id: int, because: str, *, by: By) -> int:
    """Have a batch sent again; return the batch that is: itself, or one of what was refused.

    What was given up goes under its own key: it may have arrived. What was refused did arrive and was not kept, so it
    goes under a new one: under the old the receiver would only repeat its answer. What was accepted never is.
    """
    because = reason_in(because)
    with conn.transaction():
        batch = export_deliveries.batch(conn, batch_id)
        if batch is None:
            raise NotFound(f"there is no batch {batch_id}")
        destination = destination_of(conn, batch.destination_id)
        export_destinations.lock_destination(conn, batch.destination_id)
        if destination.disabled_at is not None:
            raise IllegalTransition("its destination is switched off: switch it on first", problem="switched_off")
        if batch.state is BatchState.GIVEN_UP and export_deliveries.wait_again(conn, batch_id, by.at):
            again = batch_id
        else:
            lines = export_deliveries.of_batch(conn, batch_id)
            refused = [one.revision for one in lines if one.state is DeliveryState.REFUSED]
            if batch.state is not BatchState.ANSWERED or not refused:
                raise IllegalTransition(
                    f"batch {batch_id} is {batch.state}, and nothing of it is refused or given up", problem="late"
                )
            records = export_records.by_revisions(conn, refused)
            again = add(conn, destination, batch.form, records, now=by.at, is_again=True)
        note(conn, batch.destination_id, DestinationAction.RESENT, by, because, batch_id)
    return again


def require_address(destination: Destination) -> None:
    """Raise IllegalTransition where a destination takes files: nothing is sent to it, nor signed."""
    if not destination.url:
        raise IllegalTransition(f"{destination.name} takes files: nothing is sent to it")


def reason_in(text: str) -> str:
    """Return a reason without blanks around it. Raise FieldRefused where it is missing or too long."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_REASON:
        raise FieldRefused("because", f"{len(text)} characters", f"1 to {LONGEST_REASON}: say why", problem="length")
    return text


def require_markets(conn: Connection, market_ids: tuple[str, ...]) -> None:
    """Raise FieldRefused for a market that there is not."""
    unknown = sorted(set(market_ids) - {one.market_id for one in registry.markets(conn)})
    if unknown:
        raise FieldRefused("markets", unknown[0], "the id of a market", problem="unknown")


def note(
    conn: Connection, destination_id: int, action: DestinationAction, by: By, text: str, batch_id: int | None = None
) -> None:
    """Write a step down, within the caller's transaction."""
    export_destinations.add_step(
        conn, destination_id, action, actor=by.username, origin=by.origin, at=by.at, note=text, batch_id=batch_id
    )
