"""What somebody typed about how they want to be told, read into preferences; everything wrong with it at once. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Final

from domain.alert import Severity
from domain.errors import RuleViolation, show_value
from domain.notice import PERSONAL_CHANNELS, ChannelChoice, NoticeChannel, Preferences, QuietHours

LONGEST_EMAIL: Final = 254
#: The longest that a message may wait for more, and the longest time between two: a day.
LONGEST_S: Final = 86_400
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LANGUAGES: Final = ("zh", "en")


class PreferenceProblem(StrEnum):
    """What is wrong with something typed."""

    BAD_EMAIL = "bad_email"
    BAD_TIME = "bad_time"
    NO_SPAN = "no_span"
    BAD_SEVERITY = "bad_severity"
    BAD_SECONDS = "bad_seconds"
    BAD_LANGUAGE = "bad_language"


_ENGLISH: Final[Mapping[PreferenceProblem, str]] = {
    PreferenceProblem.BAD_EMAIL: "{field} is {value}; expected an e-mail address, as name@example.com",
    PreferenceProblem.BAD_TIME: "{field} is {value}; expected a time of day, as 21:00",
    PreferenceProblem.NO_SPAN: "{field} is {value}; expected another time than the beginning",
    PreferenceProblem.BAD_SEVERITY: "{field} is {value}; expected low, medium, high, critical, or nothing",
    PreferenceProblem.BAD_SECONDS: "{field} is {value}; expected whole seconds from 0 to 86400",
    PreferenceProblem.BAD_LANGUAGE: "{field} is {value}; expected zh or en",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: with which field, and what was typed there."""

    problem: PreferenceProblem
    field: str
    value: str

    def __str__(self) -> str:
        return _ENGLISH[self.problem].format(field=self.field, value=show_value(self.value))


class BadPreferences(RuleViolation):
    """What was typed cannot be kept, and why: everything at once."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__("; ".join(map(str, complaints)))
        self.complaints = complaints


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedChannel:
    """One channel as it was typed; `minimum` empty: off."""

    minimum: str
    first_after_s: str
    window_s: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A form as it was typed; both ends of quiet hours empty: there are none."""

    language: str
    email: str
    quiet_from: str
    quiet_until: str
    breaks_through: bool
    channels: Mapping[NoticeChannel, TypedChannel]


def chosen(typed: Typed) -> Preferences:
    """Return what was typed as preferences. Raise BadPreferences naming every field that cannot be used."""
    complaints: list[Complaint] = []
    email = typed.email.strip()
    channels = {
        channel: _channel(channel, typed.channels[channel], complaints)
        for channel in PERSONAL_CHANNELS
        if channel in typed.channels
    }
    if email and (len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        complaints.append(Complaint(PreferenceProblem.BAD_EMAIL, "email", email))
    if typed.language not in _LANGUAGES:
        complaints.append(Complaint(PreferenceProblem.BAD_LANGUAGE, "language", typed.language))
    quiet = _quiet(typed, complaints)
    if complaints:
        raise BadPreferences(tuple(complaints))
    return Preferences(
        language=typed.language, email=email, quiet=quiet, breaks_through=typed.breaks_through, channels=channels
    )


def typed_of(preferences: Preferences) -> Typed:
    """Return preferences as a form shows them."""
    quiet = preferences.quiet
    return Typed(
        language=preferences.language,
        email=preferences.email,
        quiet_from="" if quiet is None else quiet.since.isoformat("minutes"),
        quiet_until="" if quiet is None else quiet.until.isoformat("minutes"),
        breaks_through=preferences.breaks_through,
        channels={
            channel: TypedChannel(
                minimum=choice.minimum or "",
                first_after_s=str(choice.first_after_s),
                window_s=str(choice.window_s),
            )
            for channel, choice in preferences.channels.items()
        },
    )


def _channel(channel: NoticeChannel, typed: TypedChannel, complaints: list[Complaint]) -> ChannelChoice:
    minimum = typed.minimum.strip()
    if minimum and minimum not in set(Severity):
        complaints.append(Complaint(PreferenceProblem.BAD_SEVERITY, f"{channel}.minimum", minimum))
        minimum = ""
    return ChannelChoice(
        minimum=Severity(minimum) if minimum else None,
        first_after_s=_seconds(typed.first_after_s, f"{channel}.first_after_s", complaints),
        window_s=_seconds(typed.window_s, f"{channel}.window_s", complaints),
    )


def _seconds(text: str, field: str, complaints: list[Complaint]) -> int:
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_S)) and int(text) <= LONGEST_S:
        return int(text)
    complaints.append(Complaint(PreferenceProblem.BAD_SECONDS, field, text))
    return 0


def _quiet(typed: Typed, complaints: list[Complaint]) -> QuietHours | None:
    ends = {"quiet_from": typed.quiet_from.strip(), "quiet_until": typed.quiet_until.strip()}
    if not any(ends.values()):
        return None
    bad = [(field, text) for field, text in ends.items() if not _CLOCK.fullmatch(text)]
    complaints.extend(Complaint(PreferenceProblem.BAD_TIME, field, text) for field, text in bad)
    if bad:
        return None
    quiet = QuietHours(*map(time.fromisoformat, ends.values()))
    if quiet.since == quiet.until:
        complaints.append(Complaint(PreferenceProblem.NO_SPAN, "quiet_until", ends["quiet_until"]))
    return quiet
