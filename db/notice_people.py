"""Who may be told, and how each of them wants it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.alert import Severity
from domain.ids import MarketId
from domain.notice import ChannelChoice, NoticeChannel, Preferences, QuietHours

_SQL = load("notice_people")


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An account and what it chose. `timezone`: of its market, None for who sees every market.

    `preferences` None: nothing was chosen.
    """

    user_id: int
    username: str
    display_name: str
    role: str
    market_id: MarketId | None
    timezone: str | None
    preferences: Preferences | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    user_id: int
    username: str
    display_name: str
    role: str
    market_id: MarketId | None
    timezone: str | None
    language: str | None
    email: str | None
    quiet_from: time | None
    quiet_until: time | None
    breaks_through: bool | None
    channels: dict[NoticeChannel, ChannelChoice] = field(default_factory=dict)


def everybody(conn: Connection) -> list[Person]:
    """Return everybody who may sign in."""
    return _read(conn, user_id=None, username=None)


def by_username(conn: Connection, username: str) -> Person | None:
    """Return one person; None where nobody of that name may sign in."""
    return next(iter(_read(conn, user_id=None, username=username)), None)


def by_id(conn: Connection, user_id: int) -> Person | None:
    """Return one person; None where they may not sign in."""
    return next(iter(_read(conn, user_id=user_id, username=None)), None)


def put_preferences(conn: Connection, user_id: int, chosen: Preferences, now: datetime) -> None:
    """Keep what a person chose."""
    quiet = chosen.quiet
    conn.execute(
        _SQL["put_preferences"],
        {
            "user_id": user_id,
            "language": chosen.language,
            "email": chosen.email,
            "quiet_from": None if quiet is None else quiet.since,
            "quiet_until": None if quiet is None else quiet.until,
            "breaks_through": chosen.breaks_through,
            "now": now,
        },
    )
    for channel, choice in chosen.channels.items():
        values = {name: getattr(choice, name) for name in ChannelChoice.__slots__}
        conn.execute(_SQL["put_channel"], {"user_id": user_id, "channel": channel, **values})


def _read(conn: Connection, *, user_id: int | None, username: str | None) -> list[Person]:
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(_SQL["people"], {"user_id": user_id, "username": username}).fetchall()
    return [_person(row) for row in _with_channels(conn, rows)]


def _with_channels(conn: Connection, rows: Sequence[_Row]) -> list[_Row]:
    chosen: dict[int, dict[NoticeChannel, ChannelChoice]] = {}
    asked = [row.user_id for row in rows if row.language is not None]
    if asked:
        for user_id, channel, minimum, first_after_s, window_s in conn.execute(_SQL["channels"], {"user_ids": asked}):
            chosen.setdefault(user_id, {})[NoticeChannel(channel)] = ChannelChoice(
                minimum=None if minimum is None else Severity(minimum), first_after_s=first_after_s, window_s=window_s
            )
    return [replace(row, channels=chosen.get(row.user_id, {})) for row in rows]


def _person(row: _Row) -> Person:
    preferences = None
    if row.language is not None:
        quiet = None
        if row.quiet_from is not None and row.quiet_until is not None:
            quiet = QuietHours(row.quiet_from, row.quiet_until)
        preferences = Preferences(
            language=row.language,
            email=row.email or "",
            quiet=quiet,
            breaks_through=bool(row.breaks_through),
            channels=row.channels,
        )
    return Person(
        user_id=row.user_id,
        username=row.username,
        display_name=row.display_name,
        role=row.role,
        market_id=row.market_id,
        timezone=row.timezone,
        preferences=preferences,
    )
