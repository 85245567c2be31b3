"""Notes that the product itself wrote into the trail of a check, in the reader's language; people's words stay."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.approval import CheckAction
from web.i18n import mark
from web.words_of_approvals import approval_field

#: The forms of `supervision.approvals`, which writes them in English, and what a page says.
_FORMS: Final[Mapping[CheckAction, tuple[re.Pattern[str], str]]] = {
    CheckAction.OPENED: (re.compile(r"version (?P<version>\d+)"), mark("of version {version}")),
    CheckAction.MOVED_ON: (
        re.compile(r"version (?P<before>\d+) → (?P<version>\d+): (?P<fields>[\w, ]+)"),
        mark("from version {before} to version {version}: {fields}"),
    ),
    CheckAction.EXPORT: (re.compile(r"export (?P<export>\d+)"), mark("with export {export}")),
    CheckAction.INSPECT: (re.compile(r"inspection (?P<visit>\d+)"), mark("by visit {visit}")),
}


def note_in_words(action: CheckAction, note: str, translate: Callable[[str], str], between: str) -> str:
    """Return the note of a step as a page shows it; `between` stands between the names of fields."""
    form = _FORMS.get(action)
    found = form[0].fullmatch(note) if form else None
    if form is None or found is None:
        return note
    told = found.groupdict()
    if "fields" in told:
        told["fields"] = between.join(translate(approval_field(name)) for name in told["fields"].split(", "))
    return translate(form[1]).format(**told)
