"""A small world for the tests of the web service: two markets, a vendor in each, people."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import accounts, alerts, quarantine, registry
from db.alerts import AlertOccurrence, NewAlert
from db.cap_lists import NewCapItem, NewCapList
from db.quarantine import HeldMessage
from domain.alert import AlertKind
from domain.complaint import ComplaintChannel, ComplaintReason
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapStatus, CapUnit, Channel
from domain.units import Fen
from domain.weighing import WeighingKey
from pricing import publishing, purchase_entry
from pricing.purchase_entry import Slip
from supervision.complaints.entry import Entry
from supervision.complaints.filing import file_complaint
from supervision.complaints.policy import read_complaints_policy
from tests.stored import Row, store_rows
from web.accounts import hash_password
from web.sessions import digest, open_session

POLICY = Path(__file__).parents[1] / "policy"
PASSWORD = "eight or more"
HERE, ELSEWHERE = MarketId("first"), MarketId("hongsha")
VENDOR, HOSTILE_VENDOR = VendorId("V001"), VendorId("V666")
HOSTILE_NAME = "<script>alert('海')</script>"
GROUPER, CRAB = SpeciesCode("F01"), SpeciesCode("C01")
CAP_FEN = 63_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
PHOTO = b"\xff\xd8\xff\xe0 a slip \xff\xd9"
USERS = {"manager": HERE, "regulator": None, "admin": None}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person: the token of the session and the token its forms carry."""

    token: str
    csrf: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"steelyard-session": self.token}

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


def furnish(conn: Connection) -> None:
    """Two markets under one list, a vendor in each, and a person of each role."""
    now = datetime.now(UTC)
    for market_id, name in ((HERE, "三亚第一市场"), (ELSEWHERE, "红沙码头")):
        registry.put_market(conn, registry.Market(market_id=market_id, name=name, area="sanya", channel="eatery"))
    for code, name, english in ((GROUPER, "东星斑", "leopard coral grouper"), (CRAB, "和乐蟹", "Hele crab")):
        species = registry.Species(
            species_code=code, name_zh=name, pinyin="", name_en=english, scientific="", category="fish", names=()
        )
        registry.put_species(conn, species)
    place(conn, HERE, VENDOR, "阿海海鲜档", now)
    place(conn, ELSEWHERE, HOSTILE_VENDOR, HOSTILE_NAME, now)
    publish(conn, now)
    for role, market in USERS.items():
        accounts.put_user(
            conn, username=role, display_name=role, password_hash=password_hash(), role=role, market_id=market
        )
    conn.commit()


def place(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    name: str,
    now: datetime,
    *,
    scale: str = "s01",
    stall: str = "A-01",
) -> None:
    registry.place_scale(
        conn,
        registry.Placement(
            market_id=market_id,
            scale_id=ScaleId(f"{market_id}-{scale}"),
            stall_id=StallId(stall),
            place="",
            vendor_id=vendor_id,
            vendor_name=name,
            serial_number="",
            valid_from=now - timedelta(days=30),
        ),
    )


def publish(conn: Connection, now: datetime, *, market_id: MarketId | None = None) -> int:
    new = NewCapList(
        area="sanya",
        channel=Channel.EATERY,
        market_id=market_id,
        source="a list of 2013",
        is_demonstration=True,
        effective_from=now - timedelta(days=300),
        document_no="最高销售价格",
        legal_basis="《价格法》第三十条",
    )
    items = [
        NewCapItem(
            species=GROUPER,
            grade="",
            status=CapStatus.CAPPED,
            unit=CapUnit.KG,
            cap_fen=Fen(CAP_FEN),
            published_as="315",
        ),
        NewCapItem(
            species=CRAB,
            grade="大",
            status=CapStatus.CAPPED,
            unit=CapUnit.PIECE,
            cap_fen=Fen(9900),
            published_as="99/只",
        ),
    ]
    cap_list_id = publishing.draft(conn, new, items, by="drafter", at=now)
    publishing.publish(conn, cap_list_id, by="publisher", at=now)
    return cap_list_id


