"""A duty: what waits in a mailbox becomes a letter, when its reader wants one."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import letters, mailboxes, notice_people, webhooks
from db.letters import LastLetter, Line
from db.mailboxes import Mailbox, Owner, WaitingItem
from domain.alert import Severity
from domain.complaint import ComplaintState
from domain.notice import NoticeChannel, NoticeKind
from domain.promise import PromiseState
from supervision.alerts.states import AWAITING
from supervision.approvals.states import UNFINISHED
from supervision.complaints.states import AWAITING as UNANSWERED
from supervision.notices.addressing import preferences_of
from supervision.notices.policy import NoticesPolicy, is_at_least
from supervision.notices.timing import Decision, LastSent, Manner, Waiting, decide

#: What a webhook is sent, from its message_id, the moment and what the letter tells of.
Body = Callable[[str, datetime, Sequence[Line]], bytes]

#: News about an alert that somebody decided on meanwhile is none any more.
_OF_UNDECIDED: Final = frozenset({NoticeKind.ALERT_OPENED, NoticeKind.ALERT_GRAVER})
#: News about a complaint that is beyond it is none any more.
_OF_COMPLAINTS: Final = {
    NoticeKind.COMPLAINT_RECEIVED: frozenset({ComplaintState.RECEIVED}),
    NoticeKind.COMPLAINT_REOPENED: UNANSWERED,
    NoticeKind.COMPLAINT_OVERDUE: UNANSWERED,
}
#: News about a promise that stands otherwise by now is none any more.
_OF_PROMISES: Final = {
    NoticeKind.PROMISE_LAPSING: PromiseState.OFFERED,
    NoticeKind.PROMISE_LAPSED: PromiseState.LAPSED,
    NoticeKind.PROMISE_BROKEN: PromiseState.BROKEN,
}
_ID_BYTES: Final = 16
_RANKS: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Posting:
    """Each mailbox is looked at by one clerk at a time; what it decides is written in the same transaction."""

    policy: NoticesPolicy
    body: Body
    name: str = "posting"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Look at every mailbox that is due; return when the next one is."""
        while self._look_at_one(conn, now):
            pass
        return mailboxes.next_look(conn)

    def _look_at_one(self, conn: Connection, now: datetime) -> bool:
        with conn.transaction():
            found = mailboxes.take_due(conn, now)
            if found is None:
                return False
            waiting = mailboxes.waiting(conn, found.mailbox_id)
            manner = manner_for(conn, found.owner, self.policy)
            if manner is None:
                mailboxes.drop(conn, found.mailbox_id, [one.happening_id for one in waiting], now)
                mailboxes.set_look(conn, found.mailbox_id, None)
                return True
            last = letters.last_of(conn, found.mailbox_id)
            sent = None if last is None else LastSent(last.at, last.is_unread)
            decision = decide([_judged(one, manner.minimum) for one in waiting], manner.manner, sent, now)
            self._carry_out(conn, found, waiting, decision, last, now)
        return True

    def _carry_out(
        self,
        conn: Connection,
        found: Mailbox,
        waiting: Sequence[WaitingItem],
        decision: Decision,
        last: LastLetter | None,
        now: datetime,
    ) -> None:
        mailboxes.drop(conn, found.mailbox_id, decision.drop, now)
        look_at = decision.look_at
        if decision.send:
            self._send(conn, found, waiting, decision, last, now)
        if look_at is None and len(waiting) >= mailboxes.MOST_WAITING:
            look_at = now
        mailboxes.set_look(conn, found.mailbox_id, look_at)

    def _send(
        self,
        conn: Connection,
        found: Mailbox,
        waiting: Sequence[WaitingItem],
        decision: Decision,
        last: LastLetter | None,
        now: datetime,
    ) -> None:
        sent = set(decision.send)
        worst = max((one.severity for one in waiting if one.happening_id in sent), key=_RANKS.index)
        if decision.joins and last is not None:
            grown = worst if last.worst is None else max(worst, Severity(last.worst), key=_RANKS.index)
            if letters.grow(conn, last.letter_id, len(sent), grown, now):
                mailboxes.put_into_letter(conn, found.mailbox_id, last.letter_id, sent)
                return
        message_id = new_message_id()
        letter_id = letters.write(
            conn,
            mailbox_id=found.mailbox_id,
            channel=found.owner.channel,
            message_id=message_id,
            at=now,
            items=len(sent),
            worst=worst,
        )
        mailboxes.put_into_letter(conn, found.mailbox_id, letter_id, sent)
        if found.owner.channel is NoticeChannel.WEBHOOK:
            told = letters.lines(conn, [letter_id], len(sent))
            letters.set_body(conn, letter_id, self.body(message_id, now, told))


@dataclass(frozen=True, slots=True)
class ReaderManner:
    """How a reader is told, and from which severity on."""

    minimum: Severity
    manner: Manner


def new_message_id() -> str:
    """Return a name that no other message has."""
    return f"msg_{secrets.token_hex(_ID_BYTES)}"


def manner_for(conn: Connection, owner: Owner, policy: NoticesPolicy) -> ReaderManner | None:
    """Return how a mailbox's owner is told now; None: by this channel of nothing any more."""
    if owner.user_id is not None:
        return _of_person(conn, owner.user_id, owner.channel, policy)
    endpoint = None if owner.endpoint_id is None else webhooks.by_id(conn, owner.endpoint_id)
    if endpoint is None or endpoint.disabled_at is not None:
        return None
    manner = Manner(
        first_after=timedelta(),
        window=timedelta(seconds=endpoint.window_s),
        urgent_gap=timedelta(),
        timezone=policy.timezone,
        breaks_through=True,
        most=policy.webhook.most,
    )
    return ReaderManner(endpoint.minimum, manner)


def _of_person(conn: Connection, user_id: int, channel: NoticeChannel, policy: NoticesPolicy) -> ReaderManner | None:
    person = notice_people.by_id(conn, user_id)
    if person is None:
        return None
    chosen = preferences_of(person, policy)
    choice = chosen.channels.get(channel)
    is_reachable = channel is not NoticeChannel.EMAIL or bool(chosen.email)
    if choice is None or choice.minimum is None or not is_reachable:
        return None
    manner = Manner(
        first_after=timedelta(seconds=choice.first_after_s),
        window=timedelta(seconds=choice.window_s),
        urgent_gap=policy.urgent_gap,
        timezone=person.timezone or policy.timezone,
        quiet=chosen.quiet,
        breaks_through=chosen.breaks_through,
        grows=channel is NoticeChannel.PAGE,
    )
    return ReaderManner(choice.minimum, manner)


def _judged(one: WaitingItem, minimum: Severity) -> Waiting:
    """What its reader does not ask for any more is as moot as what was decided on, done or answered."""
    is_decided = one.kind in _OF_UNDECIDED and one.alert_state is not None and one.alert_state not in AWAITING
    is_done = one.check_state is not None and one.check_state not in UNFINISHED
    is_beyond = one.complaint_state is not None and one.complaint_state not in _OF_COMPLAINTS.get(one.kind, UNANSWERED)
    is_otherwise = one.promise_state is not _OF_PROMISES.get(one.kind, one.promise_state)
    return Waiting(
        happening_id=one.happening_id,
        at=one.at,
        severity=one.severity,
        is_moot=is_decided or is_done or is_beyond or is_otherwise or not is_at_least(one.severity, minimum),
    )
