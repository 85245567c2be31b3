"""The words of the pages about exports, for the values of the domain."""

from collections.abc import Mapping
from enum import StrEnum

from domain.export import BatchState, DeliveryState, DestinationAction, ExportForm, TokenScope
from web.i18n import mark

EXPORT_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ExportForm: {
        ExportForm.PENALTY: mark("Penalty on record"),
        ExportForm.CREDIT_RECORD: mark("Credit record"),
    },
    TokenScope: {
        TokenScope.PENALTIES: mark("Read penalties"),
        TokenScope.CREDIT: mark("Read credit records"),
        TokenScope.IDENTITIES: mark("See licence numbers of individuals in full"),
    },
    BatchState: {
        BatchState.WAITING: mark("To be sent"),
        BatchState.ANSWERED: mark("Answered"),
        BatchState.WRITTEN: mark("Written to a file"),
        BatchState.GIVEN_UP: mark("Given up"),
    },
    DeliveryState: {
        DeliveryState.WAITING: mark("To be sent"),
        DeliveryState.ACCEPTED: mark("Accepted by the receiver"),
        DeliveryState.REFUSED: mark("Refused by the receiver"),
        DeliveryState.WRITTEN: mark("Written to a file"),
        DeliveryState.GIVEN_UP: mark("Given up"),
    },
    DestinationAction: {
        DestinationAction.REGISTERED: mark("Registered"),
        DestinationAction.DISABLED: mark("Switched off"),
        DestinationAction.ENABLED: mark("Switched on"),
        DestinationAction.RESENT: mark("Sent again"),
        DestinationAction.WRITTEN: mark("Written to a file"),
        DestinationAction.TESTED: mark("Tested"),
        DestinationAction.SECRET_CHANGED: mark("Secret changed"),
    },
}
