"""`policy/supervision.toml`: how alerts are handled. Which days count, what may be appealed, what has to be proved."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from supervision.deadlines.policy import DeadlinePolicy
from supervision.deadlines.working_days import WorkingCalendar
from tables.toml_file import read_toml

_Positive = Annotated[int, Meta(ge=1)]
_Percent = Annotated[int, Meta(ge=1, le=100)]


class CalendarPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holidays of the authorities."""

    known_to: date
    days_off: tuple[date, ...]
    worked_weekends: tuple[date, ...]


class AppealPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when a decision may be appealed."""

    working_days: _Positive


class RectificationPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a vendor has, in calendar days, and what proves that they rectified."""

    usual_days: _Positive
    longest_days: _Positive
    needs_photo: bool


class PhotoPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a photo may be when it comes, and what is kept of it. Lengths in pixels."""

    largest_bytes: _Positive
    most_pixels: _Positive
    most_pixels_whole: _Positive
    longest_side: _Positive
    thumbnail_side: _Positive
    jpeg_quality: Annotated[int, Meta(ge=30, le=95)]
    most_of_an_alert: _Positive


class WatchPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on a share of how a market or a person handles alerts is marked for the regulator."""

    fewest_decisions: _Positive
    dismissed_percent: _Percent
    closed_without_evidence_percent: _Percent
    missed_percent: _Percent


class SupervisionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    calendar: CalendarPolicy
    appeal: AppealPolicy
    rectification: RectificationPolicy
    photo: PhotoPolicy
    deadlines: DeadlinePolicy
    watch: WatchPolicy

    @property
    def working_calendar(self) -> WorkingCalendar:
        """The calendar that working days are counted by."""
        return WorkingCalendar(
            days_off=frozenset(self.calendar.days_off),
            worked_weekends=frozenset(self.calendar.worked_weekends),
            known_to=self.calendar.known_to,
        )


def read_supervision_policy(path: Path) -> SupervisionPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, SupervisionPolicy, _problems)


def _problems(policy: SupervisionPolicy) -> list[str]:
    problems = policy.deadlines.problems()
    rectification = policy.rectification
    if rectification.usual_days > rectification.longest_days:
        problems.append(
            f"rectification.usual_days is {rectification.usual_days};"
            f" expected at most longest_days, {rectification.longest_days}"
        )
    if policy.photo.thumbnail_side > policy.photo.longest_side:
        problems.append(
            f"photo.thumbnail_side is {policy.photo.thumbnail_side};"
            f" expected at most longest_side, {policy.photo.longest_side}"
        )
    both = sorted(set(policy.calendar.days_off) & set(policy.calendar.worked_weekends))
    problems += [f"calendar: {day} is both in days_off and in worked_weekends" for day in both]
    late = sorted(day for day in policy.calendar.days_off if day > policy.calendar.known_to)
    problems += [
        f"calendar.days_off has {day}; expected none after known_to, {policy.calendar.known_to}" for day in late
    ]
    return problems
