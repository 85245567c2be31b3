"""A vendor's purchase: entered by one person, accepted or refused by a second one. Each step is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import caps, purchase_records
from db.purchase_records import NewPurchase
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.purchase import PurchaseRecord, PurchaseState, SlipProblem
from pricing.money_texts import UNITS, price_fen, written
from pricing.slip_photo import BadPhoto, photo_type

LONGEST_TEXT: Final = 64

_SAID: Final = {
    SlipProblem.UNKNOWN_SPECIES: "{!r} is no known species or alias",
    SlipProblem.UNKNOWN_VENDOR: "there is no vendor {!r} in this market",
    SlipProblem.BAD_UNIT: "the price is for {!r}; expected 500g, kg or piece",
    SlipProblem.BAD_PRICE: "the price is {!r}; expected yuan with at most two decimals, above 0",
    SlipProblem.BAD_DAY: "the day of the purchase is missing, or is none",
    SlipProblem.IN_THE_FUTURE: "the purchase would be of {}, which is still to come",
    SlipProblem.NO_PROOF: "a purchase is proved by its slip: give its number, a photo, or both",
    SlipProblem.TOO_LONG: "a slip's number and a grade have at most {} characters",
    SlipProblem.NO_PHOTO: "the photo is no JPEG and no PNG",
    SlipProblem.PHOTO_CUT_OFF: "the photo is cut off",
    SlipProblem.PHOTO_TOO_LARGE: "the photo is too large",
}


class BadSlip(RuleViolation):
    """A slip that cannot be entered: every problem, each with the value it is about."""

    def __init__(self, problems: Sequence[tuple[SlipProblem, str]]) -> None:
        super().__init__("; ".join(_SAID[problem].format(value) for problem, value in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """What a slip says: `species` a code or a name, `price` in yuan for a `unit` (500g, kg or piece).

    `purchased_on` None: whoever typed it typed no day.
    """

    market_id: MarketId
    vendor_id: VendorId
    species: str
    grade: str
    purchased_on: date | None
    price: str
    unit: str
    slip_no: str = ""
    photo: bytes = b""


def enter(conn: Connection, slip: Slip, *, by: str, at: datetime) -> int:
    """Keep what a slip says; it makes no cap before somebody else accepted it. Return its purchase_id.

    Raise BadSlip with every problem at once, NotFound for an unknown market.
    """
    with conn.transaction():
        problems = _problems(slip, _today(conn, slip.market_id, at))
        species = _species(conn, slip.species.strip())
        if species is None:
            problems.append((SlipProblem.UNKNOWN_SPECIES, slip.species))
        fen = price_fen(slip.price, slip.unit) if slip.unit in UNITS else None
        if problems or species is None or fen is None or slip.purchased_on is None:
            raise BadSlip(problems)
        new = NewPurchase(
            market_id=slip.market_id,
            vendor_id=slip.vendor_id,
            species_code=species,
            grade=slip.grade.strip(),
            purchased_on=slip.purchased_on,
            price_fen=fen,
            price_unit=UNITS[slip.unit][1],
            published_as=written(slip.price, slip.unit),
            slip_no=slip.slip_no.strip(),
            slip_photo=slip.photo or None,
            slip_type=photo_type(slip.photo) if slip.photo else None,
        )
        try:
            return purchase_records.insert(conn, new, by=by, at=at)
        except NotFound:
            raise BadSlip([(SlipProblem.UNKNOWN_VENDOR, slip.vendor_id)]) from None


def accept(conn: Connection, purchase_id: int, *, by: str, at: datetime, note: str = "") -> PurchaseRecord:
    """Let a purchase make its vendor's cap. Raise what `refuse` raises, but for a reason."""
    return _decide(conn, purchase_id, PurchaseState.ACCEPTED, by=by, at=at, note=note)


def refuse(conn: Connection, purchase_id: int, *, by: str, at: datetime, because: str) -> PurchaseRecord:
    """Say that a purchase makes no cap, and why; return it as it stands then.

    Raise NotFound, IllegalTransition where it was decided on already, RuleViolation without a reason and where the
    person who entered it would decide.
    """
    if not because.strip():
        raise RuleViolation("a purchase is refused for a reason: say which", problem="no_reason")
    return _decide(conn, purchase_id, PurchaseState.REFUSED, by=by, at=at, note=because)


def _decide(
    conn: Connection, purchase_id: int, state: PurchaseState, *, by: str, at: datetime, note: str
) -> PurchaseRecord:
    with conn.transaction():
        record = purchase_records.one(conn, purchase_id)
        if record is None:
            raise NotFound(f"there is no purchase {purchase_id}")
        if record.entered_by == by:
            raise RuleViolation(
                f"purchase {purchase_id} was entered by {by}; a second person decides on it", problem="own_purchase"
            )
        if not purchase_records.decide(conn, purchase_id, state, by=by, at=at, note=note.strip()):
            raise IllegalTransition(f"purchase {purchase_id} was decided on already", problem="late")
        decided = purchase_records.one(conn, purchase_id)
    if decided is None:
        raise LookupError(f"purchase {purchase_id} is gone within its own transaction")
    return decided


def _problems(slip: Slip, today: date) -> list[tuple[SlipProblem, str]]:
    problems = []
    if slip.unit not in UNITS:
        problems.append((SlipProblem.BAD_UNIT, slip.unit))
    elif price_fen(slip.price, slip.unit) is None:
        problems.append((SlipProblem.BAD_PRICE, slip.price))
    if slip.purchased_on is None:
        problems.append((SlipProblem.BAD_DAY, ""))
    elif slip.purchased_on > today:
        problems.append((SlipProblem.IN_THE_FUTURE, slip.purchased_on.isoformat()))
    if not slip.slip_no.strip() and not slip.photo:
        problems.append((SlipProblem.NO_PROOF, ""))
    if max(len(slip.slip_no), len(slip.grade)) > LONGEST_TEXT:
        problems.append((SlipProblem.TOO_LONG, str(LONGEST_TEXT)))
    try:
        if slip.photo:
            photo_type(slip.photo)
    except BadPhoto as error:
        problems.append((error.problem, ""))
    return problems


def _species(conn: Connection, text: str) -> SpeciesCode | None:
    if SpeciesCode(text) in caps.species_codes(conn):
        return SpeciesCode(text)
    return caps.species_names(conn).get(text)


def _today(conn: Connection, market_id: MarketId, at: datetime) -> date:
    for market, _, _, timezone in caps.market_scopes(conn):
        if market == market_id:
            return at.astimezone(ZoneInfo(timezone)).date()
    raise NotFound(f"there is no market {market_id!r}")
