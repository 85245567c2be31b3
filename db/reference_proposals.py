"""Wholesale references that trade proposes, beside those that were published; and the act of taking one over."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, SpeciesCode

_SQL = load("reference_proposals")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A reference that is there: `price_fen` per `price_unit`, None: the goods were out of stock."""

    species_code: SpeciesCode
    grade: str
    price_fen: int | None
    price_unit: str
    source: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """The markup of a category: cap = reference x (1 + allowance) x (1 + markup)."""

    category: str
    markup_permille: int
    allowance_permille: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeciesWords:
    """What a species is called."""

    species_code: SpeciesCode
    name_zh: str
    name_en: str
    category: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOver:
    """A reference as somebody takes it over: with what it was reckoned from, in words, and by whom."""

    species_code: SpeciesCode
    grade: str
    day: date
    price_fen: int
    price_unit: str
    published_as: str
    source: str
    by: str


def references_of(conn: Connection, market_id: MarketId, day: date) -> list[Reference]:
    """Return the references of a day that hold for a market."""
    with conn.cursor(row_factory=class_row(Reference)) as cursor:
        return cursor.execute(_SQL["references_of"], {"market_id": market_id, "day": day}).fetchall()


def rates_of(conn: Connection, market_id: MarketId, day: date) -> dict[str, Rate]:
    """Return the markup rates in force for a market on a day, by category."""
    with conn.cursor(row_factory=class_row(Rate)) as cursor:
        found = cursor.execute(_SQL["rates_of"], {"market_id": market_id, "day": day}).fetchall()
    return {one.category: one for one in found}


def species_words(conn: Connection) -> dict[SpeciesCode, SpeciesWords]:
    """Return what each species is called."""
    with conn.cursor(row_factory=class_row(SpeciesWords)) as cursor:
        return {one.species_code: one for one in cursor.execute(_SQL["species_words"]).fetchall()}


def take_over(conn: Connection, market_id: MarketId, taken: TakenOver, now: datetime) -> bool:
    """Keep a reference; False where there is one already, which stays, or no such market or species."""
    values: dict[str, object] = {name: getattr(taken, name) for name in TakenOver.__slots__}
    return conn.execute(_SQL["take_over"], values | {"market_id": market_id, "now": now}).fetchone() is not None
