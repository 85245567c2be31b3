"""What the product itself noted in the trail of a visit, in the reader's language; people's words stay as they are."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.inspection import VisitAction
from web.i18n import mark

_Form = tuple[re.Pattern[str], str]

_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_BY_REVISIT: Final[_Form] = (re.compile(r"revisit (?P<visit>\d+)"), mark("by revisit {visit}"))

#: The forms of `supervision`, which writes them in English, and what a page says.
_FORMS: Final[Mapping[VisitAction, tuple[_Form, ...]]] = {
    VisitAction.OPEN: (
        (re.compile(r"plan (?P<plan>\d+)"), mark("by random draw {plan}")),
        (re.compile(r"alert (?P<alert>\d+)\."), mark("because of alert {alert}")),
        (re.compile(r"alert (?P<alert>\d+)\. (?P<words>.+)", re.DOTALL), mark("because of alert {alert}: {words}")),
        (re.compile(r"revisit of visit (?P<visit>\d+)"), mark("to look again after visit {visit}")),
        (re.compile(r"approval check (?P<check>\d+): (?P<number>.+)"), mark("for check {check} of approval {number}")),
    ),
    VisitAction.COMBINE: (
        (
            re.compile(r"takes in (?P<visits>[\d, ]+): (?P<before>\d+) → (?P<after>\d+) questions"),
            mark("takes in visits {visits}; questions {before} → {after}"),
        ),
        (re.compile(r"part of visit (?P<visit>\d+)"), mark("part of visit {visit}")),
    ),
    VisitAction.REVISIT: (
        (
            re.compile(rf"revisit (?P<visit>\d+) \[(?P<first>{_DAY}) → (?P<last>{_DAY})\]"),
            mark("revisit {visit}, from {first} to {last}"),
        ),
    ),
    VisitAction.ACCEPT: (_BY_REVISIT,),
    VisitAction.FOLLOW: (_BY_REVISIT,),
}


def visit_note(action: VisitAction, note: str, translate: Callable[[str], str]) -> str:
    """Return the note of a step as a page shows it."""
    for form, words in _FORMS.get(action, ()):
        found = form.fullmatch(note)
        if found:
            return translate(words).format(**found.groupdict())
    return note
