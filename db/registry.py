"""Markets, stalls, vendors, scales, species, and whose a scale is at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from db.register import stalls
from db.register import vendors as register_vendors
from db.register.sounds import syllables
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId

_SQL = load("registry")


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose a scale was at a moment; vendor and stall are None where nobody's."""

    stall_id: StallId | None
    vendor_id: VendorId | None


@dataclass(frozen=True, slots=True)
class BindingSpan:
    """A binding of a scale and when it holds, `[begins, ends)`; None where that is open."""

    binding: Binding
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """A market: where it is, and through which channel's caps it is bound."""

    market_id: MarketId
    name: str
    area: str
    channel: str
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A vendor and the stalls it holds now (comma-separated)."""

    market_id: MarketId
    vendor_id: VendorId
    name: str
    stalls: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """A scale on a stall of a vendor, from a moment on."""

    market_id: MarketId
    scale_id: ScaleId
    stall_id: StallId
    place: str
    vendor_id: VendorId
    vendor_name: str
    serial_number: str
    valid_from: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Species:
    """What is regulated, with every name it goes by."""

    species_code: SpeciesCode
    name_zh: str
    pinyin: str
    name_en: str
    scientific: str
    category: str
    names: tuple[str, ...]


def bindings_at(conn: Connection, asked: Sequence[tuple[str, str, datetime]]) -> list[Binding | None]:
    """Return, for each (market_id, scale_id, moment), whose the scale was; None where the scale is unknown."""
    if not asked:
        return []
    rows = conn.execute(
        _SQL["bindings_at"],
        {
            "market_ids": [one[0] for one in asked],
            "scale_ids": [one[1] for one in asked],
            "moments": [one[2] for one in asked],
        },
    )
    return [Binding(stall, vendor) if known else None for _, known, stall, vendor in rows]


def revision(conn: Connection) -> int:
    """Return the registry's revision: it moves whenever a scale may be somebody else's."""
    row = conn.execute(_SQL["revision"]).fetchone()
    if row is None:
        raise LookupError("registry_revision has no row")
    return int(row[0])


def bindings_of(
    conn: Connection, scales: Sequence[tuple[MarketId, ScaleId]]
) -> dict[tuple[MarketId, ScaleId], list[BindingSpan]]:
    """Return all bindings of those of the scales that are registered, each scale's by their beginning."""
    parameters = {
        "market_ids": [market_id for market_id, _ in scales],
        "scale_ids": [scale_id for _, scale_id in scales],
    }
    found: dict[tuple[MarketId, ScaleId], list[BindingSpan]] = {}
    for market_id, scale_id, stall_id, vendor_id, begins, ends in conn.execute(_SQL["bindings_of"], parameters):
        spans = found.setdefault((market_id, scale_id), [])
        if stall_id is not None:
            spans.append(BindingSpan(Binding(stall_id, vendor_id), begins, ends))
    return found


def is_set_up(conn: Connection) -> bool:
    """Whether the database has a registry at all: before the first migration it has none."""
    row = conn.execute(_SQL["is_set_up"]).fetchone()
    return bool(row and row[0])


def put_market(conn: Connection, market: Market) -> None:
    """Register a market, or rename it."""
    conn.execute(
        _SQL["put_market"],
        {
            "market_id": market.market_id,
            "name": market.name,
            "area": market.area,
            "channel": market.channel,
            "timezone": market.timezone,
        },
    )


def place_scale(conn: Connection, placement: Placement) -> None:
    """Put a scale on a vendor's stall from `valid_from` until its next placement.

    Where it stands there already, nothing changes; an earlier placement at the same moment is replaced. A stall that
    nobody occupies from then on is the vendor's.
    """
    values = {name: getattr(placement, name) for name in Placement.__slots__}
    conn.execute(_SQL["put_stall"], values)
    conn.execute(
        _SQL["put_vendor"], {**values, "name": placement.vendor_name, "pinyin": syllables(placement.vendor_name)}
    )
    conn.execute(_SQL["put_scale"], values)
    stalls.occupy_where_free(
        conn, [(placement.market_id, placement.stall_id, placement.vendor_id, placement.valid_from)]
    )
    now = conn.execute(_SQL["binding_now"], {**values, "moment": placement.valid_from}).fetchone()
    if now == (placement.stall_id, placement.vendor_id):
        return
    if conn.execute(_SQL["replace_binding"], values).rowcount == 0:
        conn.execute(_SQL["end_binding"], values)
        conn.execute(_SQL["insert_binding"], values)


def place_new_scales(conn: Connection, placements: Sequence[Placement]) -> int:
    """Put thousands of scales on their stalls at once, and return how many.

    A scale that was ever placed stays where it is, a stall or vendor that is there already stays as it is.
    """
    values = {
        "market_ids": [one.market_id for one in placements],
        "scale_ids": [one.scale_id for one in placements],
        "serial_numbers": [one.serial_number for one in placements],
        "stall_ids": [one.stall_id for one in placements],
        "places": [one.place for one in placements],
        "vendor_ids": [one.vendor_id for one in placements],
        "names": [one.vendor_name for one in placements],
        "moments": [one.valid_from for one in placements],
    }
    conn.execute(_SQL["put_stalls"], values)
    new = conn.execute(_SQL["put_vendors"], values).fetchall()
    register_vendors.set_sounds(conn, [(market, vendor, " ".join(syllables(name))) for market, vendor, name in new])
    conn.execute(_SQL["put_scales"], values)
    stalls.occupy_where_free(conn, [(one.market_id, one.stall_id, one.vendor_id, one.valid_from) for one in placements])
    return conn.execute(_SQL["insert_first_bindings"], values).rowcount


def put_species(conn: Connection, species: Species) -> None:
    """Register a species and the names it goes by."""
    conn.execute(_SQL["put_species"], {name: getattr(species, name) for name in Species.__slots__})
    for name in (species.name_zh, *species.names):
        conn.execute(_SQL["put_species_name"], {"name": name, "species_code": species.species_code})


def markets(conn: Connection) -> list[Market]:
    """Return every market."""
    with conn.cursor(row_factory=class_row(Market)) as cursor:
        return cursor.execute(_SQL["markets"]).fetchall()


def vendors(conn: Connection, market_id: MarketId | None, now: datetime) -> list[Vendor]:
    """Return the vendors of a market, or of all where `market_id` is None."""
    with conn.cursor(row_factory=class_row(Vendor)) as cursor:
        return cursor.execute(_SQL["vendors_of_market"], {"market_id": market_id, "now": now}).fetchall()


def vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, now: datetime) -> Vendor | None:
    """Return one vendor, or None."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "now": now}
    with conn.cursor(row_factory=class_row(Vendor)) as cursor:
        return cursor.execute(_SQL["vendor"], parameters).fetchone()
