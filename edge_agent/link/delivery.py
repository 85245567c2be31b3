"""How far a journal has been delivered: the pure decisions of sending, sending again, and waiting. Times are seconds
of a monotonic clock.

A journal has two lanes, so that what is weighed now does not wait behind what was weighed while the broker was away:

    committed ≤ sent ≤ reached ≤ live_from ≤ live_sent

Up to `committed` the service has given its receipt. What lies behind it, up to `live_from`, is the backlog: it is sent
in order up to `sent`, and was sent once already up to `reached`. Beside it the live lane goes on from `live_from` to
`live_sent`. Receipts are cumulative, so the live lane has its own when the backlog is through; then the backlog is
empty (`committed == live_from`) and the live lane is the only one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from edge_agent.link.backoff import delay_s


class Lane(StrEnum):
    """Which of a journal's two lanes a message belongs to."""

    LIVE = "live"
    BACKLOG = "backlog"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRules:
    """`window`: messages the broker has not acknowledged. `batch`: weighings in a message.

    `ahead`: weighings of one journal without a receipt, so that a service that is away is not sent a whole outage
    again and again. With receipts once a second a scale, it is also what one scale's backlog can drain in a second.
    A fifth of the window and of `ahead` is kept for what is weighed now.
    """

    window: int = 20
    batch: int = 100
    ahead: int = 5000
    resend_after_s: float = 10.0
    resend_ceiling_s: float = 60.0

    @property
    def backlog_window(self) -> int:
        """How many messages the backlogs may have in flight."""
        return self.window - max(1, self.window // 5)

    @property
    def live_window(self) -> int:
        """How many messages of what is weighed now may be in flight: one place is left for the backlogs."""
        return max(1, self.window - 1)

    @property
    def live_ahead(self) -> int:
        """How many weighings of a journal may go out beside its backlog."""
        return max(1, self.ahead // 5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """Where one journal is. `resend_at` is set exactly while a receipt is awaited, or a refusal waited out.

    `is_held`: the broker did not take a message; nothing is sent before `resend_at`.
    """

    committed: int
    sent: int
    reached: int
    live_from: int
    live_sent: int
    attempt: int = 0
    resend_at: float | None = None
    is_held: bool = False

    @property
    def has_backlog(self) -> bool:
        """Whether something from before the live lane still lacks its receipt."""
        return self.committed < self.live_from

    @property
    def unreceipted(self) -> int:
        """How many weighings were handed to the broker and have no receipt."""
        return self.reached - self.committed + self.live_sent - self.live_from

    @property
    def awaits_receipt(self) -> bool:
        """Whether a receipt may come for what was sent: for the live lane, only when the backlog is through."""
        return self.sent > self.committed or (not self.has_backlog and self.live_sent > self.live_from)


def begin(committed: int, last_seq: int) -> Delivery:
    """Return the state on a new connection: all that waits up to `last_seq` is backlog, nothing is on its way."""
    return Delivery(committed=committed, sent=committed, reached=committed, live_from=last_seq, live_sent=last_seq)


def position(delivery: Delivery, lane: Lane) -> int:
    """Return the `seq` behind which a lane goes on."""
    return delivery.live_sent if lane is Lane.LIVE else delivery.sent


def room(rules: DeliveryRules, delivery: Delivery, lane: Lane) -> int:
    """Return how many weighings of a lane may be sent now, in one message."""
    if delivery.is_held:
        return 0
    free = rules.ahead - delivery.unreceipted
    if lane is Lane.LIVE:
        if delivery.has_backlog:
            free = min(free, rules.live_ahead - (delivery.live_sent - delivery.live_from))
        return max(0, min(rules.batch, free))
    if delivery.sent < delivery.reached:  # again: it counts already
        return min(rules.batch, delivery.reached - delivery.sent)
    free = min(free, rules.ahead - rules.live_ahead - (delivery.reached - delivery.committed))
    return max(0, min(rules.batch, free, delivery.live_from - delivery.sent))


def after_sending(
    rules: DeliveryRules, delivery: Delivery, lane: Lane, last_seq: int, now: float, chance: float
) -> Delivery:
    """The broker was given a lane up to `last_seq`; the oldest that awaits its receipt sets the time to send again."""
    if lane is Lane.LIVE:
        moved = replace(delivery, live_sent=last_seq)
    else:
        moved = replace(delivery, sent=last_seq, reached=max(delivery.reached, last_seq))
    if moved.resend_at is not None or not moved.awaits_receipt:
        return moved
    return replace(moved, resend_at=now + _patience(rules, moved.attempt, chance))


def after_receipt(rules: DeliveryRules, delivery: Delivery, committed: int, now: float, chance: float) -> Delivery:
    """The service has everything up to `committed`. An old receipt changes nothing."""
    if committed <= delivery.committed:
        return delivery
    moved = replace(
        delivery,
        committed=committed,
        sent=max(delivery.sent, committed),
        reached=max(delivery.reached, committed),
        live_from=max(delivery.live_from, committed),
        live_sent=max(delivery.live_sent, committed),
        attempt=0,
    )
    if moved.is_held:  # what the broker does not take, the service cannot change
        return moved
    return replace(moved, resend_at=now + _patience(rules, 0, chance) if moved.awaits_receipt else None)


def after_refusal(rules: DeliveryRules, delivery: Delivery, lane: Lane, now: float, chance: float) -> Delivery:
    """The broker did not take a message: begin its lane again behind the last receipt, but not at once."""
    back = _sent_again(delivery)
    if lane is Lane.LIVE and delivery.has_backlog:
        back = replace(back, live_sent=back.live_from)
    resend_at = now + _patience(rules, delivery.attempt, chance)
    return replace(back, attempt=delivery.attempt + 1, resend_at=resend_at, is_held=True)


def after_waiting(delivery: Delivery, now: float) -> Delivery:
    """Go back behind the last receipt where the time to send again has come."""
    if delivery.resend_at is None or now < delivery.resend_at:
        return delivery
    back = _sent_again(delivery)
    return replace(back, attempt=delivery.attempt + (not delivery.is_held), resend_at=None, is_held=False)


def _sent_again(delivery: Delivery) -> Delivery:
    """What was sent becomes the backlog, so that what is weighed meanwhile goes beside it.

    Where there is a backlog already, the live lane stays as it is: its receipts cannot have come yet.
    """
    if delivery.has_backlog:
        return replace(delivery, sent=delivery.committed)
    return replace(delivery, sent=delivery.committed, reached=delivery.live_sent, live_from=delivery.live_sent)


def _patience(rules: DeliveryRules, attempt: int, chance: float) -> float:
    return delay_s(attempt, first_s=rules.resend_after_s, ceiling_s=rules.resend_ceiling_s, chance=chance)
