"""`…/{scale_id}/notices`: what the service tells one scale. Not retained: a scale that was away is told anew.

over_cap  a committed sale was above the cap
lock      the scale is not to be used for sales until `unlock`; it says so, it does not stop weighing
unlock    it may be used again
vendor    whose stall this is now, and what its customers may know of it
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, SpeciesCode, is_id
from domain.units import Fen, FenPerKg, PriceUnit
from messages import limits
from messages.checks import require_plain, require_size
from messages.decoding import decode

_Seq = Annotated[int, Meta(ge=1, le=limits.MAX_SEQ)]
_Price = Annotated[int, Meta(ge=0, le=limits.MAX_PRICE_FEN)]
_Cap = Annotated[int, Meta(ge=1, le=limits.MAX_PRICE_FEN)]
_Time = Annotated[datetime, Meta(tz=True)]
_Code = Annotated[str, Meta(max_length=32)]
_Name = Annotated[str, Meta(max_length=limits.MAX_NAME_LENGTH)]
_Tier = Annotated[str, Meta(max_length=limits.MAX_TIER_LENGTH)]


@dataclass(frozen=True, kw_only=True, slots=True)
class OverCapNotice:
    """The sale `seq` of `journal_id` was above the cap of the list `list_version`. Prices in fen."""

    at: datetime
    journal_id: JournalId
    seq: int
    unit_price_fen: Fen
    price_unit: PriceUnit
    cap_fen_per_kg: FenPerKg
    species: SpeciesCode = SpeciesCode("")
    grade: str = ""
    name: str = ""
    list_version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LockNotice:
    """The scale is not to be used for sales. `reason` is for the vendor to read."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockNotice:
    """The scale may be used again."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorNotice:
    """Whose stall this is now. An empty `credit_tier`: there is none to show; an empty `stall_id`: nobody's stall."""

    at: datetime
    stall_id: str = ""
    vendor_name: str = ""
    credit_tier: str = ""


Notice = OverCapNotice | LockNotice | UnlockNotice | VendorNotice


class WireOverCap(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="over_cap"):
    """`over_cap` as JSON."""

    v: Literal[1]
    at: _Time
    journal_id: str
    seq: _Seq
    unit_price_fen: _Price
    price_unit: Literal["kg", "500g", "100g", "piece"]
    cap_fen_per_kg: _Cap
    species: _Code = ""
    grade: _Code = ""
    name: _Name = ""
    list_version: _Name = ""


class WireLock(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="lock"):
    """`lock` as JSON."""

    v: Literal[1]
    at: _Time
    reason: _Name = ""


class WireUnlock(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="unlock"):
    """`unlock` as JSON."""

    v: Literal[1]
    at: _Time
    reason: _Name = ""


class WireVendor(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="vendor"):
    """`vendor` as JSON."""

    v: Literal[1]
    at: _Time
    stall_id: _Name = ""
    vendor_name: _Name = ""
    credit_tier: _Tier = ""


class _OnlyKind(msgspec.Struct, frozen=True):
    kind: str


_encoder = msgspec.json.Encoder()
_kind_decoder = msgspec.json.Decoder(_OnlyKind)
_over_cap_decoder = msgspec.json.Decoder(WireOverCap)
_lock_decoder = msgspec.json.Decoder(WireLock)
_unlock_decoder = msgspec.json.Decoder(WireUnlock)
_vendor_decoder = msgspec.json.Decoder(WireVendor)


def encode_notice(notice: Notice) -> bytes:
    """Return the JSON of a notice; its time is written in UTC."""
    return _encoder.encode(_wire(notice))


def decode_notice(payload: bytes) -> Notice:
    """Read a notice. Raise BadMessage where it cannot be used: reason `unknown_kind` for one of a later contract."""
    require_size(payload)
    kind = decode(_kind_decoder, payload, "notice").kind
    match kind:
        case "over_cap":
            return _over_cap(decode(_over_cap_decoder, payload, "notice"))
        case "lock":
            lock = decode(_lock_decoder, payload, "notice")
            _require_plain(lock, "reason")
            return LockNotice(at=lock.at, reason=lock.reason)
        case "unlock":
            unlock = decode(_unlock_decoder, payload, "notice")
            _require_plain(unlock, "reason")
            return UnlockNotice(at=unlock.at, reason=unlock.reason)
        case "vendor":
            return _vendor(decode(_vendor_decoder, payload, "notice"))
        case _:
            expected = "one of 'over_cap', 'lock', 'unlock', 'vendor'"
            raise BadMessage("unknown_kind", "kind", show_value(kind), expected)


def _wire(notice: Notice) -> msgspec.Struct:
    at = notice.at.astimezone(UTC)
    match notice:
        case OverCapNotice():
            return WireOverCap(
                v=limits.VERSION,
                at=at,
                journal_id=notice.journal_id,
                seq=notice.seq,
                unit_price_fen=notice.unit_price_fen,
                price_unit=notice.price_unit.value,
                cap_fen_per_kg=notice.cap_fen_per_kg,
                species=notice.species,
                grade=notice.grade,
                name=notice.name,
                list_version=notice.list_version,
            )
        case LockNotice():
            return WireLock(v=limits.VERSION, at=at, reason=notice.reason)
        case UnlockNotice():
            return WireUnlock(v=limits.VERSION, at=at, reason=notice.reason)
        case VendorNotice():
            return WireVendor(
                v=limits.VERSION,
                at=at,
                stall_id=notice.stall_id,
                vendor_name=notice.vendor_name,
                credit_tier=notice.credit_tier,
            )


def _over_cap(wire: WireOverCap) -> OverCapNotice:
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    _require_plain(wire, "species", "grade", "name", "list_version")
    return OverCapNotice(
        at=wire.at,
        journal_id=JournalId(wire.journal_id),
        seq=wire.seq,
        unit_price_fen=Fen(wire.unit_price_fen),
        price_unit=PriceUnit(wire.price_unit),
        cap_fen_per_kg=FenPerKg(wire.cap_fen_per_kg),
        species=SpeciesCode(wire.species),
        grade=wire.grade,
        name=wire.name,
        list_version=wire.list_version,
    )


def _vendor(wire: WireVendor) -> VendorNotice:
    _require_plain(wire, "stall_id", "vendor_name", "credit_tier")
    return VendorNotice(at=wire.at, stall_id=wire.stall_id, vendor_name=wire.vendor_name, credit_tier=wire.credit_tier)


def _require_plain(wire: Any, *fields: str) -> None:
    require_plain((field, getattr(wire, field)) for field in fields)
