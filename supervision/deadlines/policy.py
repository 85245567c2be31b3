"""`[deadlines]` of policy/supervision.toml: how long each step may take, by severity, in time that counts."""

from datetime import time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from domain.alert import Severity
from supervision.deadlines.hours import Hours, Span
from supervision.deadlines.working_days import WorkingCalendar


class Deadline(StrEnum):
    """What is due."""

    RESPOND = "respond"
    DECIDE = "decide"
    FOLLOW_UP = "follow_up"
    RECTIFY = "rectify"
    CHECK = "check"
    SETTLE = "settle"
    ANSWER_APPEAL = "answer_appeal"


#: Time that always counts.
ALWAYS: Final = "always"
#: An alert about the record of a device has no severity.
_OF_DEVICES: Final = "device"


class HoursPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours of a day, "HH:MM-HH:MM", and on which days."""

    spans: tuple[Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")], ...]
    days: Literal["every", "working"]

    @property
    def read(self) -> tuple[Span, ...]:
        """The spans as times."""
        pairs = (span.split("-") for span in self.spans)
        return tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)


class Within(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many minutes of the hours of that name."""

    minutes: Annotated[int, Meta(ge=1)]
    hours: str


class BySeverity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a step may take; `device` where an alert has no severity."""

    critical: Within
    high: Within
    medium: Within
    low: Within
    device: Within


class DeadlinePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long every step may take. A rectification is due on the day it is ordered for."""

    remind_after_percent: Annotated[int, Meta(ge=1, le=99)]
    hours: dict[str, HoursPolicy]
    respond: BySeverity
    decide: BySeverity
    follow_up: BySeverity
    check: BySeverity
    settle: BySeverity
    answer_appeal: BySeverity

    def within(self, deadline: Deadline, severity: Severity | None) -> Within | None:
        """Return how long a step may take; None for a rectification."""
        if deadline is Deadline.RECTIFY:
            return None
        by_severity: BySeverity = getattr(self, deadline)
        found: Within = getattr(by_severity, severity or _OF_DEVICES)
        return found

    def hours_of(self, within: Within, calendar: WorkingCalendar, timezone: str) -> Hours:
        """Return the hours a figure counts in, by the clock of a market."""
        if within.hours == ALWAYS:
            return Hours(spans=(), calendar=None, timezone=timezone)
        named = self.hours[within.hours]
        return Hours(spans=named.read, calendar=calendar if named.days == "working" else None, timezone=timezone)

    def problems(self) -> list[str]:
        """Return everything that is wrong with the figures."""
        found = []
        for name, hours in self.hours.items():
            if name == ALWAYS:
                found.append(f"deadlines.hours.{ALWAYS} is named; expected another name: it always means all the time")
            found += [f"deadlines.hours.{name}: {one}" for one in _problems_of(hours.read)]
        for deadline in Deadline:
            if deadline is Deadline.RECTIFY:
                continue
            for severity in BySeverity.__struct_fields__:
                named = getattr(getattr(self, deadline), severity).hours
                if named != ALWAYS and named not in self.hours:
                    known = ", ".join([ALWAYS, *self.hours])
                    found.append(f"deadlines.{deadline}.{severity}.hours is {named!r}; expected one of {known}")
        return found


def _problems_of(spans: tuple[Span, ...]) -> list[str]:
    if not spans:
        return ["has no spans; expected at least one"]
    found = [f"{s.opens:%H:%M}-{s.closes:%H:%M} ends before it begins" for s in spans if s.closes <= s.opens]
    for before, following in pairwise(spans):
        if following.opens < before.closes:
            found.append(f"{following.opens:%H:%M} is not after the span before, which ends at {before.closes:%H:%M}")
    return found
