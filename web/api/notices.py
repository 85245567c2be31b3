"""A person's notices and how they want to be told, for programs."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from db import letters
from domain.alert import AlertKind, Severity
from domain.notice import LetterState, NoticeChannel, NoticeKind, Preferences
from supervision.notices.choosing import Typed, TypedChannel
from web.api.models import Body, Model
from web.notices import NoticeLine, choose, listed, mailbox_of, preferences_for
from web.signed_in import SeesAlerts
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/notices", tags=["notices"])


class NoticeCount(Model):
    """So many of one kind of news about one kind of alert (null: about none) and severity."""

    kind: NoticeKind
    alert_kind: AlertKind | None
    severity: Severity
    count: int


class NoticeItem(Model):
    """One thing that happened; an id that is null: it is about none. `note`: said with it.

    `check_id` is of the check after an approval; `promise_alert_id` is the alert that the promise answers.
    """

    happening_id: int
    kind: NoticeKind
    severity: Severity
    at: datetime
    due_at: datetime | None
    note: str
    alert_id: int | None
    alert_kind: AlertKind | None
    market_id: str | None
    vendor_id: str | None
    vendor_name: str | None
    stall_id: str | None
    check_id: int | None
    approval_id: int | None
    approval_authority: str | None
    approval_number: str | None
    approval_subject: str | None
    check_due_on: date | None
    promise_id: int | None
    promise_alert_id: int | None
    complaint_id: int | None
    case_id: int | None
    risk_month: date | None


class Notice(Model):
    """A message: so much happened between `at` and `last_at`. `named` are the gravest; `read_at` null: unread."""

    letter_id: int
    at: datetime
    last_at: datetime
    items: int
    worst: Severity | None
    read_at: datetime | None
    counts: list[NoticeCount]
    named: list[NoticeItem]


class NoticePage(Model):
    """A part of one's notices, the newest first. `older`: the `before` of the next part; null: this is the last."""

    unread: int
    older: int | None
    notices: list[Notice]


class ReadUpTo(Body):
    """Everything up to this letter was read. `seen_at`: the newest `last_at` that was; what grew since stays unread."""

    up_to: Annotated[int, Field(ge=1)]
    seen_at: AwareDatetime | None = None


class Marked(Model):
    """How many were unread until now."""

    marked: int


class ChannelSettings(Body):
    """`minimum` null: nothing by this channel. Times in seconds."""

    minimum: Severity | None
    first_after_s: int
    window_s: int


class NoticeSettings(Body):
    """How one wants to be told. `quiet_from` and `quiet_until` (hh:mm) null: at any hour."""

    language: Text
    email: Text
    quiet_from: Text | None
    quiet_until: Text | None
    breaks_through: bool
    page: ChannelSettings
    by_email: ChannelSettings


class MailState(Model):
    """An e-mail to oneself and how its delivery stands; `error` is of its last attempt."""

    letter_id: int
    at: datetime
    items: int
    state: LetterState
    attempts: int
    error: str


@router.get("")
def my_notices(
    running: Running,
    conn: Db,
    viewer: SeesAlerts,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> NoticePage:
    """What one was told of on the page."""
    mailbox_id = mailbox_of(conn, viewer)
    found = listed(conn, mailbox_id, before=before, limit=limit + 1, named=running.config.notices_policy.named)
    shown = found[:limit]
    return NoticePage(
        unread=letters.unread(conn, mailbox_id),
        older=shown[-1].letter.letter_id if len(found) > limit else None,
        notices=[_notice(line) for line in shown],
    )


@router.post("/read")
def read_up_to(conn: Db, now: Now, viewer: SeesAlerts, what: ReadUpTo) -> Marked:
    """Take everything up to a letter for read."""
    return Marked(marked=letters.mark_read(conn, mailbox_of(conn, viewer), now, up_to=what.up_to, seen_at=what.seen_at))


@router.get("/settings")
def my_settings(running: Running, conn: Db, viewer: SeesAlerts) -> NoticeSettings:
    """How one wants to be told; what was never chosen is as the policy says."""
    return _settings(preferences_for(conn, viewer, running.config.notices_policy))


@router.put("/settings")
def change_settings(conn: Db, now: Now, viewer: SeesAlerts, what: NoticeSettings) -> NoticeSettings:
    """Choose how to be told. Everything that cannot be used is named at once."""
    typed = Typed(
        language=what.language,
        email=what.email,
        quiet_from=what.quiet_from or "",
        quiet_until=what.quiet_until or "",
        breaks_through=what.breaks_through,
        channels={NoticeChannel.PAGE: _typed(what.page), NoticeChannel.EMAIL: _typed(what.by_email)},
    )
    return _settings(choose(conn, viewer, typed, now))


@router.get("/mails")
def my_mails(conn: Db, viewer: SeesAlerts, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[MailState]:
    """The e-mails to oneself, the newest first, and whether they were delivered."""
    mails = letters.page_of(conn, mailbox_of(conn, viewer, NoticeChannel.EMAIL), before=None, limit=limit)
    attempts = letters.attempts_of(conn, [one.letter_id for one in mails])
    return [
        MailState(
            letter_id=one.letter_id,
            at=one.at,
            items=one.items,
            state=one.state,
            attempts=one.attempts,
            error=attempts[one.letter_id][-1].error if one.letter_id in attempts else "",
        )
        for one in mails
    ]


def _notice(line: NoticeLine) -> Notice:
    letter, digest = line.letter, line.digest
    return Notice(
        letter_id=letter.letter_id,
        at=letter.at,
        last_at=letter.last_at,
        items=letter.items,
        worst=digest.worst,
        read_at=letter.read_at,
        counts=[
            NoticeCount(kind=sort.kind, alert_kind=sort.alert_kind, severity=severity, count=n)
            for sort in digest.sorts
            for severity, n in sort.by_severity.items()
        ],
        named=[NoticeItem.model_validate(one) for one in digest.named],
    )


def _typed(what: ChannelSettings) -> TypedChannel:
    return TypedChannel(minimum=what.minimum or "", first_after_s=str(what.first_after_s), window_s=str(what.window_s))


def _settings(chosen: Preferences) -> NoticeSettings:
    quiet = chosen.quiet
    channels = {channel: ChannelSettings.model_validate(choice) for channel, choice in chosen.channels.items()}
    return NoticeSettings(
        language=chosen.language,
        email=chosen.email,
        quiet_from=None if quiet is None else quiet.since.isoformat("minutes"),
        quiet_until=None if quiet is None else quiet.until.isoformat("minutes"),
        breaks_through=chosen.breaks_through,
        page=channels[NoticeChannel.PAGE],
        by_email=channels[NoticeChannel.EMAIL],
    )
