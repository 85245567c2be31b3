"""How far a journal has been delivered: the pure decisions of sending, sending again, and waiting. Times are seconds
of a monotonic clock.

`committed ≤ sent`: up to `committed` the service has given its receipt; up to `sent` the broker has been given the
weighings on this connection. What lies between is sent again when no receipt came in time.
"""

from dataclasses import dataclass, replace

from edge_agent.backoff import delay_s


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRules:
    """`window`: messages the broker has not acknowledged. `batch`: weighings in a message.

    `ahead`: weighings of one journal without a receipt, so that a service that is away is not sent a whole outage
    again and again.
    """

    window: int = 20
    batch: int = 100
    ahead: int = 2000
    resend_after_s: float = 10.0
    resend_ceiling_s: float = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """Where one journal is. `resend_at` is set exactly while something waits for its receipt or a second try."""

    committed: int
    sent: int
    attempt: int = 0
    resend_at: float | None = None


def begin(committed: int) -> Delivery:
    """Return the state of a journal of which everything up to `committed` has its receipt."""
    return Delivery(committed=committed, sent=committed)


def room(rules: DeliveryRules, delivery: Delivery) -> int:
    """Return how many weighings may be sent now."""
    if delivery.resend_at is not None and delivery.sent == delivery.committed:
        return 0  # refused: waiting for the second try
    return min(rules.batch, rules.ahead - (delivery.sent - delivery.committed))


def after_sending(rules: DeliveryRules, delivery: Delivery, last_seq: int, now: float, chance: float) -> Delivery:
    """The broker was given everything up to `last_seq`; the oldest of it sets the time to send again."""
    waits = delivery.resend_at is not None
    resend_at = delivery.resend_at if waits else now + _patience(rules, delivery.attempt, chance)
    return replace(delivery, sent=last_seq, resend_at=resend_at)


def after_receipt(rules: DeliveryRules, delivery: Delivery, committed: int, now: float, chance: float) -> Delivery:
    """The service has everything up to `committed`. An old receipt changes nothing."""
    if committed <= delivery.committed:
        return delivery
    sent = max(delivery.sent, committed)
    resend_at = now + _patience(rules, 0, chance) if sent > committed else None
    return Delivery(committed=committed, sent=sent, resend_at=resend_at)


def after_refusal(rules: DeliveryRules, delivery: Delivery, now: float, chance: float) -> Delivery:
    """The broker did not take a message: begin again behind the last receipt, but not at once."""
    resend_at = now + _patience(rules, delivery.attempt, chance)
    return replace(delivery, sent=delivery.committed, attempt=delivery.attempt + 1, resend_at=resend_at)


def after_reconnecting(delivery: Delivery) -> Delivery:
    """On a new connection nothing is on its way any more."""
    return begin(delivery.committed)


def after_waiting(delivery: Delivery, now: float) -> Delivery:
    """Go back behind the last receipt where the time to send again has come."""
    if delivery.resend_at is None or now < delivery.resend_at:
        return delivery
    is_unreceipted = delivery.sent > delivery.committed
    return replace(delivery, sent=delivery.committed, attempt=delivery.attempt + is_unreceipted, resend_at=None)


def _patience(rules: DeliveryRules, attempt: int, chance: float) -> float:
    return delay_s(attempt, first_s=rules.resend_after_s, ceiling_s=rules.resend_ceiling_s, chance=chance)
