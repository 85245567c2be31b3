"""A person's notices, for pages and API alike: what came, what is unread, what they chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import letters, mailboxes, notice_people
from db.letters import Letter
from db.mailboxes import Owner
from db.notice_people import Person
from domain.errors import NotFound, RuleViolation
from domain.notice import NoticeChannel, Preferences
from supervision.notices.addressing import preferences_of
from supervision.notices.choosing import Typed, chosen
from supervision.notices.digest import Digest, digest_of, lines_needed
from supervision.notices.policy import NoticesPolicy
from supervision.notices.posting import new_message_id
from web.access import Viewer


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A letter and what it comes to."""

    letter: Letter
    digest: Digest


def person_of(conn: Connection, viewer: Viewer) -> Person:
    """Return the account behind a signed-in person."""
    found = notice_people.by_username(conn, viewer.username)
    if found is None:
        raise NotFound("this account may not sign in any more")
    return found


def mailbox_of(conn: Connection, viewer: Viewer, channel: NoticeChannel = NoticeChannel.PAGE) -> int:
    """Return a person's mailbox of a channel; it is made where there is none."""
    owner = Owner(channel, person_of(conn, viewer).user_id, None)
    return mailboxes.of_owners(conn, [owner])[owner]


def listed(conn: Connection, mailbox_id: int, *, before: int | None, limit: int, named: int) -> list[NoticeLine]:
    """Return letters of a mailbox with what each comes to, the newest first."""
    found = letters.page_of(conn, mailbox_id, before=before, limit=limit)
    return with_digests(conn, found, named)


def with_digests(conn: Connection, found: Sequence[Letter], named: int) -> list[NoticeLine]:
    """Return letters with what each comes to."""
    ids = [one.letter_id for one in found]
    counts, lines = letters.counts(conn, ids), letters.lines(conn, ids, lines_needed(named))
    return [NoticeLine(one, digest_of(counts, lines, one, named)) for one in found]


def preferences_for(conn: Connection, viewer: Viewer, policy: NoticesPolicy) -> Preferences:
    """Return how a person wants to be told."""
    return preferences_of(person_of(conn, viewer), policy)


def choose(conn: Connection, viewer: Viewer, typed: Typed, now: datetime) -> Preferences:
    """Keep what a person chose, and have what waits for them looked at by it. Raise BadPreferences."""
    after = chosen(typed)
    person = person_of(conn, viewer)
    with conn.transaction():
        notice_people.put_preferences(conn, person.user_id, after, now)
        mailboxes.look_again(conn, now, user_id=person.user_id)
    return after


def send_trial(conn: Connection, viewer: Viewer, policy: NoticesPolicy, now: datetime) -> int:
    """Have an e-mail sent to oneself that tells of nothing; return its letter_id.

    Raise RuleViolation where there is no address.
    """
    if not preferences_for(conn, viewer, policy).email:
        raise RuleViolation("email is empty; expected an address: save one first")
    with conn.transaction():
        return letters.write(
            conn,
            mailbox_id=mailbox_of(conn, viewer, NoticeChannel.EMAIL),
            channel=NoticeChannel.EMAIL,
            message_id=new_message_id(),
            at=now,
            items=0,
            worst=None,
            purpose="test",
        )
