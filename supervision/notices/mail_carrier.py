"""Letters by e-mail: written in the language of who reads them, when they are sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from typing import Final

from psycopg import Connection

from db import letters, notice_people
from db.letters import Claimed
from db.notice_people import Person
from domain.notice import NoticeChannel, Preferences
from supervision.notices.addressing import preferences_of
from supervision.notices.couriers import Send
from supervision.notices.digest import Digest, digest_of, lines_needed
from supervision.notices.policy import NoticesPolicy, Retry
from supervision.notices.retrying import Next, Outcome, refused
from supervision.notices.smtp_post import MailServer

#: An attempt is over well before: the server is given 20 s for each of its answers.
_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A letter in words. `preferences_url`: where its reader changes what they are told of."""

    subject: str
    text: str
    html: str
    preferences_url: str


#: Puts a digest into the words of a language, for a person.
Write = Callable[[Digest, Person, str], Written]


@dataclass(frozen=True, slots=True)
class MailCarrier:
    """See Carrier."""

    server: MailServer
    policy: NoticesPolicy
    write: Write
    channel: NoticeChannel = NoticeChannel.EMAIL
    lease: timedelta = _LEASE

    @property
    def retry(self) -> Retry:
        """How often and how fast it is tried again."""
        return self.policy.mail_retry

    def prepare(self, conn: Connection, letter: Claimed, now: datetime) -> Send | Outcome:
        """Return how to send a letter to the address its reader has now; or that there is none any more."""
        person = None if letter.user_id is None else notice_people.by_id(conn, letter.user_id)
        chosen = None if person is None else preferences_of(person, self.policy)
        if person is None or chosen is None or not chosen.email:
            return Outcome(status=None, error="its reader has no address any more", is_final=True)
        try:
            message = self._message(conn, letter, person, chosen, now)
        except (ValueError, HeaderParseError) as error:
            # One letter that cannot be written must not keep all others waiting.
            return refused(f"it cannot be written as an e-mail: {error}", is_final=True)
        return partial(self.server.send, message)

    def settled(self, conn: Connection, letter: Claimed, outcome: Outcome, became: Next, now: datetime) -> None:
        """Nothing follows."""

    def _message(
        self, conn: Connection, letter: Claimed, person: Person, chosen: Preferences, now: datetime
    ) -> EmailMessage:
        ids, named = [letter.letter_id], self.policy.named
        digest = digest_of(letters.counts(conn, ids), letters.lines(conn, ids, lines_needed(named)), letter, named)
        written = self.write(digest, person, chosen.language)
        message = EmailMessage(policy=SMTP)
        message["Subject"] = written.subject
        message["From"] = self.server.sender
        message["To"] = Address(display_name=_one_line(person.display_name), addr_spec=chosen.email)
        message["Date"] = format_datetime(now)
        # The same at each attempt: who gets it twice knows it again.
        message["Message-ID"] = f"<{letter.message_id}@{self.server.sender.rpartition('@')[2]}>"
        message["List-Unsubscribe"] = f"<{written.preferences_url}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(written.text)
        message.add_alternative(written.html, subtype="html")
        return message


def _one_line(name: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())
