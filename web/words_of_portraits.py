"""The words of the pages for portraits."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.portrait import Axis, Lack
from web.i18n import mark

#: At the ends of the radar, where there is little room.
SHORT_WORDS: Final[Mapping[Axis, str]] = {
    Axis.VOLUME: mark("Volume"),
    Axis.PRICES: mark("Prices"),
    Axis.VERIFICATION: mark("Verification"),
    Axis.SCALE_USE: mark("Scale use"),
    Axis.COMPLAINTS: mark("Complaints"),
    Axis.RESPONSE: mark("Response"),
}
PORTRAIT_WORDS: Final[Mapping[type[StrEnum], Mapping[StrEnum, str]]] = {
    Axis: {
        Axis.VOLUME: mark("Volume"),
        Axis.PRICES: mark("Prices against the cap"),
        Axis.VERIFICATION: mark("Verification of scales"),
        Axis.SCALE_USE: mark("Use of the scale"),
        Axis.COMPLAINTS: mark("Upheld complaints"),
        Axis.RESPONSE: mark("Rectified in time"),
    },
    Lack: {
        Lack.FEW_DAYS: mark("It held a scale on too few trading days to say."),
        Lack.NO_SALES: mark("It sold nothing in this time."),
        Lack.FEW_SALES: mark("It made too few sales to say."),
        Lack.FEW_CAPPED: mark("Too few of its sales had a cap to say."),
        Lack.NOT_REGISTERED: mark("No verification of its scales is on record."),
        Lack.NOTHING_DUE: mark("No rectification was due."),
        Lack.NO_GOODS: mark("It sold nothing by weight that has a category, so it has no peers."),
        Lack.FEW_PEERS: mark("Too few of its peers have this figure for a comparison."),
    },
}
