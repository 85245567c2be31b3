"""Who the vendors are."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection, errors
from psycopg.rows import class_row

from db.queries import load
from db.register.sounds import syllables
from domain.errors import RuleViolation
from domain.ids import MarketId, VendorId
from domain.register.records import RegisteredVendor, VendorIdentity, VendorKind

_SQL = load("register_vendors")


@dataclass(frozen=True, kw_only=True, slots=True)
class SameBusiness:
    """The same business, by its code, in another market."""

    market_id: MarketId
    vendor_id: VendorId
    name: str
    market_name: str


def one(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> RegisteredVendor | None:
    """Return a vendor, or None."""
    row = conn.execute(_SQL["one"], {"market_id": market_id, "vendor_id": vendor_id}).fetchone()
    return None if row is None else _vendor(row)


def several(
    conn: Connection, market_id: MarketId, vendor_ids: Collection[str], *, lock: bool = False
) -> dict[VendorId, RegisteredVendor]:
    """Return those of the vendors that are registered; `lock`: held until the transaction ends."""
    parameters = {"market_id": market_id, "vendor_ids": list(vendor_ids)}
    if lock:
        conn.execute(_SQL["lock_several"], parameters)
    return {row[1]: _vendor(row) for row in conn.execute(_SQL["several"], parameters)}


def holders_of(conn: Connection, market_id: MarketId, codes: Collection[str]) -> dict[str, VendorId]:
    """Return who has those of the credit codes that anybody of the market has."""
    parameters = {"market_id": market_id, "codes": list(codes)}
    return {code: VendorId(vendor) for code, vendor in conn.execute(_SQL["by_codes"], parameters)}


def elsewhere(conn: Connection, market_id: MarketId, credit_code: str) -> list[SameBusiness]:
    """Return the same business in other markets, at most 20."""
    with conn.cursor(row_factory=class_row(SameBusiness)) as cursor:
        return cursor.execute(_SQL["elsewhere"], {"market_id": market_id, "credit_code": credit_code}).fetchall()


def insert(conn: Connection, market_id: MarketId, vendor_id: VendorId, identity: VendorIdentity) -> bool:
    """Register a vendor; return False where there is one of that id. Raise RuleViolation where its code is taken."""
    values = {"market_id": market_id, "vendor_id": vendor_id, **_values(identity)}
    try:
        with conn.transaction():
            return conn.execute(_SQL["insert"], values).fetchone() is not None
    except errors.UniqueViolation:
        raise RuleViolation(_taken(conn, market_id, identity.credit_code)) from None


def change(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, identity: VendorIdentity, *, revision: int
) -> bool:
    """Put an identity in place of revision `revision`; False where that is not the newest any more."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "revision": revision, **_values(identity)}
    try:
        with conn.transaction():
            return conn.execute(_SQL["change"], values).fetchone() is not None
    except errors.UniqueViolation:
        raise RuleViolation(_taken(conn, market_id, identity.credit_code)) from None


def learn_sounds(conn: Connection) -> int:
    """Give every vendor that was registered without one its pinyin; return how many."""
    learnt = 0
    while named := conn.execute(_SQL["without_pinyin"]).fetchall():
        heard = [(market, vendor, " ".join(syllables(name)) or "-") for market, vendor, name in named]
        set_sounds(conn, heard)
        learnt += len(heard)
    return learnt


def set_sounds(conn: Connection, heard: Sequence[tuple[str, str, str]]) -> None:
    """Set the pinyin of vendors: (market_id, vendor_id, syllables with blanks between)."""
    parameters = {
        "market_ids": [one[0] for one in heard],
        "vendor_ids": [one[1] for one in heard],
        "pinyins": [one[2] for one in heard],
    }
    conn.execute(_SQL["set_pinyin"], parameters)


def _taken(conn: Connection, market_id: MarketId, code: str) -> str:
    holder = holders_of(conn, market_id, [code]).get(code)
    return f"the code {code} is registered for {holder} already: the same business is one vendor"


def _values(identity: VendorIdentity) -> dict[str, Any]:
    return {**asdict(identity), "kind": identity.kind or "", "pinyin": syllables(identity.name)}


def _vendor(row: Sequence[Any]) -> RegisteredVendor:
    market_id, vendor_id, name, kind, code, licence_no, representative, phone, begins, ends, revision = row
    return RegisteredVendor(
        market_id=market_id,
        vendor_id=vendor_id,
        identity=VendorIdentity(
            name=name,
            kind=VendorKind(kind) if kind else None,
            credit_code=code,
            licence_no=licence_no,
            legal_representative=representative,
            phone=phone,
            licence_from=begins,
            licence_until=ends,
        ),
        revision=revision,
    )
