"""The words of a page for why a step with a version of the credit rules was refused."""

from collections.abc import Mapping
from typing import Final

from credit.rules.enacting import Problem
from domain.errors import FieldRefused, RuleViolation
from web.i18n import mark

_WORDS: Final[Mapping[str, str]] = {
    Problem.KNOWN: mark("There is a version of this name already. Give the file another one."),
    Problem.NOT_LATER: mark("It would begin before a version that is in force already, or on the same day."),
    Problem.PAST: mark("It would begin today or earlier. Choose a later day: what was scored stays as it was."),
    Problem.SAME_PERSON: mark("You proposed it. Somebody else puts it in force."),
    Problem.DECIDED: mark("Somebody was faster. Your step was not taken; this is how it stands."),
    Problem.NO_NOTE: mark("Say why in a few words, and send it again."),
    Problem.OTHER_APPEAL: mark("The days for an appeal are other ones than those that alerts are handled by."),
}


def words_of_refusal(error: RuleViolation) -> tuple[str, str]:
    """Return the sentence to translate, and what was found and expected, as it is."""
    expected = error.expected if isinstance(error, FieldRefused) else str(error)
    return _WORDS[error.problem], expected
