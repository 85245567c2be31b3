"""Published cap lists and what else judges by them, read as domain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapKind, CapList, CapStatus, CapUnit, Channel, Exemption, GradeMeaning, PriceCap
from domain.units import Fen

_SQL = load("caps")


@dataclass(frozen=True, kw_only=True, slots=True)
class CapListHeading:
    """What a list is and where it comes from."""

    cap_list_id: int
    authority: str
    document_no: str
    legal_basis: str
    source: str
    is_demonstration: bool
    effective_from: datetime
    effective_to: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CapListInForce(CapListHeading):
    """Which list binds a market now."""

    market_id: MarketId
    items: int


def share_what_judges(conn: Connection) -> None:
    """Hold lists, bindings, exemptions and names as they are until the transaction ends, with everybody who judges."""
    conn.execute(_SQL["share_what_judges"])


def revision(conn: Connection) -> int:
    """Return the number that moves whenever a judgement could come out differently."""
    row = conn.execute(_SQL["revision"]).fetchone()
    if row is None:
        raise LookupError("price_book_revision has no row: the migrations put one there")
    return int(row[0])


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of `cap_items`, in the order the queries read it."""

    cap_list_id: int
    species_code: str
    grade: str
    status: str
    cap_unit: str
    cap_fen: int | None
    cap_kind: str
    markup_permille: int | None
    plus_fen: int | None
    least_pieces_per_500g: int | None
    most_pieces_per_500g: int | None
    least_piece_g: int | None
    most_piece_g: int | None
    grade_note: str


def items_by_list(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[PriceCap]]:
    """Return the items of rows (as of `ItemRow`) by their list."""
    items: dict[int, list[PriceCap]] = {}
    for row in (ItemRow(*values) for values in rows):
        items.setdefault(row.cap_list_id, []).append(
            PriceCap(
                cap_list_id=row.cap_list_id,
                species=SpeciesCode(row.species_code),
                grade=row.grade,
                status=CapStatus(row.status),
                unit=CapUnit(row.cap_unit),
                cap_fen=None if row.cap_fen is None else Fen(row.cap_fen),
                kind=CapKind(row.cap_kind),
                markup_permille=row.markup_permille,
                plus_fen=row.plus_fen,
                meaning=GradeMeaning(
                    least_pieces_per_500g=row.least_pieces_per_500g,
                    most_pieces_per_500g=row.most_pieces_per_500g,
                    least_piece_g=row.least_piece_g,
                    most_piece_g=row.most_piece_g,
                    note=row.grade_note,
                ),
            )
        )
    return items


def published_lists(conn: Connection) -> list[CapList]:
    """Return every published list with its items, by area, channel and beginning."""
    items = items_by_list(conn.execute(_SQL["published_items"]))
    return [
        CapList(
            cap_list_id=list_id,
            area=area,
            channel=Channel(channel),
            effective_from=effective_from,
            effective_to=effective_to,
            items=tuple(items.get(list_id, ())),
            market_id=None if market_id is None else MarketId(market_id),
            is_advisory=is_advisory,
        )
        for list_id, area, channel, market_id, is_advisory, effective_from, effective_to in conn.execute(
            _SQL["published_lists"]
        )
    ]


def exemptions(conn: Connection) -> list[Exemption]:
    """Return every dated exemption, by vendor and beginning."""
    return [
        Exemption(market_id=MarketId(market_id), vendor_id=VendorId(vendor_id), since=since, until=until)
        for market_id, vendor_id, since, until in conn.execute(_SQL["exemptions"])
    ]


def market_scopes(conn: Connection) -> list[tuple[MarketId, str, Channel, str]]:
    """Return (market_id, area, channel, timezone) of every market."""
    return [(MarketId(row[0]), row[1], Channel(row[2]), row[3]) for row in conn.execute(_SQL["market_scopes"])]


def species_codes(conn: Connection) -> frozenset[SpeciesCode]:
    """Return every known species code."""
    return frozenset(SpeciesCode(row[0]) for row in conn.execute(_SQL["species_codes"]))


def species_names(conn: Connection) -> dict[str, SpeciesCode]:
    """Return which species each known name means."""
    return {name: SpeciesCode(code) for name, code in conn.execute(_SQL["species_names"])}


def lists_in_force(conn: Connection, now: datetime) -> list[CapListInForce]:
    """Return the list that binds each market at `now`; a market without one is not there."""
    with conn.cursor(row_factory=class_row(CapListInForce)) as cursor:
        return cursor.execute(_SQL["lists_in_force"], {"now": now}).fetchall()


def heading(conn: Connection, cap_list_id: int) -> CapListHeading | None:
    """Return what a list is and where it comes from."""
    with conn.cursor(row_factory=class_row(CapListHeading)) as cursor:
        return cursor.execute(_SQL["list_by_id"], {"cap_list_id": cap_list_id}).fetchone()
