"""The words of inspections and of what is inspected."""

from collections.abc import Mapping
from enum import StrEnum

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
}
