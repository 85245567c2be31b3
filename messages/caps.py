"""`…/{market_id}/caps`: the cap list in force for a market, and the ones that are published and come next. Retained.

An agent keeps the latest message: with the lists to come in it, one takes over from another on time without a broker.
A message says explicitly when there is no list in force (`list_id` null); it is never an empty payload.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from domain.errors import BadMessage, show_value
from domain.ids import SpeciesCode
from domain.price_cap import CapList, CapStatus, CapUnit, Channel, PriceCap
from domain.units import Fen
from messages import limits
from messages.checks import require_plain, require_size
from messages.decoding import decode

MAX_ITEMS: Final = 5000
MAX_COMING: Final = 16
NO_LIST_VERSION: Final = "none"
_DIGEST_LENGTH: Final = 12  # 48 bits: enough to tell corrections of one list apart

_Cap = Annotated[int, Meta(ge=1, le=limits.MAX_PRICE_FEN)]
_Code = Annotated[str, Meta(max_length=32)]
_Name = Annotated[str, Meta(max_length=500)]
_Version = Annotated[str, Meta(min_length=1, max_length=120)]
_Time = Annotated[datetime, Meta(tz=True)]
_Id = Annotated[int, Meta(ge=1, le=limits.MAX_SEQ)]


class WireCapItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a list. A capped item has one of the two caps, the others have none."""

    species: Annotated[str, Meta(min_length=1, max_length=32)]
    grade: _Code = ""
    status: Literal["capped", "uncapped", "out_of_stock"]
    cap_fen_per_kg: _Cap | None = None
    cap_fen_per_piece: _Cap | None = None


_Items = Annotated[list[WireCapItem], Meta(max_length=MAX_ITEMS)]


class WireCapList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that is not in force yet. Times RFC 3339 with an offset; `effective_to` null: until another takes over."""

    version: _Version
    list_id: _Id
    source: _Name = ""
    authority: _Name = ""
    document_no: _Name = ""
    channel: Literal["eatery", "stall"]
    area: _Name
    published_at: _Time
    effective_from: _Time
    effective_to: _Time | None = None
    is_demonstration: bool = False
    items: _Items


class WireCaps(WireCapList, frozen=True, kw_only=True):
    """The message where a list is in force: its fields, and `next`."""

    v: Literal[1]
    next: Annotated[list[WireCapList], Meta(max_length=MAX_COMING)] = []


class WireNoCaps(msgspec.Struct, frozen=True, kw_only=True):
    """The message where no list is in force."""

    v: Literal[1]
    version: Literal["none"] = NO_LIST_VERSION
    list_id: None
    items: Annotated[list[WireCapItem], Meta(max_length=0)] = []
    next: Annotated[list[WireCapList], Meta(max_length=MAX_COMING)] = []


class _OnlyListId(msgspec.Struct, frozen=True):
    list_id: msgspec.Raw  # required, so that nothing is taken for "no list" because a field was forgotten


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnouncedList:
    """A published list and where it comes from. `version` changes with anything the list says."""

    cap_list: CapList
    version: str
    source: str
    authority: str
    document_no: str
    published_at: datetime
    is_demonstration: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What is announced to a market: the list in force, or None, and the ones to come."""

    in_force: AnnouncedList | None
    coming: tuple[AnnouncedList, ...] = ()

    @property
    def version(self) -> str:
        """The version of the list in force; `none` without one."""
        return NO_LIST_VERSION if self.in_force is None else self.in_force.version


_encoder = msgspec.json.Encoder()
_id_decoder = msgspec.json.Decoder(_OnlyListId)
_caps_decoder = msgspec.json.Decoder(WireCaps)
_no_caps_decoder = msgspec.json.Decoder(WireNoCaps)


def with_version(announced: AnnouncedList) -> AnnouncedList:
    """Return the list with the version that its content makes: its id and a digest, the same whoever computes it."""
    content = _encoder.encode(_wire_list(replace(announced, version="-")))
    digest = sha256(content).hexdigest()[:_DIGEST_LENGTH]
    return replace(announced, version=f"{announced.cap_list.cap_list_id}-{digest}")


def encode_caps(announcement: Announcement) -> bytes:
    """Return the JSON of an announcement; times are written in UTC. The same announcement is the same bytes."""
    coming = [_wire_list(one) for one in announcement.coming]
    if announcement.in_force is None:
        return _encoder.encode(WireNoCaps(v=limits.VERSION, list_id=None, next=coming))
    fields = msgspec.structs.asdict(_wire_list(announcement.in_force))
    return _encoder.encode(WireCaps(v=limits.VERSION, next=coming, **fields))


