"""A vendor's purchase by its slip: entered by one person, accepted or refused by another."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapUnit
from domain.units import Fen


class PurchaseState(StrEnum):
    """Where a record stands; only what is accepted makes a cap."""

    ENTERED = "entered"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class SlipProblem(StrEnum):
    """What is wrong with a slip that somebody would enter."""

    UNKNOWN_SPECIES = "unknown_species"
    UNKNOWN_VENDOR = "unknown_vendor"
    BAD_UNIT = "bad_unit"
    BAD_PRICE = "bad_price"
    BAD_DAY = "bad_day"
    IN_THE_FUTURE = "in_the_future"
    NO_PROOF = "no_proof"
    TOO_LONG = "too_long"
    NO_PHOTO = "no_photo"
    PHOTO_CUT_OFF = "photo_cut_off"
    PHOTO_TOO_LARGE = "photo_too_large"


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseRecord:
    """A purchase on record; `price_fen` per `unit`, `published_as` as on the slip. `note`: why it was decided so."""

    purchase_id: int
    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    species_code: SpeciesCode
    species_name: str
    species_name_en: str
    grade: str
    purchased_on: date
    price_fen: Fen
    unit: CapUnit
    published_as: str
    slip_no: str
    has_photo: bool
    state: PurchaseState
    entered_by: str
    entered_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
