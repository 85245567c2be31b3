"""The words of the pages about approvals. A test checks that none is missing."""

from collections.abc import Mapping
from enum import StrEnum

from domain.approval import ApprovalAct, ApprovalKind, CheckAction, CheckResult, CheckState, Feed, MatchedHow
from supervision.approvals.entries import ApprovalFault
from supervision.approvals.judging import Arrival, ArrivalFault
from web.i18n import mark

APPROVAL_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ApprovalKind: {
        ApprovalKind.LICENCE: mark("Business licence"),
        ApprovalKind.PERMIT: mark("Permit"),
        ApprovalKind.FILING: mark("Filing"),
        ApprovalKind.COMMITMENT: mark("Given on a promise"),
    },
    ApprovalAct: {
        ApprovalAct.NEW: mark("newly given"),
        ApprovalAct.CHANGED: mark("changed by its office"),
        ApprovalAct.RENEWED: mark("renewed"),
        ApprovalAct.CANCELLED: mark("cancelled by its office"),
    },
    CheckState: {
        CheckState.OPEN: mark("To be checked"),
        CheckState.TAKEN_UP: mark("Being checked"),
        CheckState.CHECKED: mark("Checked, to be sent back"),
        CheckState.EXPORTED: mark("Result sent back"),
        CheckState.WITHDRAWN: mark("Check withdrawn"),
    },
    CheckAction: {
        CheckAction.TAKE_UP: mark("Take up the check"),
        CheckAction.HAND_BACK: mark("Hand the check back"),
        CheckAction.CHECK: mark("Enter the result"),
        CheckAction.WITHDRAW: mark("Withdraw the check"),
        CheckAction.REOPEN: mark("Check again"),
        CheckAction.EXPORT: mark("Sent back"),
        CheckAction.OPENED: mark("Check opened"),
        CheckAction.MOVED_ON: mark("Goes on with a newer version"),
        CheckAction.ASSIGN: mark("Check assigned"),
        CheckAction.COMMENT: mark("Note added"),
        CheckAction.INSPECT: mark("Visit opened"),
    },
    CheckResult: {
        CheckResult.CONFORMS: mark("Conforms to the approval"),
        CheckResult.DEVIATES: mark("Deviates from the approval"),
        CheckResult.NOT_FOUND: mark("Nobody found there"),
        CheckResult.NOT_APPLICABLE: mark("Nothing to check"),
    },
    Feed: {
        Feed.FILE: mark("from a file"),
        Feed.API: mark("from a program"),
        Feed.COMMAND: mark("from the command line"),
    },
    MatchedHow: {
        MatchedHow.CREDIT_CODE: mark("by the credit code"),
        MatchedHow.LICENCE_NO: mark("by the licence number"),
        MatchedHow.PERSON: mark("by a person"),
    },
    Arrival: {
        Arrival.NEW: mark("New approval"),
        Arrival.CHANGED: mark("New version"),
        Arrival.UNCHANGED: mark("Known already"),
        Arrival.LATE: mark("Late: kept, does not hold"),
        Arrival.REFUSED: mark("Cannot be taken"),
    },
    ArrivalFault: {
        ArrivalFault.SAME_MOMENT: mark(
            "is {0}, as what is known of this number, which says other things; expected a later moment"
        ),
        ArrivalFault.NO_MOMENT: mark(
            "is missing, while what is known of this number was changed at {0}; expected when this was"
        ),
        ArrivalFault.TWICE: mark("{0} of {1} stands in the file twice, first in row {2}"),
        ArrivalFault.IN_THE_FUTURE: mark("is {0}, which is still to come"),
    },
    ApprovalFault: {
        ApprovalFault.NO_KIND: mark(
            "is {0}; expected licence (营业执照), permit (许可), filing (备案) or commitment (告知承诺)"
        ),
        ApprovalFault.NO_ACT: mark("is {0}; expected new (新办), changed (变更), renewed (延续) or cancelled (注销)"),
        ApprovalFault.NOBODY: mark(
            "is missing, and so is the licence number; expected one of them: else nobody knows whom it is about"
        ),
    },
}

#: The fields of an approval, as forms and problems name them.
APPROVAL_FIELDS: Mapping[str, str] = {
    "authority": mark("Given by"),
    "number": mark("Number of the approval"),
    "kind": mark("What was given"),
    "act": mark("Kind of act"),
    "subject_name": mark("Whom it is about"),
    "credit_code": mark("Unified social credit code"),
    "licence_no": mark("Number of the business licence"),
    "issued_on": mark("Given on"),
    "valid_from": mark("Holds from"),
    "valid_until": mark("Holds until"),
    "scope": mark("What it allows"),
    "changed_at": mark("Changed by its office at"),
}


def approval_field(name: str) -> str:
    """Return the message for a field of an approval, its own name where it has none."""
    return APPROVAL_FIELDS.get(name, name)
