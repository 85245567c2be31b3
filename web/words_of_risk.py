"""The words of the pages for risk classes."""

from collections.abc import Mapping
from enum import StrEnum

from domain.risk import ClassedBecause, ComplaintWeight, DataBasis, OtherIndicator
from web.i18n import mark

RISK_WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    DataBasis: {
        DataBasis.ENOUGH: mark("Enough data"),
        DataBasis.LITTLE: mark("Little data"),
        DataBasis.OLD: mark("Old data only"),
        DataBasis.NONE: mark("No data"),
    },
    ClassedBecause: {
        ClassedBecause.POINTS: mark("By points"),
        ClassedBecause.DATA: mark("By default: too little is known"),
        ClassedBecause.SHARE: mark("One class down: the share of the class is full"),
    },
    OtherIndicator: {
        OtherIndicator.COMPLAINTS: mark("Upheld complaints"),
        OtherIndicator.PROMISES: mark("Broken promises"),
        OtherIndicator.NEAR_CAP: mark("Sales near the cap"),
        OtherIndicator.OVER_CAP: mark("Sales over the cap"),
        OtherIndicator.VERIFICATION: mark("Verification overdue"),
        OtherIndicator.SILENT: mark("Not weighed lately"),
    },
    ComplaintWeight: {
        ComplaintWeight.UPHELD: mark("Complaint upheld"),
        ComplaintWeight.SETTLED: mark("Complaint settled"),
    },
}
