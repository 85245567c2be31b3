"""What the public pages of a market and of a vendor are read from. Nothing personal is read that they do not mask."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.caps import CapListHeading
from db.credit import event_of
from db.queries import load
from domain.alert_step import AlertAction
from domain.credit import CreditEvent
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapUnit, Verdict
from domain.register.records import SealState, VendorIdentity, VendorKind

_SQL = load("public_pages")


@dataclass(frozen=True, kw_only=True, slots=True)
class BindingList(CapListHeading):
    """The list that binds a market; `version` counts its corrections from 1."""

    version: int
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stallholder:
    """A vendor with stalls; of its identity only what its public name is made of."""

    vendor_id: VendorId
    identity: VendorIdentity
    stalls: tuple[StallId, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPrice:
    """At what price goods were last sold: fen per kg, or per piece. `name`: the scale's, where it names no species.

    `cap_fen` is what judged it, per `cap_unit`.
    """

    species_code: SpeciesCode
    name_zh: str
    name_en: str
    name: str
    grade: str
    by_piece: bool
    price_fen: int
    verdict: Verdict
    cap_unit: CapUnit | None
    cap_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleThere:
    """A scale that stands with a vendor; `verified_until` None: not registered."""

    scale_id: ScaleId
    stall_id: StallId
    verified_until: date | None
    seal_state: SealState | None


def list_in_force(conn: Connection, market_id: MarketId, now: datetime) -> BindingList | None:
    """Return the list that binds a market; None where none does."""
    with conn.cursor(row_factory=class_row(BindingList)) as cursor:
        return cursor.execute(_SQL["list_in_force"], {"market_id": market_id, "now": now}).fetchone()


def last_list_ended_at(conn: Connection, market_id: MarketId, now: datetime) -> datetime | None:
    """Return when the last list that bound a market ended; None where there never was one."""
    row = conn.execute(_SQL["list_that_ended"], {"market_id": market_id, "now": now}).fetchone()
    return None if row is None else row[0]


def stallholders(conn: Connection, market_id: MarketId, now: datetime) -> list[Stallholder]:
    """Return who has a stall of a market at a moment, by stall."""
    rows = conn.execute(_SQL["stallholders"], {"market_id": market_id, "now": now})
    return [
        Stallholder(
            vendor_id=VendorId(vendor_id),
            identity=VendorIdentity(
                name=name, kind=VendorKind(kind) if kind else None, legal_representative=representative
            ),
            stalls=tuple(StallId(one) for one in stalls),
        )
        for _, vendor_id, name, kind, representative, stalls in rows
    ]


def stalls_of(conn: Connection, market_id: MarketId, vendor_id: VendorId, now: datetime) -> tuple[StallId, ...]:
    """Return the stalls that a vendor has at a moment."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "now": now}
    return tuple(StallId(row[0]) for row in conn.execute(_SQL["stalls_of_vendor"], asked))


def lines_of_cycle(
    conn: Connection, market_id: MarketId, since: datetime, until: datetime
) -> dict[VendorId, list[CreditEvent]]:
    """Return what of the ledgers of a market happened in a span of time, with what gave it back; the oldest first."""
    found: dict[VendorId, list[CreditEvent]] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        asked = {"market_id": market_id, "since": since, "until": until}
        for row in cursor.execute(_SQL["lines_of_cycle"], asked):
            event = event_of(row)
            found.setdefault(event.vendor_id, []).append(event)
    return found


def appeal_steps(conn: Connection, alert_ids: Collection[int]) -> dict[int, list[tuple[AlertAction, datetime]]]:
    """Return of alerts when each was appealed and when that was decided on, the oldest first; no others."""
    found: dict[int, list[tuple[AlertAction, datetime]]] = {}
    for alert_id, action, at in conn.execute(_SQL["appeal_steps"], {"alert_ids": list(alert_ids)}):
        found.setdefault(alert_id, []).append((AlertAction(action), at))
    return found


def sold(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, since: datetime, until: datetime
) -> list[LastPrice]:
    """Return at what price a vendor last sold each of its goods in a span of time, by species."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "since": since, "until": until}
    return [
        LastPrice(
            species_code=SpeciesCode(species),
            name_zh=name_zh,
            name_en=name_en,
            name=name,
            grade=grade,
            by_piece=by_piece,
            price_fen=price_fen,
            verdict=Verdict(verdict),
            cap_unit=None if cap_unit is None else CapUnit(cap_unit),
            cap_fen=cap_fen,
        )
        for species, name_zh, name_en, name, grade, by_piece, price_fen, verdict, cap_unit, cap_fen in conn.execute(
            _SQL["sold"], asked
        )
    ]


def scales_with(conn: Connection, market_id: MarketId, vendor_id: VendorId, now: datetime) -> list[ScaleThere]:
    """Return the scales that stand with a vendor at a moment."""
    asked = {"market_id": market_id, "vendor_id": vendor_id, "now": now}
    return [
        ScaleThere(
            scale_id=ScaleId(scale_id),
            stall_id=StallId(stall_id),
            verified_until=verified_until,
            seal_state=None if seal_state is None else SealState(seal_state),
        )
        for scale_id, stall_id, verified_until, seal_state in conn.execute(_SQL["scales"], asked)
    ]
