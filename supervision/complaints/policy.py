"""`policy/complaints.toml`: how fast complaints are answered, how often one may complain, how long contacts stay."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from supervision.complaints.limits import ByWhat, Limit, Purpose
from tables.toml_file import read_toml

_Positive = Annotated[int, Meta(ge=1)]


class Clocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds from its receipt (or reopening) by the clock on the wall: no business hours."""

    respond_s: _Positive
    settle_s: _Positive
    verify_s: _Positive
    close_s: _Positive


class Contacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long after its end a complaint keeps its contact."""

    keep_days: _Positive

    @property
    def keep(self) -> timedelta:
        """The same as a span."""
        return timedelta(days=self.keep_days)


class Reopening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long after the answer the complainant may have it looked at again, once."""

    within_days: _Positive

    @property
    def within(self) -> timedelta:
        """The same as a span."""
        return timedelta(days=self.within_days)


class Filing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken: texts so long at most, sales at most so old."""

    longest_words: _Positive
    oldest_days: _Positive


class Tickets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ticket without its code is found by stall, time and amount; the time may be off by so much."""

    within_minutes: _Positive


class LimitEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many in a window, by an address's prefix, a contact, a ticket or a market."""

    purpose: Purpose
    by: ByWhat
    most: _Positive
    within_s: _Positive


class Prefixes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of an address is one: a household has a whole IPv6 network."""

    ipv4_bits: Annotated[int, Meta(ge=8, le=32)]
    ipv6_bits: Annotated[int, Meta(ge=16, le=128)]


class ComplaintsPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    clocks: Clocks
    reopening: Reopening
    contacts: Contacts
    filing: Filing
    tickets: Tickets
    prefixes: Prefixes
    limit: tuple[LimitEntry, ...]

    def limits_of(self, purpose: Purpose) -> tuple[Limit, ...]:
        """Return what limits one thing that is done."""
        return tuple(
            Limit(purpose=one.purpose, by=one.by, most=one.most, within=timedelta(seconds=one.within_s))
            for one in self.limit
            if one.purpose is purpose
        )


def read_complaints_policy(path: Path) -> ComplaintsPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, ComplaintsPolicy, _problems)


def _problems(policy: ComplaintsPolicy) -> list[str]:
    clocks = policy.clocks
    spans = (clocks.respond_s, clocks.settle_s, clocks.verify_s, clocks.close_s)
    problems = []
    if list(spans) != sorted(spans):
        problems.append(f"clocks are {spans}; expected respond_s <= settle_s <= verify_s <= close_s")
    by_address = {one.purpose for one in policy.limit if one.by is ByWhat.ADDRESS}
    problems += [
        f"limit: {purpose} has none by address; expected at least that one"
        for purpose in Purpose
        if purpose not in by_address
    ]
    known = [(one.purpose, one.by, one.within_s) for one in policy.limit]
    twice = sorted({one for one in known if known.count(one) > 1})
    problems += [f"limit {purpose} by {by} within {within_s} s stands twice" for purpose, by, within_s in twice]
    if policy.contacts.keep_days < policy.reopening.within_days:
        problems.append(
            f"contacts.keep_days is {policy.contacts.keep_days}; expected at least"
            f" reopening.within_days ({policy.reopening.within_days}): who is to be called again must be known"
        )
    return problems
