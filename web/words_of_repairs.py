"""The words of the pages for repair of credit: states, conditions, and why something is refused."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from credit.repairs.conditions import Checked, Condition, ConditionName
from credit.repairs.entry import Problem
from domain.repair import Effort, RepairAction, RepairState
from web.i18n import mark

REPAIR_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    RepairState: {
        RepairState.APPLIED: mark("Repair applied for"),
        RepairState.GRANTED: mark("Repair granted"),
        RepairState.REFUSED: mark("Repair refused"),
        RepairState.WITHDRAWN: mark("Application withdrawn"),
    },
    RepairAction: {
        RepairAction.APPLY: mark("Apply for repair"),
        RepairAction.GRANT: mark("Grant the repair"),
        RepairAction.REFUSE: mark("Refuse the repair"),
        RepairAction.WITHDRAW: mark("Withdraw the application"),
    },
    Effort: {
        Effort.TRAINING: mark("Training with a certificate"),
        Effort.PROMISE: mark("A promise that was made and kept so far"),
    },
    ConditionName: {
        ConditionName.COUNTS: mark("Counts in the running cycle"),
        ConditionName.NO_VETO: mark("No veto item"),
        ConditionName.SOMETHING_LEFT: mark("Points left to give back"),
        ConditionName.RECTIFIED: mark("Put right"),
        ConditionName.CLEAN_DAYS: mark("Clean since"),
        ConditionName.EFFORT: mark("An effort shown"),
    },
}

#: What was found of a condition; its `facts` fill the places.
CHECKED_WORDS: Final[Mapping[Checked, str]] = {
    Checked.COUNTS: mark("The deduction counts in the cycle from {first} to {last}."),
    Checked.DOES_NOT_COUNT: mark("It does not count in the cycle from {first} to {last}: nothing is to be repaired."),
    Checked.IS_NO_VETO: mark("It is no veto item."),
    Checked.IS_VETO: mark("It is a veto item: none is repaired."),
    Checked.LEFT: mark("At most {left} may come back, {percent} % rounded down, less what was given before."),
    Checked.NOTHING_LEFT: mark("Nothing may come back: {percent} % rounded down, less what was given before."),
    Checked.NOTHING_ORDERED: mark("Nothing was ordered to be put right."),
    Checked.RECTIFIED: mark("It was put right, and alert {number} is closed."),
    Checked.TO_BE_RECTIFIED: mark("Alert {number} is to be put right by {day}."),
    Checked.TO_BE_CHECKED: mark("Alert {number} was reported as put right; the market has to check and close it."),
    Checked.CLEAN: mark("{days} days without a deduction since {last}."),
    Checked.NOT_CLEAN_YET: mark("{days} days without a deduction since {last} are asked for: from {day} on."),
    Checked.NOT_IN_THIS_CYCLE: mark(
        "{days} days without a deduction since {last} are asked for: from {day} on. The cycle ends on {end}, and the"
        " deduction with it."
    ),
    Checked.TRAINED: mark("Training, certificate {document}."),
    Checked.PROMISED: mark("Promise {number}, kept so far."),
    Checked.NO_EFFORT: mark("To be shown with the application: training, or a promise that was made and kept so far."),
    Checked.EFFORT_NOT_TAKEN: mark("The rules take another effort than this."),
    Checked.PROMISE_NOT_KEPT: mark("Promise {number} is none that was made and kept so far."),
}

#: By the field and its problem; `facts` fill the places.
OF_REPAIRS: Final[Mapping[tuple[str, str], str]] = {
    ("effort", Problem.MISSING): mark("Choose which effort is shown."),
    ("effort", Problem.NO_SUCH_EFFORT): mark("Choose which effort is shown."),
    ("effort", Problem.UNMET): mark("The effort that was shown is not enough. What is asked for stands below."),
    ("event_id", Problem.UNMET): mark("Not all conditions are met. What is missing stands below."),
    ("document", Problem.MISSING): mark("Write who trained whom, in what, and when."),
    ("document", Problem.TOO_LONG): mark("What is said of the training has more than {most} characters."),
    ("promise_id", Problem.MISSING): mark("Write the number of the promise."),
    ("promise_id", Problem.NOT_A_NUMBER): mark("The number of the promise is no number."),
    ("words", Problem.TOO_LONG): mark("What the vendor says has more than {most} characters."),
    ("granted", Problem.NOT_POINTS): mark("Points: “{value}” is not a whole number from 1 to {most}."),
    ("granted", Problem.NOT_TAKEN): mark("Points go only with a grant."),
    ("actor", Problem.OWN_DECISION): mark("You took this deduction. Somebody else decides on its repair."),
    ("actor", Problem.OWN_APPLICATION): mark("You filed this application. Somebody else decides on it."),
}


def condition_in_words(condition: Condition, translate: Callable[[str], str]) -> str:
    """Return what was found of a condition, in the reader's language."""
    return translate(CHECKED_WORDS[condition.found]).format_map(condition.facts)