def raise_alert(
    conn: Connection,
    *,
    market_id: MarketId = HERE,
    vendor_id: VendorId | None = VENDOR,
    species: SpeciesCode = GROUPER,
    unit: CapUnit = CapUnit.KG,
    cap_fen: int = CAP_FEN,
    excess_fen: int = 23_400,
    kind: AlertKind = AlertKind.PRICE_OVER_CAP,
) -> int:
    """Store a weighing above the cap and raise its alert; commit."""
    now = datetime.now(UTC)
    key = WeighingKey(market_id, ScaleId(f"{market_id}-s01"), JournalId("j"), next(_numbers), now)
    store_rows(conn, [weighing_row(key, vendor_id, species, unit, cap_fen, excess_fen)])
    alert_id = alerts.raise_alert(
        conn,
        NewAlert(
            market_id=market_id,
            kind=kind,
            vendor_id=vendor_id,
            stall_id=StallId("A-01"),
            scale_id=key.scale_id,
            species_code=species,
            business_day=now.astimezone(SHANGHAI).date(),
            first_at=now,
            last_at=now,
            worst_excess_fen=excess_fen,
            worst_excess_permille=-(-excess_fen * 1000 // cap_fen),
            worst_cap_fen=cap_fen,
            worst_cap_unit=unit,
            overcharge_fen=excess_fen,
            note="",
            occurrences=(AlertOccurrence(key=key, excess_fen=excess_fen, overcharge_fen=excess_fen),),
        ),
        now,
    )
    conn.commit()
    return alert_id


def hold_message(
    conn: Connection,
    *,
    market_id: MarketId | None = HERE,
    reason: str = "unknown_scale",
    payload: bytes | None = None,
    seq: int | None = None,
    topic: str = "",
) -> int:
    """Put a message into quarantine as ingest does; commit."""
    held = HeldMessage(
        topic=topic or f"steelyard/v1/{market_id}/{market_id}-s01/weighings",
        payload=f"message {next(_numbers)}".encode() if payload is None else payload,
        reason=reason,
        explanation=f"the explanation of {reason}",
        received_at=datetime.now(UTC),
        market_id=market_id,
        scale_id=None if market_id is None else f"{market_id}-s01",
        journal_id=None if seq is None else "j-1",
        seq=seq,
    )
    quarantine.hold(conn, held)
    row = conn.execute("SELECT quarantine_id FROM quarantine WHERE identity = %s", [held.identity]).fetchone()
    conn.commit()
    return int(row[0]) if row else 0


def enter_purchase(conn: Connection, *, market_id: MarketId = HERE, vendor_id: VendorId = VENDOR) -> int:
    """Enter a slip with a photo, as the manager; commit."""
    now = datetime.now(UTC)
    slip = Slip(
        market_id=market_id,
        vendor_id=vendor_id,
        species=CRAB,
        grade="",
        purchased_on=now.astimezone(SHANGHAI).date(),
        price="40",
        unit="500g",
        slip_no=f"N-{next(_numbers)}",
        photo=PHOTO,
    )
    purchase_id = purchase_entry.enter(conn, slip, by="manager", at=now)
    conn.commit()
    return purchase_id


def file_one(conn: Connection, *, market_id: MarketId = HERE, token: str = "", contact: str = "13800138000") -> int:
    """File a complaint as somebody outside does; commit."""
    entry = Entry(
        market_id=market_id,
        channel=ComplaintChannel.TICKET,
        reason=ComplaintReason.SHORT_WEIGHT,
        words="少了二两",
        contact=contact,
        stall_id="A-01",
    )
    filed = file_complaint(
        conn,
        entry,
        token=token or f"{next(_numbers):032d}",
        by=None,
        address=None,
        now=datetime.now(UTC),
        policy=read_complaints_policy(POLICY / "complaints.toml"),
    )
    conn.commit()
    return filed.complaint_id


def weighing_row(
    key: WeighingKey, vendor_id: VendorId | None, species: SpeciesCode, unit: CapUnit, cap_fen: int, excess_fen: int
) -> Row:
    by_piece = unit is CapUnit.PIECE
    price = cap_fen + excess_fen
    body = str(key).encode()
    return {
        **key._asdict(),
        "received_at": key.weighed_at,
        "business_day": key.weighed_at.astimezone(SHANGHAI).date(),
        "stall_id": "A-01",
        "vendor_id": vendor_id,
        "species_code": species,
        "grade": "",
        "plu": "",
        "name": "东星斑",
        "net_g": 1000,
        "zero_offset_g": 0,
        "pieces": 1 if by_piece else None,
        "stable": True,
        "clock_synced": True,
        "unit_price_fen": price,
        "price_unit": "piece" if by_piece else "kg",
        "unit_price_fen_per_kg": None if by_piece else price,
        "amount_fen": price,
        "paid_fen": price,
        "verdict": "over",
        "paid_verdict": "over",
        "cap_list_id": 1,
        "cap_unit": unit,
        "cap_fen": cap_fen,
        "excess_fen": excess_fen,
        "overcharge_fen": excess_fen,
        "digest": hashlib.sha256(body).digest(),
        "body": body,
    }


def sign_in(conn: Connection, username: str) -> Visitor:
    """Open a session without going through the door."""
    now = datetime.now(UTC)
    user = accounts.user_by_name(conn, username)
    assert user is not None
    session = open_session(conn, user.user_id, now=now, hours=1)
    conn.commit()
    stored = accounts.session(conn, digest(session.token), now)
    assert stored is not None
    conn.commit()
    return Visitor(session.token, stored.csrf_token)
