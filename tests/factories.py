"""A small market in the database, and messages from its scales."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from db import caps, registry
from db.cap_lists import NewCapItem, NewCapList
from db.registry import Market, Placement, Species
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapStatus, CapUnit, Channel
from domain.units import Fen
from ingest.reading import Delivery
from messages.chain import prev_of
from pricing import publishing

MARKET = MarketId("sanya-1")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Sanya
CAPPED = SpeciesCode("F01")
#: Fen per kg: 115 yuan per 500 g, the official example.
CAP = 23000


def put_market(conn: Connection, *, scales: int = 2, market_id: MarketId = MARKET, with_caps: bool = True) -> None:
    """A market with `scales` stalls (S-1 on A-1 of V-1, …) since yesterday, and a list with F01 at 115 yuan/500 g."""
    registry.put_market(conn, Market(market_id=market_id, name=f"Market {market_id}", area="sanya", channel="eatery"))
    for code, name, names in (("F01", "东星斑", ("东星斑鱼",)), ("F02", "老虎斑", ()), ("X01", "基围虾", ())):
        registry.put_species(
            conn,
            Species(
                species_code=SpeciesCode(code),
                name_zh=name,
                pinyin="",
                name_en=f"species {code}",
                scientific="",
                category="fish",
                names=names,
            ),
        )
    for n in range(1, scales + 1):
        place(conn, n, market_id=market_id)
    if with_caps and not caps.lists_in_force(conn, NOW):
        publish_caps(conn)


def place(
    conn: Connection,
    n: int,
    *,
    vendor: str = "",
    since: datetime = NOW - timedelta(days=1),
    market_id: MarketId = MARKET,
) -> None:
    """Put scale S-n on stall A-n of vendor V-n (or another one)."""
    vendor_id = vendor or f"V-{n}"
    registry.place_scale(
        conn,
        Placement(
            market_id=market_id,
            scale_id=ScaleId(f"S-{n}"),
            stall_id=StallId(f"A-{n}"),
            place="hall A",
            vendor_id=VendorId(vendor_id),
            vendor_name=f"vendor {vendor_id}",
            serial_number="",
            valid_from=since,
        ),
    )


def publish_caps(conn: Connection, cap_fen: int = CAP, effective_from: datetime = NOW - timedelta(hours=12)) -> int:
    """A list with F01 capped, F02 out of stock, and X01 uncapped."""
    new = NewCapList(area="sanya", channel=Channel.EATERY, source="a test", effective_from=effective_from)
    marks = (
        (CAPPED, CapStatus.CAPPED, Fen(cap_fen)),
        ("F02", CapStatus.OUT_OF_STOCK, None),
        ("X01", CapStatus.UNCAPPED, None),
    )
    items = [
        NewCapItem(
            species=SpeciesCode(species),
            grade="",
            status=status,
            unit=CapUnit.KG,
            cap_fen=cap,
            published_as="as tested",
        )
        for species, status, cap in marks
    ]
    cap_list_id = publishing.draft(conn, new, items, by="drafter", at=NOW)
    publishing.publish(conn, cap_list_id, by="publisher", at=NOW)
    return cap_list_id


def weighing(seq: int, **fields: Any) -> bytes:
    """The frozen bytes of a weighing of F01 at exactly the cap, with `fields` changed; None leaves a field out."""
    values: dict[str, Any] = {
        "seq": seq,
        "weighed_at": (NOW + timedelta(seconds=seq)).isoformat(),
        "clock_synced": True,
        "species": "F01",
        "name": "东星斑",
        "net_g": 1000,
        "unit_price_fen": 11500,
        "price_unit": "500g",
    }
    values.update(fields)
    return msgspec.json.encode({name: value for name, value in values.items() if value is not None})


def over(seq: int, **fields: Any) -> bytes:
    """A weighing one yuan per 500 g over the cap."""
    return weighing(seq, **{"unit_price_fen": 11600, **fields})


def chained(elements: Iterable[dict[str, Any]]) -> list[bytes]:
    """Weighings with seq 1, 2, 3 … each carrying the hash of the one before."""
    journal: list[bytes] = []
    for seq, fields in enumerate(elements, start=1):
        journal.append(weighing(seq, prev=prev_of(journal[-1] if journal else None), **fields))
    return journal


def message(*elements: bytes, journal: str = "j1", sent_at: datetime | None = None) -> bytes:
    """An envelope around frozen weighings."""
    sent = b"" if sent_at is None else b'"sent_at":"%s",' % sent_at.isoformat().encode()
    return b'{"v":1,"journal_id":"%s",%s"weighings":[%s]}' % (journal.encode(), sent, b",".join(elements))


def topic(scale: str = "S-1", market: str = MARKET, channel: str = "weighings") -> str:
    """A scale's topic."""
    return f"steelyard/v1/{market}/{scale}/{channel}"


def delivery(payload: bytes, *, scale: str = "S-1", market: str = MARKET, on: str = "", at: datetime = NOW) -> Delivery:
    """A message as the broker hands it over."""
    return Delivery(on or topic(scale, market), payload, at)
