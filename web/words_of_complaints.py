"""The words of the pages for complaints and tickets."""

from collections.abc import Mapping
from enum import StrEnum

from domain.complaint import ComplaintAction, ComplaintChannel, ComplaintReason, ComplaintState, Outcome, RefuseReason
from domain.price_cap import Verdict
from supervision.complaints.clock import ClockName
from supervision.complaints.entry import EntryProblem
from web.i18n import mark

COMPLAINT_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ComplaintChannel: {
        ComplaintChannel.TICKET: mark("From the public page"),
        ComplaintChannel.FAIR_SCALE: mark("Fair scale"),
        ComplaintChannel.HOTLINE_12345: mark("Hotline 12345"),
        ComplaintChannel.HOTLINE_12315: mark("Hotline 12315"),
        ComplaintChannel.COUNTER: mark("At the market's desk"),
    },
    ComplaintReason: {
        ComplaintReason.OVER_CAP: mark("Price above the cap"),
        ComplaintReason.SHORT_WEIGHT: mark("Short weight"),
        ComplaintReason.TARE: mark("Basket or water weighed along"),
        ComplaintReason.WRONG_GOODS: mark("Other goods or another size than said"),
        ComplaintReason.AMOUNT: mark("Paid more than the ticket says"),
        ComplaintReason.OTHER: mark("Something else"),
    },
    ComplaintState: {
        ComplaintState.RECEIVED: mark("Received"),
        ComplaintState.ACCEPTED: mark("Taken on"),
        ComplaintState.INVESTIGATING: mark("Being looked into"),
        ComplaintState.ANSWERED: mark("Answered"),
        ComplaintState.CLOSED: mark("Closed for good"),
        ComplaintState.REFUSED: mark("Not taken on"),
        ComplaintState.WITHDRAWN: mark("Withdrawn by the complainant"),
    },
    ComplaintAction: {
        ComplaintAction.ACCEPT: mark("Take on"),
        ComplaintAction.REFUSE: mark("Do not take on"),
        ComplaintAction.INVESTIGATE: mark("Begin to look into it"),
        ComplaintAction.ANSWER: mark("Answer"),
        ComplaintAction.CLOSE: mark("Close"),
        ComplaintAction.REOPEN: mark("Have it looked at again"),
        ComplaintAction.WITHDRAW: mark("Withdraw"),
        ComplaintAction.FILE: mark("Complaint filed"),
        ComplaintAction.LINK: mark("Sale linked"),
        ComplaintAction.SHOW_CONTACT: mark("Contact looked at"),
        ComplaintAction.REMOVE_CONTACT: mark("Contact removed"),
    },
    RefuseReason: {
        RefuseReason.NOT_OURS: mark("Not of this market"),
        RefuseReason.NO_SUBSTANCE: mark("Says nothing that could be looked into"),
        RefuseReason.DUPLICATE: mark("Complained about already by the same person"),
        RefuseReason.NOT_REACHABLE: mark(
            "The complainant cannot be reached, and without them it cannot be looked into"
        ),
    },
    Outcome: {
        Outcome.UPHELD: mark("The complaint is right"),
        Outcome.NOT_UPHELD: mark("The complaint is not right"),
        Outcome.SETTLED: mark("Settled: paid on the spot"),
    },
    ClockName: {
        ClockName.RESPOND: mark("Number given"),
        ClockName.SETTLE: mark("Paid on the spot, since the evidence is clear"),
        ClockName.VERIFY: mark("Looked into"),
        ClockName.CLOSE: mark("Complaint answered"),
    },
    EntryProblem: {
        EntryProblem.REASON_MISSING: mark("Choose what it is about."),
        EntryProblem.WORDS_MISSING: mark("Say in a few words what happened."),
        EntryProblem.WORDS_TOO_LONG: mark("Keep it to {} characters."),
        EntryProblem.CONTACT_MISSING: mark("Leave a phone number or an e-mail address: without one nobody can answer."),
        EntryProblem.CONTACT_UNUSABLE: mark(
            "“{}” is no phone number and no e-mail address. A Chinese number has 11 digits, another one begins with +"
            " and its country code."
        ),
        EntryProblem.NUMBER_MISSING: mark("Type in the number that the hotline gave it."),
        EntryProblem.NUMBER_TOO_LONG: mark("The number of the hotline has more than {} characters."),
        EntryProblem.NUMBER_NOT_WANTED: mark("“{}” is a hotline's number, and this did not come from a hotline."),
        EntryProblem.STALL_UNKNOWN: mark("The market has no stall “{}”. Leave it empty where it is not known."),
        EntryProblem.TIME_AHEAD: mark("The time {} has not been yet."),
        EntryProblem.TIME_OLD: mark("It is longer ago than {} days."),
        EntryProblem.DUE_PAST: mark("By {} it should have been answered long ago: correct the date."),
        EntryProblem.TIME_UNREADABLE: mark("“{}” is no date and time."),
    },
}

#: How a price was judged, for who bought.
VERDICT_IN_PLAIN_WORDS: Mapping[Verdict, str] = {
    Verdict.WITHIN: mark("The price is within the cap of that moment."),
    Verdict.OVER: mark("The price is above the cap of that moment."),
    Verdict.UNCAPPED: mark("No cap applied: the stall sets its own price for these goods."),
    Verdict.OUT_OF_STOCK: mark(
        "The list had no price for these goods that day: what the stall paid for them plus a markup is their cap."
    ),
    Verdict.UNLISTED: mark("These goods are not in the cap list: no cap applied."),
    Verdict.NO_LIST: mark("The cap list of that moment is not known yet. The price is judged when it arrives."),
}
PRICE_NOT_KNOWN = mark("The scale did not know the price of these goods, so it could not be judged.")
PAID_IS_OVER = mark("What was paid is above the cap of that moment, although the unit price is not.")
#: Signs beside the colour.
VERDICT_SIGNS: Mapping[Verdict, str] = {
    Verdict.WITHIN: "✓",
    Verdict.OVER: "!",
    Verdict.UNCAPPED: "–",
    Verdict.OUT_OF_STOCK: "–",
    Verdict.UNLISTED: "–",
    Verdict.NO_LIST: "…",
}
