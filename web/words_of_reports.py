"""The words of the pages for what credit reports are asked for and compared with."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from credit.reports.checking import Match
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.periods import Preset
from web.i18n import mark

REPORT_WORDS: Final[Mapping[type[StrEnum], Mapping[StrEnum, str]]] = {
    Preset: {
        Preset.THIS_CYCLE: mark("This cycle until today"),
        Preset.LAST_MONTH: mark("Last month"),
        Preset.LAST_QUARTER: mark("Last quarter"),
    },
    AboutWhom: {
        AboutWhom.VENDOR: mark("A vendor"),
        AboutWhom.MARKET: mark("A market"),
        AboutWhom.CITY: mark("The city"),
    },
    Variant: {
        Variant.INNER: mark("Inner: what is pending is marked"),
        Variant.PUBLIC: mark("Public: final decisions only"),
    },
    Match: {
        Match.CONTENT: mark("It is the content of this report, unchanged."),
        Match.FILE: mark("It is a file of this report as it was handed out, unchanged."),
        Match.NAMES_IT: mark(
            "The file names this report, and is not one that was handed out: it was changed, or saved anew by a"
            " program. Do not rely on it; ask whoever issued the report for the file."
        ),
        Match.OTHER: mark("It is no file and no digest of this report."),
        Match.NO_DIGEST: mark("That is no SHA-256: expected are 64 characters, 0 to 9 and a to f."),
    },
}

#: Why a period was refused, by the `problem` of the refusal.
PERIOD_PROBLEMS: Final[Mapping[str, str]] = {
    "no_day": mark("{value} is no day. Write it as 2026-11-27."),
    "after_today": mark("The last day is {value}. Choose no day to come."),
    "first_after_last": mark("The first day is {value}, after the last one. Exchange them."),
    "too_long": mark("From {value} on it is longer than a year. Choose a shorter period."),
    "too_early": mark("The first day is {value}. Choose a later one."),
}