def decode_caps(payload: bytes) -> Announcement:
    """Read an announcement. Raise BadMessage where any of it cannot be used: half a list would judge wrongly."""
    require_size(payload)
    if bytes(decode(_id_decoder, payload, "caps").list_id) == b"null":
        empty = decode(_no_caps_decoder, payload, "caps")
        return Announcement(in_force=None, coming=_coming(empty.next))
    wire = decode(_caps_decoder, payload, "caps")
    return Announcement(in_force=_announced(wire, ""), coming=_coming(wire.next))


def _wire_list(announced: AnnouncedList) -> WireCapList:
    cap_list = announced.cap_list
    return WireCapList(
        version=announced.version,
        list_id=cap_list.cap_list_id,
        source=announced.source,
        authority=announced.authority,
        document_no=announced.document_no,
        channel=cap_list.channel.value,
        area=cap_list.area,
        published_at=announced.published_at.astimezone(UTC),
        effective_from=cap_list.effective_from.astimezone(UTC),
        effective_to=None if cap_list.effective_to is None else cap_list.effective_to.astimezone(UTC),
        is_demonstration=announced.is_demonstration,
        items=[_wire_item(item) for item in cap_list.items],
    )


_WireStatus = Literal["capped", "uncapped", "out_of_stock"]
#: What is absent from a list is not announced at all.
_WIRE_STATUS: Final[dict[CapStatus, _WireStatus]] = {
    CapStatus.CAPPED: "capped",
    CapStatus.UNCAPPED: "uncapped",
    CapStatus.OUT_OF_STOCK: "out_of_stock",
}


def _wire_item(item: PriceCap) -> WireCapItem:
    is_by_piece = item.unit is CapUnit.PIECE
    return WireCapItem(
        species=item.species,
        grade=item.grade,
        status=_WIRE_STATUS[item.status],
        cap_fen_per_kg=None if is_by_piece else item.cap_fen,
        cap_fen_per_piece=item.cap_fen if is_by_piece else None,
    )


def _coming(lists: Sequence[WireCapList]) -> tuple[AnnouncedList, ...]:
    return tuple(_announced(wire, f"next[{n}].") for n, wire in enumerate(lists))


def _announced(wire: WireCapList, place: str) -> AnnouncedList:
    require_plain((place + field, getattr(wire, field)) for field in _TEXTS)
    if wire.effective_to is not None and wire.effective_to <= wire.effective_from:
        expected = f"later than effective_from, {wire.effective_from.isoformat()}"
        raise BadMessage("bad_field", f"{place}effective_to", wire.effective_to.isoformat(), expected)
    return AnnouncedList(
        cap_list=CapList(
            cap_list_id=wire.list_id,
            area=wire.area,
            channel=Channel(wire.channel),
            effective_from=wire.effective_from,
            effective_to=wire.effective_to,
            items=_items(wire, place),
        ),
        version=wire.version,
        source=wire.source,
        authority=wire.authority,
        document_no=wire.document_no,
        published_at=wire.published_at,
        is_demonstration=wire.is_demonstration,
    )


_TEXTS: Final = ("version", "source", "authority", "document_no", "area")


def _items(wire: WireCapList, place: str) -> tuple[PriceCap, ...]:
    seen: set[tuple[str, str]] = set()
    items = []
    for n, item in enumerate(wire.items):
        where = f"{place}items[{n}]"
        if (item.species, item.grade) in seen:
            raise BadMessage("bad_field", where, show_value((item.species, item.grade)), "each species and grade once")
        seen.add((item.species, item.grade))
        items.append(_item(item, wire.list_id, where))
    return tuple(items)


def _item(item: WireCapItem, list_id: int, where: str) -> PriceCap:
    require_plain(((f"{where}.species", item.species), (f"{where}.grade", item.grade)))
    caps = [cap for cap in (item.cap_fen_per_kg, item.cap_fen_per_piece) if cap is not None]
    if len(caps) != (1 if item.status == CapStatus.CAPPED.value else 0):
        expected = "cap_fen_per_kg or cap_fen_per_piece for a capped item, and neither for another"
        raise BadMessage("bad_field", where, f"{item.status} with {len(caps)} caps", expected)
    return PriceCap(
        cap_list_id=list_id,
        species=SpeciesCode(item.species),
        grade=item.grade,
        status=CapStatus(item.status),
        unit=CapUnit.PIECE if item.cap_fen_per_piece is not None else CapUnit.KG,
        cap_fen=Fen(caps[0]) if caps else None,
    )
