"""Duties run by hand, at moments that a test chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

import psycopg
from psycopg import Connection

from db import letters, mailboxes, notice_people
from db.letters import Letter
from db.mailboxes import Owner
from domain.notice import NoticeChannel, Preferences
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory
from supervision.notices.handing_on import HandingOn
from supervision.notices.policy import read_notices_policy
from supervision.notices.posting import Posting
from supervision.notices.webhook_body import body_of

POLICY = read_notices_policy(policy_directory() / "notices.toml")
RULES = read_rules_policy(policy_directory() / "rules.toml")
HANDING_ON = HandingOn(POLICY, RULES.severity_told)
POSTING = Posting(POLICY, partial(body_of, public_url="https://console.example"))


@contextmanager
def clerk_connection(database_url: str) -> Iterator[Connection]:
    """A connection as duties get it."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


def work(conn: Connection, now: datetime) -> None:
    """Hand on and post what is due."""
    HANDING_ON.run_once(conn, now)
    POSTING.run_once(conn, now)


def prefer(conn: Connection, username: str, now: datetime, **chosen: object) -> Preferences:
    """Change what somebody chose; `email=…`, `quiet=…`, `page=…` and so on."""
    person = notice_people.by_username(conn, username)
    assert person is not None
    before = person.preferences or POLICY.defaults()
    channels = {
        channel: chosen.pop(channel.value, choice)
        for channel, choice in before.channels.items()
        if channel.value != "email"
    }
    channels[NoticeChannel.EMAIL] = chosen.pop("by_email", before.channels[NoticeChannel.EMAIL])
    after = replace(before, **chosen, channels=channels)  # type: ignore[arg-type]
    notice_people.put_preferences(conn, person.user_id, after, now)
    return after


def mailbox_of(conn: Connection, username: str, channel: NoticeChannel = NoticeChannel.PAGE) -> int:
    person = notice_people.by_username(conn, username)
    assert person is not None
    owner = Owner(channel, person.user_id, None)
    return mailboxes.of_owners(conn, [owner])[owner]


def letters_of(conn: Connection, username: str, channel: NoticeChannel = NoticeChannel.PAGE) -> list[Letter]:
    return letters.page_of(conn, mailbox_of(conn, username, channel), before=None, limit=100)
