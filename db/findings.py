"""What the rules of days and of the registry read, and which of their findings were told of."""

from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import Verdict
from domain.scale import MovedDevice
from domain.weighed import Usual, Weighed
from domain.weighing import WeighingKey

_SQL = load("findings")


def try_to_watch(conn: Connection) -> bool:
    """Take the watcher's place if it is free, for as long as this connection lasts; say whether it is ours."""
    row = conn.execute(_SQL["try_to_watch"]).fetchone()
    return bool(row and row[0])


def weighed_on(conn: Connection, market_id: MarketId, day: date, since: datetime, until: datetime) -> list[Weighed]:
    """Return a market's weighings of a business day, oldest first; `[since, until)` holds all of it."""
    parameters = {"market_id": market_id, "day": day, "since": since, "until": until}
    return [
        Weighed(
            key=WeighingKey(market_id, ScaleId(row[1]), JournalId(row[2]), row[3], row[4]),
            vendor_id=row[5],
            stall_id=row[6],
            species=row[7],
            grade=row[8],
            net_g=row[9],
            per_kg_fen=row[10],
            verdict=None if row[11] is None else Verdict(row[11]),
            voids_seq=row[12],
            received_at=row[13],
        )
        for row in conn.execute(_SQL["weighed_on"], parameters)
    ]


def usual_of_vendors(
    conn: Connection, market_id: MarketId, since: datetime, until: datetime
) -> dict[tuple[VendorId, SpeciesCode, str], Usual]:
    """Return what each vendor's goods cost in `[since, until)`."""
    rows = conn.execute(_SQL["usual_of_vendors"], {"market_id": market_id, "since": since, "until": until})
    return {(row[0], row[1], row[2]): Usual(row[3], *row[4]) for row in rows}


def usual_of_market(
    conn: Connection, market_id: MarketId, since: datetime, until: datetime
) -> dict[tuple[SpeciesCode, str], Usual]:
    """Return what goods cost in a market in `[since, until)`."""
    rows = conn.execute(_SQL["usual_of_market"], {"market_id": market_id, "since": since, "until": until})
    return {(row[0], row[1]): Usual(row[2], *row[3]) for row in rows}


def counts(
    conn: Connection, market_id: MarketId, since: datetime, until: datetime
) -> dict[VendorId, tuple[ScaleId, StallId, int]]:
    """Return a scale, its stall and the number of weighings of every vendor who had it all of `[since, until)`."""
    rows = conn.execute(_SQL["counts"], {"market_id": market_id, "since": since, "until": until})
    return {vendor_id: (scale_id, stall_id, count) for vendor_id, scale_id, stall_id, count in rows}


def holders(
    conn: Connection, market_id: MarketId, moment: datetime
) -> dict[ScaleId, tuple[StallId | None, VendorId | None]]:
    """Return every scale of a market, and whose it is at a moment."""
    rows = conn.execute(_SQL["holders"], {"market_id": market_id, "moment": moment})
    return {scale_id: (stall_id, vendor_id) for scale_id, stall_id, vendor_id in rows}


def categories(conn: Connection) -> dict[SpeciesCode, str]:
    """Return the category of every species."""
    return {SpeciesCode(row[0]): str(row[1]) for row in conn.execute(_SQL["categories"])}


def unknown_scales(conn: Connection, market_id: MarketId, since: datetime, limit: int = 100) -> dict[ScaleId, int]:
    """Return scales that nobody registered, and how many messages of theirs came since a moment."""
    rows = conn.execute(_SQL["unknown_scales"], {"market_id": market_id, "since": since, "limit": limit})
    return {ScaleId(scale_id): int(count) for scale_id, count in rows}


def moved_devices(conn: Connection, market_id: MarketId, since: datetime) -> list[MovedDevice]:
    """Return where in a market the device of another scale answered since a moment."""
    with conn.cursor(row_factory=class_row(MovedDevice)) as cursor:
        return cursor.execute(_SQL["moved_devices"], {"market_id": market_id, "since": since}).fetchall()


def tell_once(
    conn: Connection, *, market_id: MarketId, subject: str, kind: str, species: SpeciesCode, day: date, now: datetime
) -> bool:
    """Note that a finding is told of; return False where it was before."""
    values = {
        "market_id": market_id,
        "subject": subject,
        "kind": kind,
        "species_code": species,
        "day": day,
        "now": now,
    }
    return conn.execute(_SQL["tell_once"], values).fetchone() is not None
