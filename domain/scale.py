"""What is registered of a scale: what it can weigh, and until when it is verified."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, ScaleId


class AccuracyClass(StrEnum):
    """The class of JJG 539 (OIML R 76): III for trade, IIII for coarse goods."""

    MEDIUM = "III"
    ORDINARY = "IIII"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleFacts:
    """Facts of a scale, in grams; None or empty where not registered.

    `usual_tare_g`: the basket of its stall. `verified_until`: the last day of its verification.
    """

    division_g: int | None = None
    max_g: int | None = None
    accuracy_class: AccuracyClass | None = None
    usual_tare_g: int | None = None
    verified_until: date | None = None
    production_code: str = ""
    repair_code: str = ""
    verification_code: str = ""
    seal_no: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedDevice:
    """At a scale answered, as of `happened_at`, the device that is registered for another one."""

    scale_id: ScaleId
    happened_at: datetime
    serial_number: str
    market_id: MarketId
    registered_as: ScaleId


#: Of a scale of which nothing more is registered than that it is there.
NO_FACTS = ScaleFacts()
