"""A vendor's purchase: entered by one person, accepted or refused by a second one. Each step is one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import caps, purchase_records
from db.purchase_records import NewPurchase
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.purchase import PurchaseRecord, PurchaseState
from pricing.money_texts import UNITS, price_fen, written
from pricing.slip_photo import photo_type

_LONGEST_TEXT: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """What a slip says: `species` a code or a name, `price` in yuan for a `unit` (500g, kg or piece)."""

    market_id: MarketId
    vendor_id: VendorId
    species: str
    grade: str
    purchased_on: date
    price: str
    unit: str
    slip_no: str = ""
    photo: bytes = b""


def enter(conn: Connection, slip: Slip, *, by: str, at: datetime) -> int:
    """Keep what a slip says; it makes no cap before somebody else accepted it. Return its purchase_id.

    Raise RuleViolation with every problem at once, NotFound for an unknown vendor.
    """
    with conn.transaction():
        problems: list[str] = []
        species = _species(conn, slip.species.strip(), problems)
        unit = slip.unit if slip.unit in UNITS else None
        fen = None if unit is None else price_fen(slip.price, unit)
        if unit is None:
            problems.append(f"the price is for {slip.unit!r}; expected one of {', '.join(UNITS)}")
        elif fen is None:
            problems.append(f"the price is {slip.price!r}; expected yuan with at most two decimals, above 0")
        today = _today(conn, slip.market_id, at)
        if slip.purchased_on > today:
            problems.append(f"the purchase would be of {slip.purchased_on.isoformat()}; today is {today.isoformat()}")
        if not slip.slip_no.strip() and not slip.photo:
            problems.append("a purchase is proved by its slip: give its number, a photo, or both")
        if max(len(slip.slip_no), len(slip.grade)) > _LONGEST_TEXT:
            problems.append(f"a slip's number and a grade have at most {_LONGEST_TEXT} characters")
        media_type = _photo_type(slip.photo, problems)
        if problems or species is None or unit is None or fen is None:
            raise RuleViolation("; ".join(problems))
        new = NewPurchase(
            market_id=slip.market_id,
            vendor_id=slip.vendor_id,
            species_code=species,
            grade=slip.grade.strip(),
            purchased_on=slip.purchased_on,
            price_fen=fen,
            price_unit=UNITS[unit][1],
            published_as=written(slip.price, unit),
            slip_no=slip.slip_no.strip(),
            slip_photo=slip.photo or None,
            slip_type=media_type,
        )
        return purchase_records.insert(conn, new, by=by, at=at)


def accept(conn: Connection, purchase_id: int, *, by: str, at: datetime, note: str = "") -> PurchaseRecord:
    """Let a purchase make its vendor's cap. Raise what `refuse` raises, but for a reason."""
    return _decide(conn, purchase_id, PurchaseState.ACCEPTED, by=by, at=at, note=note)


def refuse(conn: Connection, purchase_id: int, *, by: str, at: datetime, because: str) -> PurchaseRecord:
    """Say that a purchase makes no cap, and why; return it as it stands then.

    Raise NotFound, IllegalTransition where it was decided on already, RuleViolation without a reason and where the
    person who entered it would decide.
    """
    if not because.strip():
        raise RuleViolation("a purchase is refused for a reason: say which")
    return _decide(conn, purchase_id, PurchaseState.REFUSED, by=by, at=at, note=because)


def _decide(
    conn: Connection, purchase_id: int, state: PurchaseState, *, by: str, at: datetime, note: str
) -> PurchaseRecord:
    with conn.transaction():
        record = purchase_records.one(conn, purchase_id)
        if record is None:
            raise NotFound(f"there is no purchase {purchase_id}")
        if record.entered_by == by:
            raise RuleViolation(f"purchase {purchase_id} was entered by {by}; a second person decides on it")
        if not purchase_records.decide(conn, purchase_id, state, by=by, at=at, note=note.strip()):
            raise IllegalTransition(f"purchase {purchase_id} was decided on already")
        decided = purchase_records.one(conn, purchase_id)
    if decided is None:
        raise LookupError(f"purchase {purchase_id} is gone within its own transaction")
    return decided


def _species(conn: Connection, text: str, problems: list[str]) -> SpeciesCode | None:
    if SpeciesCode(text) in caps.species_codes(conn):
        return SpeciesCode(text)
    species = caps.species_names(conn).get(text)
    if species is None:
        problems.append(f"{text!r} is no known species or alias")
    return species


def _today(conn: Connection, market_id: MarketId, at: datetime) -> date:
    for market, _, _, timezone in caps.market_scopes(conn):
        if market == market_id:
            return at.astimezone(ZoneInfo(timezone)).date()
    raise NotFound(f"there is no market {market_id!r}")


def _photo_type(photo: bytes, problems: list[str]) -> str | None:
    try:
        return photo_type(photo) if photo else None
    except RuleViolation as error:
        problems.append(str(error))
        return None
