"""When what waits for somebody is sent: at once or grouped, and not in quiet hours. Pure.

Nothing is lost and nothing is sent twice: whatever is not sent now waits, and the decision says when to look again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.alert import Severity
from domain.notice import QuietHours


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Something that waits to be told of, since `at`. `is_moot`: it came to nothing meanwhile."""

    happening_id: int
    at: datetime
    severity: Severity
    is_moot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How one reader is told by one channel.

    Args:
        first_after: how long the first message after a pause waits for more.
        window: the shortest time between two messages; what comes meanwhile is told together.
        urgent_gap: the shortest time between two messages where the later has something critical.
        quiet: when nothing is sent, by the clock of `timezone`.
        breaks_through: critical matters are sent in quiet hours, too.
        grows: what comes within the window is added to the last message, as long as that is unread (on a page).
        most: of how much a message tells.
    """

    first_after: timedelta
    window: timedelta
    urgent_gap: timedelta
    timezone: str
    quiet: QuietHours | None = None
    breaks_through: bool = False
    grows: bool = False
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class LastSent:
    """The last message: when it was begun, and whether nobody has read it."""

    at: datetime
    is_unread: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to send now (happening_ids; `joins`: as part of the last message), what to drop, and when to look again.

    `look_at` None: nothing waits.
    """

    send: tuple[int, ...] = ()
    joins: bool = False
    drop: tuple[int, ...] = ()
    look_at: datetime | None = None


def decide(waiting: Sequence[Waiting], manner: Manner, last: LastSent | None, now: datetime) -> Decision:
    """Return what becomes of everything that waits for a reader at `now`."""
    drop = tuple(one.happening_id for one in waiting if one.is_moot)
    left = sorted((one for one in waiting if not one.is_moot), key=lambda one: (one.at, one.happening_id))
    if not left:
        return Decision(drop=drop)
    quiet_end = quiet_until(now, manner)
    ready = left if quiet_end is None else [one for one in left if _breaks_through(one, manner)]
    if not ready:
        return Decision(drop=drop, look_at=quiet_end)
    joins = manner.grows and last is not None and last.is_unread and now < last.at + manner.window
    due = now if joins else min(_due(one, manner, last, now, is_quiet=quiet_end is not None) for one in ready)
    if due > now:
        return Decision(drop=drop, look_at=due if quiet_end is None else min(due, quiet_end))
    sent = _worst_first(ready)[: manner.most]
    look_at = None
    if len(sent) < len(left):
        is_cut = len(sent) < len(ready)
        look_at = now if is_cut else quiet_end
    return Decision(send=tuple(one.happening_id for one in sent), joins=joins, drop=drop, look_at=look_at)


def quiet_until(now: datetime, manner: Manner) -> datetime | None:
    """Return when the quiet hours that `now` is in end; None outside of them."""
    quiet = manner.quiet
    if quiet is None or quiet.since == quiet.until:
        return None
    local = now.astimezone(ZoneInfo(manner.timezone))
    clock = local.time()
    is_over_midnight = quiet.since > quiet.until
    is_quiet = clock >= quiet.since or clock < quiet.until if is_over_midnight else quiet.since <= clock < quiet.until
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if is_over_midnight and clock >= quiet.since else 0)
    end = datetime.combine(day, quiet.until, tzinfo=local.tzinfo).astimezone(now.tzinfo)
    # Where clocks are set back the same hour comes twice: the end of it is then not behind us.
    return end if end > now else now + timedelta(minutes=1)


def _breaks_through(one: Waiting, manner: Manner) -> bool:
    return manner.breaks_through and one.severity is Severity.CRITICAL


def _due(one: Waiting, manner: Manner, last: LastSent | None, now: datetime, *, is_quiet: bool) -> datetime:
    """When one of what waits would have a message sent."""
    if one.severity is Severity.CRITICAL and (is_quiet or manner.breaks_through):
        gap = min(manner.window, manner.urgent_gap)
        return now if last is None else last.at + gap
    # Where it happened another clock may be a little ahead.
    begun = min(one.at, now) + manner.first_after
    return begun if last is None else max(begun, last.at + manner.window)


def _worst_first(ready: Sequence[Waiting]) -> list[Waiting]:
    """What a message has no room for is what matters least."""
    ranks = list(Severity)
    return sorted(ready, key=lambda one: (-ranks.index(one.severity), one.at, one.happening_id))
