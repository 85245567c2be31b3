"""The words of the pages about a day's caps, for the values of the domain."""

from collections.abc import Mapping
from enum import StrEnum

from domain.purchase import PurchaseState, SlipProblem
from web.i18n import mark

DAILY_CAP_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    PurchaseState: {
        PurchaseState.ENTERED: mark("To be decided"),
        PurchaseState.ACCEPTED: mark("Accepted"),
        PurchaseState.REFUSED: mark("Refused"),
    },
    SlipProblem: {
        SlipProblem.UNKNOWN_SPECIES: mark("“{}” is no known species or alias."),
        SlipProblem.UNKNOWN_VENDOR: mark("There is no vendor “{}” in this market."),
        SlipProblem.BAD_UNIT: mark("The price is for “{}”; choose 500 g, kg or piece."),
        SlipProblem.BAD_PRICE: mark("The price is “{}”; write yuan with at most two decimals, above 0."),
        SlipProblem.BAD_DAY: mark("The day of the purchase is missing, or is none."),
        SlipProblem.IN_THE_FUTURE: mark("The purchase would be of {}, which is still to come."),
        SlipProblem.NO_PROOF: mark("A purchase is proved by its slip: give its number, a photo, or both."),
        SlipProblem.TOO_LONG: mark("A slip's number and a grade have at most {} characters."),
        SlipProblem.NO_PHOTO: mark("The photo is no JPEG and no PNG."),
        SlipProblem.PHOTO_CUT_OFF: mark("The photo is cut off: take it again, or send it again."),
        SlipProblem.PHOTO_TOO_LARGE: mark("The photo is too large."),
    },
}
