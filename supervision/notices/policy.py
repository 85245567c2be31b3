"""`policy/notices.toml`: what people start with, and how long delivery is tried."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from domain.alert import Severity
from domain.notice import ChannelChoice, NoticeChannel, NoticeKind, Preferences, QuietHours
from tables.toml_file import read_toml

_Count = Annotated[int, Meta(ge=0)]
_Positive = Annotated[int, Meta(ge=1)]
_RANKS = tuple(Severity)
#: A lease outlasts an attempt by this much: whoever is slower than that has stopped.
_SLACK_S = 30


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a channel is used by who chose nothing."""

    minimum: Severity
    first_after_s: _Count
    window_s: _Count


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Quiet hours of who chose nothing."""

    since: time
    until: time
    breaks_through: bool


class Ahead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long before something is due people are reminded."""

    check_working_days: Annotated[int, Meta(ge=1, le=60)]
    offer_hours: Annotated[int, Meta(ge=1, le=720)]

    @property
    def offer(self) -> timedelta:
        """How long before an offer lapses."""
        return timedelta(hours=self.offer_hours)


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often and how fast delivery is tried again."""

    attempts: _Positive
    first_retry_s: _Positive
    longest_retry_s: _Positive


#: What says whether webhooks may go to machines of this network.
PRIVATE_SETTING: Final = "policy/notices.toml, webhook.allow_private"


class WebhookPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How other systems are told."""

    most: _Positive
    timeout_s: _Positive
    secret_overlap_s: _Count
    disabled_after_s: _Positive
    allow_private: bool
    retry: Retry

    @property
    def disabled_after(self) -> timedelta:
        """How long an endpoint may take nothing."""
        return timedelta(seconds=self.disabled_after_s)

    @property
    def lease(self) -> timedelta:
        """How long whoever sends a letter has it for themselves."""
        return timedelta(seconds=self.timeout_s + _SLACK_S)


class NoticesPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    timezone: str
    unrated: Severity
    named: _Positive
    urgent_gap_s: _Count
    floors: dict[NoticeKind, Severity]
    ahead: Ahead
    page: Choice
    email: Choice
    quiet: Quiet
    mail_retry: Retry
    webhook: WebhookPolicy

    @property
    def urgent_gap(self) -> timedelta:
        """The time between two messages where the later has something critical."""
        return timedelta(seconds=self.urgent_gap_s)

    def severity_of(self, kind: NoticeKind, of_alert: Severity | None) -> Severity:
        """Return how severe something counts that is told of; `of_alert` None: its alert has no severity."""
        return max(of_alert or self.unrated, self.floors.get(kind, Severity.LOW), key=_RANKS.index)

    def defaults(self) -> Preferences:
        """Return what a person wants who chose nothing."""
        chosen = {NoticeChannel.PAGE: self.page, NoticeChannel.EMAIL: self.email}
        return Preferences(
            language="zh",
            email="",
            quiet=QuietHours(self.quiet.since, self.quiet.until),
            breaks_through=self.quiet.breaks_through,
            channels={
                channel: ChannelChoice(
                    minimum=choice.minimum, first_after_s=choice.first_after_s, window_s=choice.window_s
                )
                for channel, choice in chosen.items()
            },
        )


def is_at_least(severity: Severity, minimum: Severity | None) -> bool:
    """Say whether something is severe enough for who asked for `minimum`; None: for nothing."""
    return minimum is not None and _RANKS.index(severity) >= _RANKS.index(minimum)


def read_notices_policy(path: Path) -> NoticesPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, NoticesPolicy, _problems)


def _problems(policy: NoticesPolicy) -> Iterator[str]:
    try:
        ZoneInfo(policy.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"timezone is {policy.timezone!r}; expected a name of the time zone database, as 'Asia/Shanghai'"
    for name, retry in (("mail_retry", policy.mail_retry), ("webhook.retry", policy.webhook.retry)):
        if retry.first_retry_s > retry.longest_retry_s:
            yield (
                f"{name}.first_retry_s is {retry.first_retry_s};"
                f" expected at most longest_retry_s, {retry.longest_retry_s}"
            )
    for name, end in (("since", policy.quiet.since), ("until", policy.quiet.until)):
        if end.tzinfo is not None:
            yield f"quiet.{name} is {end}; expected a time of day without a zone"
