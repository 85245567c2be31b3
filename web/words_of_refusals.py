"""The words of a page for why a step with an alert was refused. A test checks that none is missing."""

from collections.abc import Mapping
from typing import Final

from domain.alert_step import AlertAction
from domain.errors import FieldRefused
from supervision.alerts.needs import Field, Problem
from supervision.alerts.photos import PhotoProblem
from web.i18n import mark
from web.words_of_promises import NOT_OFFERED_WORDS

#: What is missing, by its field.
_MISSING: Final[Mapping[str, str]] = {
    Field.REASON: mark("A dismissal needs a reason. Choose one and send it again."),
    Field.NOTE: mark("Say why in the note, and send it again."),
    Field.DUE_ON: mark("Say until which day it is to be put right."),
    Field.INTO: mark("Say with which alert it is handled."),
    Field.PENALTY: mark("Fill in number, authority, day and decision as the document says them."),
    "photo": mark("Add a photo and send it again."),
    "document_no": mark("Fill in the number of the document."),
    "authority": mark("Fill in the authority that decided."),
    "decided_on": mark("Fill in the day of the decision."),
    "decision": mark("Fill in what was decided, in the document's words."),
}
_PROBLEMS: Final[Mapping[str, str]] = {
    Problem.MISSING: mark("Something is missing. Fill it in and send it again."),
    Problem.NOT_TAKEN: mark("This step takes no such value. Leave it empty and send it again."),
    Problem.TOO_LONG: mark("That is too long. Shorten it and send it again."),
    Problem.NOT_A_DAY: mark("That is no day. Write it as 2026-11-27."),
    Problem.NOT_A_DAY_TO_COME: mark("The day is past, or further away than the policy allows."),
    Problem.NOT_DECIDED_YET: mark("The decision cannot be of a day to come."),
    Problem.NO_SUCH_PERSON: mark("There is no such person who handles alerts of this market."),
    Problem.NO_OTHER_ALERT: mark("There is no other alert of this number in the market."),
    Problem.OF_ANOTHER_SUBJECT: mark(
        "That alert is about another vendor or scale. Only alerts about the same go together."
    ),
    Problem.DECIDED_ALREADY: mark("That alert is decided already. Choose one that is not."),
    Problem.ANOTHER_IS_OPEN: mark("Another alert of the same kind and day is open. Decide on that one first."),
    Problem.NO_PHOTO_SINCE: mark("A photo has to show what was put right. Add one and send it again."),
    Problem.TOO_LATE: mark("The days in which it could be appealed are over."),
    Problem.APPEALED_ALREADY: mark("This decision was appealed before. It can be appealed once."),
    Problem.OWN_DECISION: mark(
        "Whoever took the decision does not decide on the appeal against it. Somebody else has to."
    ),
    Problem.NO_VENDOR: mark("No vendor was bound to this scale then, so nobody can answer for it. Bind it first."),
    Problem.DECIDED_IN_A_CASE: mark("The alert is in a case that is not decided yet. Record the decision there."),
    **{reason.value: words for reason, words in NOT_OFFERED_WORDS.items()},
    PhotoProblem.TOO_LARGE: mark("The photo is too large."),
    PhotoProblem.NO_PHOTO: mark("That is no photo. JPEG, PNG and WebP are taken."),
    PhotoProblem.CUT_OFF: mark("The photo is cut off. Send it again."),
    PhotoProblem.TOO_MANY_PIXELS: mark("The photo has too many pixels."),
    PhotoProblem.TOO_MANY: mark("The alert has as many photos as it may have."),
}
_WHY_OVERTURNED: Final = mark("To overturn a confirmed alert, say why in the note.")


def message_of_refusal(action: AlertAction, error: FieldRefused) -> str:
    """Return the message to translate for a refused field of a step."""
    if error.problem != Problem.MISSING:
        return _PROBLEMS.get(error.problem, _PROBLEMS[Problem.NOT_TAKEN])
    if action is AlertAction.OVERTURN and error.field == Field.NOTE:
        return _WHY_OVERTURNED
    return _MISSING.get(error.field, _PROBLEMS[Problem.MISSING])
