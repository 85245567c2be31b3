"""The words of cases and of the publicity list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.case import CaseAction, CaseCause, CaseOutcome, CaseState
from domain.publicity import PenaltyKind, PublicityField, TakenOffWhy
from supervision.cases.legal_bases import SourceKind
from web.i18n import mark

CASE_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    CaseState: {
        CaseState.OPENED: mark("Opened as a case"),
        CaseState.INVESTIGATING: mark("Being investigated"),
        CaseState.NOTIFIED: mark("Vendor told what is intended"),
        CaseState.HEARD: mark("Vendor heard"),
        CaseState.DECIDED: mark("Case decided"),
        CaseState.CLOSED: mark("Case closed"),
        CaseState.REVOKED: mark("Decision revoked"),
    },
    CaseCause: {
        CaseCause.ALERT: mark("An alert"),
        CaseCause.FINDING: mark("Findings of an inspection"),
        CaseCause.REASON: mark("A regulator's own reason"),
    },
    CaseAction: {
        CaseAction.OPEN: mark("Opened as a case"),
        CaseAction.INVESTIGATE: mark("Investigate"),
        CaseAction.NOTIFY: mark("Tell the vendor what is intended"),
        CaseAction.HEAR: mark("Record what the vendor said"),
        CaseAction.DECIDE: mark("Record the decision"),
        CaseAction.CLOSE: mark("Close the case"),
        CaseAction.REVOKE: mark("Revoke the decision"),
        CaseAction.REOPEN: mark("Take the case up again"),
        CaseAction.ASSIGN: mark("Assign an officer"),
        CaseAction.COMMENT: mark("Comment"),
        CaseAction.ADD_ALERT: mark("Alert added"),
        CaseAction.ADD_FINDING: mark("Findings added"),
        CaseAction.ALERT_OVERTURNED: mark("Alert overturned"),
        CaseAction.FREEZE: mark("Evidence frozen"),
    },
    CaseOutcome: {
        CaseOutcome.PENALISED: mark("A penalty was decided"),
        CaseOutcome.NO_PENALTY: mark("No penalty although the breach stands"),
        CaseOutcome.TRANSFERRED: mark("Transferred to another authority"),
        CaseOutcome.DROPPED: mark("Dropped: there was no breach"),
    },
    PenaltyKind: {
        PenaltyKind.WARNING: mark("Warning"),
        PenaltyKind.FINE: mark("Fine"),
        PenaltyKind.CONFISCATION: mark("Confiscation"),
        PenaltyKind.LICENCE: mark("Licence suspended or revoked"),
        PenaltyKind.SUSPENSION: mark("Business suspended"),
        PenaltyKind.OTHER: mark("Another penalty"),
        PenaltyKind.UNSTATED: mark("Kind not stated"),
    },
    PublicityField: {
        PublicityField.GENERAL: mark("General matters"),
        PublicityField.FOOD: mark("Food, medicine, special equipment"),
    },
    TakenOffWhy: {
        TakenOffWhy.REPAIRED: mark("Repaired"),
        TakenOffWhy.EXPIRED: mark("Term over"),
        TakenOffWhy.REVOKED: mark("Revoked"),
    },
    SourceKind: {
        SourceKind.LAW_TEXT: mark("Read in the law's text"),
        SourceKind.SECOND_HAND: mark("Second-hand, not checked against the law's text"),
    },
}

#: Why a field of a case, a decision or a request is refused.
PROBLEMS: Final[Mapping[str, str]] = {
    "missing": mark("Something is missing that has to be said."),
    "too_long": mark("What you wrote is too long."),
    "not_notified": mark("A penalty is decided only after the vendor was told what is intended."),
    "not_decided_yet": mark("The day of the decision is still to come."),
    "not_a_day": mark("The day of delivery is not between the decision and today."),
    "no_such_basis": mark("There is no such legal basis."),
    "not_taken": mark("An amount goes only with a penalty, and is not below 0."),
    "not_an_amount": mark("The amount is in yuan, as the document says it."),
    "needs_document": mark("A decision is recorded with its document, in its own form."),
    "own_decision": mark("You had a part in what this case rests on: name another regulator who decides with you."),
    "no_such_person": mark("There is no such regulator."),
    "no_alert": mark("No alert of the case is with the authority."),
    "no_finding": mark("Choose what the inspection found not to comply."),
    "no_such_vendor": mark("There is no such vendor in this market."),
    "known_already": mark("A decision with this document is recorded already."),
    "too_early": mark("It may not be repaired yet."),
    "of_another_subject": mark("That alert is not of this vendor."),
    "not_escalated": mark("That alert is not with the authority: hand it over first."),
    "in_another_case": mark("That alert is in a case already."),
    "decided_already": mark("This case takes no more alerts."),
}

#: What forms call the fields that a refusal names.
FIELDS: Final[Mapping[str, str]] = {
    "outcome": mark("Outcome"),
    "document_no": mark("Number of the document"),
    "authority": mark("Deciding authority"),
    "decided_on": mark("Day of the decision"),
    "delivered_on": mark("Delivered on (optional)"),
    "decision": mark("What was decided, in the document's words"),
    "basis": mark("Legal basis"),
    "basis_code": mark("Legal basis"),
    "basis_reason": mark("Why that one"),
    "kind": mark("Kind of penalty"),
    "field": mark("What it is about"),
    "amount": mark("Amount in the document (yuan, optional)"),
    "amount_fen": mark("Amount in the document (yuan, optional)"),
    "together_with": mark("Decided together with"),
    "officer": mark("Officer"),
    "alert_id": mark("Another alert of this vendor"),
    "vendor": mark("Vendor number"),
    "vendor_id": mark("Vendor number"),
    "market": mark("Market"),
    "reason": mark("Reason"),
    "note": mark("Note"),
    "corrected": mark("What was corrected"),
    "duties": mark("Which duties were done"),
    "promise": mark("What is promised"),
}
