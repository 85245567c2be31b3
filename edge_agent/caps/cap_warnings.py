"""When the vendor is warned of a price above the cap, before the sale. Pure: what a scale shows in, what to show out.

A warning comes at once with the price or the goods that make it, once; it goes when either changes, or when the pan
empties. It never blocks a sale: it is recorded with it.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import SpeciesCode
from domain.price_cap import CapUnit, Verdict
from domain.units import Fen, FenPerKg, Grams, PriceUnit, yuan
from domain.weighing import CapWarning
from edge_agent.caps.cap_book import CapBook, CapEntry, highest_legal_fen, judge_price

_UNIT_ZH = {PriceUnit.KG: "公斤", PriceUnit.HALF_KG: "500克", PriceUnit.HUNDRED_GRAMS: "100克", PriceUnit.PIECE: "件"}
_UNIT_EN = {PriceUnit.KG: "kg", PriceUnit.HALF_KG: "500 g", PriceUnit.HUNDRED_GRAMS: "100 g", PriceUnit.PIECE: "piece"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What a scale shows before a sale: the goods that were keyed, the price that is set, and what lies on the pan.

    `unit_price_fen` None: no price is set. `net_g` is the live weight; it counts only while `is_stable`, and only for
    a price whose unit is not the cap's. `is_empty`: nothing is on the pan.
    """

    species: SpeciesCode
    grade: str = ""
    unit_price_fen: Fen | None
    price_unit: PriceUnit
    is_empty: bool
    is_stable: bool = False
    net_g: Grams = Grams(0)
    pieces: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """What the vendor was warned of: a price for some goods, and what it was judged by."""

    species: SpeciesCode
    grade: str
    unit_price_fen: Fen
    price_unit: PriceUnit
    entry: CapEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class WarningState:
    """What is known between two readings. `shown` is on the displays now.

    `spent` was shown for a load that was taken off again: it is not shown again before something changes.
    """

    shown: Warned | None = None
    spent: Warned | None = None
    was_empty: bool = True


@dataclass(frozen=True, slots=True)
class Show:
    """Show this warning now, in place of one that may be there."""

    warned: Warned


@dataclass(frozen=True, slots=True)
class Clear:
    """Take the warning away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What to know from now on, what to show (None: leave the displays as they are), and what the caps say."""

    state: WarningState
    step: Show | Clear | None
    entry: CapEntry
    verdict: Verdict | None  # None: there is no price, or no goods were keyed


def look(state: WarningState, book: CapBook, asking: Asking, at: datetime) -> Looked:
    """Compare what a scale shows `at` a moment with the caps. To be called with every reading, and every key."""
    entry = book.lookup(asking.species, asking.grade, at)
    verdict = _verdict(entry, asking)
    warned = _warned(entry, asking) if verdict is Verdict.OVER else None
    has_emptied = asking.is_empty and not state.was_empty
    has_loaded = state.was_empty and not asking.is_empty
    spent = state.shown if has_emptied else None if has_loaded else state.spent
    shown = None if warned is not None and warned == spent else warned
    after = WarningState(shown=shown, spent=spent if warned == spent else None, was_empty=asking.is_empty)
    return Looked(state=after, step=_step(state.shown, shown), entry=entry, verdict=verdict)


def to_record(
    state: WarningState, *, unit_price_fen: Fen, price_unit: PriceUnit, species: SpeciesCode, grade: str
) -> CapWarning | None:
    """Return what goes into the record of a sale: the warning that was shown for this very price and these goods.

    None also for a cap by the piece, which the record has no field for.
    """
    shown = state.shown
    sold = (unit_price_fen, price_unit, species, grade)
    if shown is None or (shown.unit_price_fen, shown.price_unit, shown.species, shown.grade) != sold:
        return None
    cap_fen_per_kg = shown.entry.cap_fen_per_kg
    if cap_fen_per_kg is None:
        return None
    return CapWarning(cap_fen_per_kg=cap_fen_per_kg, list_version=shown.entry.list_version)


def highest_legal(warned: Warned) -> tuple[Fen, PriceUnit] | None:
    """Return the highest legal price and its unit: the scale's own unit where the cap can be said in it."""
    cap = warned.entry.cap
    if cap is None or cap.cap_fen is None:
        return None
    if cap.unit is CapUnit.PIECE:
        return cap.cap_fen, PriceUnit.PIECE
    fen = highest_legal_fen(FenPerKg(cap.cap_fen), warned.price_unit)
    return (cap.cap_fen, PriceUnit.KG) if fen is None else (fen, warned.price_unit)


def text_zh(warned: Warned) -> str:
    """Return the warning for a display that shows Chinese."""
    limit = highest_legal(warned)
    return "超过限价" if limit is None else f"超过限价 最高{yuan(limit[0])}元/{_UNIT_ZH[limit[1]]}"


def text_en(warned: Warned) -> str:
    """Return the warning in English."""
    limit = highest_legal(warned)
    return "Above the cap" if limit is None else f"Above the cap: at most {yuan(limit[0])} yuan/{_UNIT_EN[limit[1]]}"


def short_text(warned: Warned) -> str:
    """Return the warning for a scale's own display: ASCII, at most 13 characters (the text record of Dialog 06)."""
    limit = highest_legal(warned)
    return "OVER CAP" if limit is None else f"MAX {yuan(limit[0])}"[:13]


def _verdict(entry: CapEntry, asking: Asking) -> Verdict | None:
    if asking.unit_price_fen is None or not asking.species:
        return None
    return judge_price(
        entry,
        asking.unit_price_fen,
        asking.price_unit,
        net_g=asking.net_g if asking.is_stable else Grams(0),
        pieces=asking.pieces,
    )


def _warned(entry: CapEntry, asking: Asking) -> Warned | None:
    if asking.unit_price_fen is None:
        return None
    return Warned(
        species=asking.species,
        grade=asking.grade,
        unit_price_fen=asking.unit_price_fen,
        price_unit=asking.price_unit,
        entry=entry,
    )


def _step(before: Warned | None, now: Warned | None) -> Show | Clear | None:
    if now == before:
        return None
    return Clear() if now is None else Show(now)
