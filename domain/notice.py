"""What people and other systems are told of, by which channel, and how each of them wants it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from domain.alert import Severity
from domain.ids import MarketId


class NoticeKind(StrEnum):
    """What can be told of: an alert, a promise (which has an alert), the check after an approval, a complaint, a case.

    `RISK_TURNED`: trends of a market that turned; only regulators are told, and no other system.
    `…_DISABLED` are about a webhook and a destination of exports.
    """

    ALERT_OPENED = "alert_opened"
    ALERT_GRAVER = "alert_graver"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_MISSED = "deadline_missed"
    ESCALATED = "escalated"
    ASSIGNED = "assigned"
    APPEALED = "appealed"
    ENDPOINT_DISABLED = "endpoint_disabled"
    DESTINATION_DISABLED = "destination_disabled"
    CHECK_NEAR = "check_near"
    CHECK_OVERDUE = "check_overdue"
    PROMISE_LAPSING = "promise_lapsing"
    PROMISE_LAPSED = "promise_lapsed"
    PROMISE_BROKEN = "promise_broken"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_REOPENED = "complaint_reopened"
    COMPLAINT_OVERDUE = "complaint_overdue"
    CASE_DECIDED_WITH = "case_decided_with"
    RISK_TURNED = "risk_turned"


class NoticeChannel(StrEnum):
    """How somebody is reached."""

    PAGE = "page"
    EMAIL = "email"
    WEBHOOK = "webhook"


class LetterState(StrEnum):
    """Where a letter is on its way."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookAction(StrEnum):
    """What somebody did with an endpoint."""

    REGISTERED = "registered"
    TESTED = "tested"
    SECRET_CHANGED = "secret_changed"  # noqa: S105 - the name of a step
    DISABLED = "disabled"
    ENABLED = "enabled"
    REDELIVERED = "redelivered"


#: What other systems may be told of.
TOLD_TO_SYSTEMS: tuple[NoticeKind, ...] = tuple(kind for kind in NoticeKind if kind is not NoticeKind.RISK_TURNED)

#: The channels a person chooses for themselves.
PERSONAL_CHANNELS = (NoticeChannel.PAGE, NoticeChannel.EMAIL)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewHappening:
    """Something to tell of. `to_user` (a username): only to them; `to_role`: of who sees the market, only to these.

    `once`: a name for it; what has the same name as an earlier one is not told again. `check_id`: of the check after an
    approval, `complaint_id`, `case_id`, `risk_month` (computed for the market): these have no alert; `promise_id`:
    beside the alert that it answers, or that broke it.
    """

    kind: NoticeKind
    market_id: MarketId | None
    alert_id: int | None
    at: datetime
    to_user: str | None = None
    to_role: str | None = None
    due_at: datetime | None = None
    note: str = ""
    once: str | None = None
    check_id: int | None = None
    promise_id: int | None = None
    complaint_id: int | None = None
    case_id: int | None = None
    risk_month: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelChoice:
    """How one channel is used. `minimum`: of this severity or above; None: the channel is off. Times in seconds.

    `first_after_s`: how long the first message after a pause waits for more to come; `window_s`: the time between two.
    """

    minimum: Severity | None
    first_after_s: int
    window_s: int


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From the one to the other by the clock of a place, over midnight where `until` is the earlier."""

    since: time
    until: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    """How a person wants to be told. `breaks_through`: what is critical does not wait for the end of quiet hours."""

    language: str
    email: str
    quiet: QuietHours | None
    breaks_through: bool
    channels: Mapping[NoticeChannel, ChannelChoice] = field(default_factory=dict)
