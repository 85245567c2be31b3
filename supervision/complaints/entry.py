"""What somebody typed of a complaint, and everything that is wrong with it. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.complaint import ComplaintChannel, ComplaintReason, Contact, Ticket
from domain.errors import RuleViolation, show_value
from domain.ids import MarketId, StallId
from supervision.complaints.contacts import contact_of
from supervision.complaints.policy import Filing

HOTLINES: Final = frozenset({ComplaintChannel.HOTLINE_12345, ComplaintChannel.HOTLINE_12315})
#: Who files these is not known to the product: they leave a contact, and are limited.
FROM_OUTSIDE: Final = frozenset({ComplaintChannel.TICKET})
LONGEST_NUMBER: Final = 64
_AHEAD: Final = timedelta(minutes=10)


class EntryProblem(StrEnum):
    """What is wrong with a complaint, as a page says it; `{}` takes the value."""

    REASON_MISSING = "reason_missing"
    WORDS_MISSING = "words_missing"
    WORDS_TOO_LONG = "words_too_long"
    CONTACT_MISSING = "contact_missing"
    CONTACT_UNUSABLE = "contact_unusable"
    NUMBER_MISSING = "number_missing"
    NUMBER_TOO_LONG = "number_too_long"
    NUMBER_NOT_WANTED = "number_not_wanted"
    STALL_UNKNOWN = "stall_unknown"
    TIME_AHEAD = "time_ahead"
    TIME_OLD = "time_old"
    DUE_PAST = "due_past"
    TIME_UNREADABLE = "time_unreadable"


_P = EntryProblem
#: Of each problem: the field, and what is expected there; `{}` takes the limit that the problem comes with.
_EXPECTED: Final[Mapping[EntryProblem, tuple[str, str]]] = {
    _P.REASON_MISSING: ("reason", "what it is about"),
    _P.WORDS_MISSING: ("words", "what happened"),
    _P.WORDS_TOO_LONG: ("words", "at most {} characters"),
    _P.CONTACT_MISSING: ("contact", "a phone number or an e-mail address"),
    _P.CONTACT_UNUSABLE: ("contact", "a phone number or an e-mail address"),
    _P.NUMBER_MISSING: ("channel_no", "the number that the hotline gave it"),
    _P.NUMBER_TOO_LONG: ("channel_no", "at most {} characters"),
    _P.NUMBER_NOT_WANTED: ("channel_no", "nothing: only a hotline gives a number"),
    _P.STALL_UNKNOWN: ("stall_id", "a stall of this market"),
    _P.TIME_AHEAD: ("occurred_at", "a time that is past"),
    _P.TIME_OLD: ("occurred_at", "a time within the last {} days"),
    _P.DUE_PAST: ("channel_due_at", "a time that is not long past"),
    _P.TIME_UNREADABLE: ("occurred_at", "a time as 2026-11-27T09:30"),
}


def _said(problem: EntryProblem, value: str) -> str:
    field_name, expected = _EXPECTED[problem]
    if not value:
        return f"{field_name} is missing; expected {expected}"
    found = "too much" if "{}" in expected else show_value(value)
    return f"{field_name} is {found}; expected {expected.format(value)}"


class BadComplaint(RuleViolation):
    """A complaint that cannot be taken as it is: every problem at once, each with its value. `field`: of the first."""

    def __init__(self, problems: tuple[tuple[EntryProblem, str], ...]) -> None:
        super().__init__("; ".join(_said(problem, value) for problem, value in problems))
        self.problems = problems
        self.field = _EXPECTED[problems[0][0]][0] if problems else "reason"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A complaint as it was typed. `contact` as typed; `reason` None where none was chosen.

    `reweighing_id`: the load weighed again that it is about. `unreadable`: times that could not be read.
    """

    market_id: MarketId
    channel: ComplaintChannel
    reason: ComplaintReason | None
    words: str
    contact: str = ""
    channel_no: str = ""
    stall_id: str = ""
    occurred_at: datetime | None = None
    channel_due_at: datetime | None = None
    ticket: Ticket | None = None
    reweighing_id: int | None = None
    unreadable: tuple[str, ...] = field(default=())

    @property
    def digest(self) -> bytes:
        """SHA-256 over what is said, to tell a repetition from another complaint with the same number."""
        said = (
            *(self.market_id, self.channel, self.channel_no.strip(), str(self.reason or ""), self.words.strip()),
            *(self.stall_id.strip(), "" if self.occurred_at is None else self.occurred_at.isoformat()),
            "" if self.ticket is None else f"{self.ticket.scale_id}/{self.ticket.journal_id}/{self.ticket.seq}",
        )
        return hashlib.sha256("\0".join(said).encode()).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A complaint that can be taken."""

    entry: Entry
    reason: ComplaintReason
    words: str
    contact: Contact | None
    stall_id: StallId | None


def check(entry: Entry, *, stall_is_known: bool, now: datetime, filing: Filing) -> Checked:
    """Return a complaint that can be taken. Raise BadComplaint naming everything that is missing or wrong."""
    problems = tuple(_problems(entry, stall_is_known=stall_is_known, now=now, filing=filing))
    if problems or entry.reason is None:
        raise BadComplaint(problems)
    stall = entry.stall_id.strip()
    return Checked(
        entry=entry,
        reason=entry.reason,
        words=entry.words.strip(),
        contact=contact_of(entry.contact),
        stall_id=StallId(stall) if stall else None,
    )


def _problems(
    entry: Entry, *, stall_is_known: bool, now: datetime, filing: Filing
) -> Iterator[tuple[EntryProblem, str]]:
    if entry.reason is None:
        yield EntryProblem.REASON_MISSING, ""
    words = entry.words.strip()
    if not words:
        yield EntryProblem.WORDS_MISSING, ""
    elif len(words) > filing.longest_words:
        yield EntryProblem.WORDS_TOO_LONG, str(filing.longest_words)
    yield from _contact_problems(entry)
    yield from _number_problems(entry)
    if entry.stall_id.strip() and not stall_is_known:
        yield EntryProblem.STALL_UNKNOWN, entry.stall_id.strip()
    for value in entry.unreadable:
        yield EntryProblem.TIME_UNREADABLE, value
    if entry.occurred_at is not None and entry.occurred_at > now + _AHEAD:
        yield EntryProblem.TIME_AHEAD, entry.occurred_at.isoformat(timespec="minutes")
    if entry.occurred_at is not None and entry.occurred_at < now - timedelta(days=filing.oldest_days):
        yield EntryProblem.TIME_OLD, str(filing.oldest_days)
    if entry.channel_due_at is not None and entry.channel_due_at <= now - timedelta(days=filing.oldest_days):
        yield EntryProblem.DUE_PAST, entry.channel_due_at.isoformat(timespec="minutes")


def _contact_problems(entry: Entry) -> Iterator[tuple[EntryProblem, str]]:
    if entry.contact.strip():
        if contact_of(entry.contact) is None:
            yield EntryProblem.CONTACT_UNUSABLE, entry.contact.strip()[:LONGEST_NUMBER]
    elif entry.channel not in HOTLINES:
        yield EntryProblem.CONTACT_MISSING, ""


def _number_problems(entry: Entry) -> Iterator[tuple[EntryProblem, str]]:
    number = entry.channel_no.strip()
    if entry.channel in HOTLINES and not number:
        yield EntryProblem.NUMBER_MISSING, ""
    elif entry.channel not in HOTLINES and number:
        yield EntryProblem.NUMBER_NOT_WANTED, number[:LONGEST_NUMBER]
    elif len(number) > LONGEST_NUMBER:
        yield EntryProblem.NUMBER_TOO_LONG, str(LONGEST_NUMBER)
