"""The words of inspections and of what is inspected."""

from collections.abc import Mapping
from enum import StrEnum

from domain.inspection import PlanState, VisitAction, VisitState
from domain.supervision_item import AnswerKind, CatalogueState, Method
from web.i18n import mark

INSPECTION_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Method: {
        Method.ON_SITE: mark("On site"),
        Method.DOCUMENT: mark("By documents"),
        Method.REMOTE: mark("Remotely, by the scales' data"),
    },
    AnswerKind: {
        AnswerKind.COMPLIES: mark("complies, does not, does not apply"),
        AnswerKind.NUMBER: mark("a number"),
        AnswerKind.TEXT: mark("words"),
    },
    CatalogueState: {
        CatalogueState.DRAFT: mark("Draft, to be published by a second person"),
        CatalogueState.PUBLISHED: mark("Published version"),
        CatalogueState.DISCARDED: mark("Discarded draft"),
    },
    PlanState: {
        PlanState.PLANNED: mark("Planned"),
        PlanState.FROZEN: mark("Frozen, its hash is published"),
        PlanState.DRAWN: mark("Drawn"),
        PlanState.ABANDONED: mark("Given up"),
    },
    VisitState: {
        VisitState.DRAWN: mark("Waiting, nobody was told"),
        VisitState.NOTIFIED: mark("Told of"),
        VisitState.VISITING: mark("Under inspection"),
        VisitState.PASSED: mark("Passed"),
        VisitState.RECTIFICATION: mark("To be put right"),
        VisitState.RECTIFIED: mark("Said to be put right"),
        VisitState.CLOSED: mark("Inspection closed"),
        VisitState.ESCALATED: mark("Handed to enforcement"),
        VisitState.CANCELLED: mark("Cancelled"),
        VisitState.COMBINED: mark("Part of another visit"),
    },
    VisitAction: {
        VisitAction.OPEN: mark("Opened"),
        VisitAction.NOTIFY: mark("Tell the subject"),
        VisitAction.BEGIN: mark("Begin the visit"),
        VisitAction.PASS: mark("Nothing was found"),
        VisitAction.ORDER: mark("Order to put right"),
        VisitAction.REPORT: mark("Report that it was put right"),
        VisitAction.ACCEPT: mark("Looked at again: put right"),
        VisitAction.EXTEND: mark("Looked at again: not put right"),
        VisitAction.ESCALATE: mark("Hand to enforcement"),
        VisitAction.CLOSE: mark("Close the inspection"),
        VisitAction.CANCEL: mark("Cancel the visit"),
        VisitAction.COMBINE: mark("Combined"),
        VisitAction.SEND: mark("Inspectors named"),
        VisitAction.RECUSE: mark("Recused"),
        VisitAction.REVISIT: mark("Revisit planned"),
        VisitAction.FOLLOW: mark("Not put right: the revisit goes on with it"),
    },
}
