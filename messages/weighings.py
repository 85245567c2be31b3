"""`…/weighings`: one to 500 weighings a message, each weighing's bytes frozen in the device's journal.

A message is refused only for what makes it unusable; unknown fields are kept with the weighing's bytes. A bad
envelope refuses the message; a bad weighing refuses itself alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, SpeciesCode, is_id
from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, amount_for_pieces, fen_per_kg
from domain.weighing import CapWarning, TareKind, Weighing
from messages import limits
from messages.checks import require_plain, require_size
from messages.decoding import decode

_Seq = Annotated[int, Meta(ge=1, le=limits.MAX_SEQ)]
_Weight = Annotated[int, Meta(ge=0, le=limits.MAX_WEIGHT_G)]
_Offset = Annotated[int, Meta(ge=-limits.MAX_WEIGHT_G, le=limits.MAX_WEIGHT_G)]
_Price = Annotated[int, Meta(ge=0, le=limits.MAX_PRICE_FEN)]
_Amount = Annotated[int, Meta(ge=0, le=limits.MAX_AMOUNT_FEN)]
_Pieces = Annotated[int, Meta(ge=0, le=limits.MAX_PIECES)]
_Time = Annotated[datetime, Meta(tz=True)]
_Code = Annotated[str, Meta(max_length=32)]
_Name = Annotated[str, Meta(max_length=limits.MAX_NAME_LENGTH)]
_Digest = Annotated[str, Meta(max_length=64)]


class WireCapWarning(msgspec.Struct, frozen=True, kw_only=True):
    """The scale warned of its price before the sale: the cap it knew, fen for a kg, and the version of its list."""

    cap_fen_per_kg: _Price
    list_version: _Name


class WireWeighing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One weighing as JSON. Weights in grams, money in fen, times RFC 3339 with an offset."""

    seq: _Seq
    prev: _Digest = ""
    weighed_at: _Time
    clock_synced: bool = False
    plu: _Code = ""
    species: _Code = ""
    grade: _Code = ""
    name: _Name = ""
    gross_g: _Weight | None = None
    tare_g: _Weight | None = None
    tare_kind: Literal["none", "preset", "weighed"] | UnsetType | None = UNSET
    net_g: _Weight
    stable: bool | None = None
    zero_offset_g: _Offset | None = None
    pieces: _Pieces | None = None
    unit_price_fen: _Price
    price_unit: Literal["kg", "500g", "100g", "piece"]
    amount_fen: _Amount | None = None
    discount_fen: _Amount = 0
    paid_fen: _Amount | None = None
    fee_fen: _Amount = 0
    voids_seq: _Seq | None = None
    cap_warning: WireCapWarning | UnsetType | None = UNSET
    ticket_no: _Name = ""


class WireEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """What is around the weighings. The elements stay raw: their bytes are what the chain was made of."""

    v: Literal[1]
    journal_id: str
    sent_at: msgspec.Raw = msgspec.Raw(b"null")  # it only measures a clock, so nothing is refused for it
    weighings: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=limits.MAX_WEIGHINGS_PER_MESSAGE)]


class _OnlySeq(msgspec.Struct, frozen=True):
    seq: _Seq


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message taken apart: whose journal, and the bytes of each weighing. `sent_at`: None where it says none."""

    journal_id: JournalId
    weighings: tuple[bytes, ...]
    sent_at: datetime | None = None


_encoder = msgspec.json.Encoder()
_envelope_decoder = msgspec.json.Decoder(WireEnvelope)
_weighing_decoder = msgspec.json.Decoder(WireWeighing)
_seq_decoder = msgspec.json.Decoder(_OnlySeq)
_time_decoder = msgspec.json.Decoder(_Time)


def encode_weighing(weighing: Weighing) -> bytes:
    """Return the JSON object of a weighing: the bytes a journal freezes. Times are written in UTC."""
    return _encoder.encode(
        WireWeighing(
            seq=weighing.seq,
            prev=weighing.prev,
            weighed_at=weighing.weighed_at.astimezone(UTC),
            clock_synced=weighing.clock_synced,
            plu=weighing.plu,
            species=weighing.species,
            grade=weighing.grade,
            name=weighing.name,
            gross_g=weighing.gross_g,
            tare_g=weighing.tare_g,
            tare_kind=UNSET if weighing.tare_kind is None else weighing.tare_kind.value,
            net_g=weighing.net_g,
            stable=weighing.stable,
            zero_offset_g=weighing.zero_offset_g,
            pieces=weighing.pieces,
            unit_price_fen=weighing.unit_price_fen,
            price_unit=weighing.price_unit.value,
            amount_fen=weighing.amount_fen,
            discount_fen=weighing.discount_fen,
            paid_fen=weighing.paid_fen,
            fee_fen=weighing.fee_fen,
            voids_seq=weighing.voids_seq,
            cap_warning=_wire_warning(weighing.cap_warning),
            ticket_no=weighing.ticket_no,
        )
    )


def encode_envelope(journal_id: JournalId, sent_at: datetime, weighings: list[bytes]) -> bytes:
    """Put frozen weighings of one journal into a message."""
    raws = [msgspec.Raw(weighing) for weighing in weighings]
    sent = msgspec.Raw(_encoder.encode(sent_at.astimezone(UTC)))
    return _encoder.encode(WireEnvelope(v=limits.VERSION, journal_id=journal_id, sent_at=sent, weighings=raws))


def decode_envelope(payload: bytes) -> Envelope:
    """Take a message apart. Raise BadMessage where the message as a whole cannot be used."""
    require_size(payload)
    _require_utf8(payload)
    wire = decode(_envelope_decoder, payload, "payload")
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    return Envelope(JournalId(wire.journal_id), tuple(map(bytes, wire.weighings)), _sent_at(wire.sent_at))


def decode_weighing(element: bytes) -> Weighing:
    """Read one weighing. Raise BadMessage where it cannot be used.

    Left out: `amount_fen` is what net and price make (rounded half up), `paid_fen` is amount less discount.
    """
    wire = decode(_weighing_decoder, element, "weighing")
    _require_plain_text(wire)
    _require_consistent_weights(wire)
    unit = PriceUnit(wire.price_unit)
    amount = wire.amount_fen if wire.amount_fen is not None else _amount(wire, unit)
    paid = wire.paid_fen if wire.paid_fen is not None else amount - wire.discount_fen
    if paid < 0:
        raise BadMessage("bad_field", "discount_fen", str(wire.discount_fen), f"at most the amount, {amount}")
    return Weighing(
        seq=wire.seq,
        prev=wire.prev,
        weighed_at=wire.weighed_at,
        clock_synced=wire.clock_synced,
        plu=wire.plu,
        species=SpeciesCode(wire.species),
        grade=wire.grade,
        name=wire.name,
        gross_g=None if wire.gross_g is None else Grams(wire.gross_g),
        tare_g=None if wire.tare_g is None else Grams(wire.tare_g),
        tare_kind=TareKind(wire.tare_kind) if wire.tare_kind else None,
        net_g=Grams(wire.net_g),
        stable=wire.stable,
        zero_offset_g=wire.zero_offset_g,
        pieces=wire.pieces,
        unit_price_fen=Fen(wire.unit_price_fen),
        price_unit=unit,
        amount_fen=Fen(amount),
        discount_fen=Fen(wire.discount_fen),
        paid_fen=Fen(paid),
        fee_fen=Fen(wire.fee_fen),
        voids_seq=wire.voids_seq,
        cap_warning=_warning(wire.cap_warning),
        ticket_no=wire.ticket_no,
    )


def read_wire(element: bytes) -> WireWeighing:
    """Read one weighing as it is on the wire, checked field by field. Raise BadMessage where a field is wrong.

    For batches: what spans fields, and texts that `may_hold_bad_text`, the caller checks by columns, and asks
    `decode_weighing` about those that do not pass.
    """
    return decode(_weighing_decoder, element, "weighing")


def may_hold_bad_text(element: bytes) -> bool:
    """Say whether a weighing could hold NUL or a lone surrogate: in UTF-8 JSON only an escape can (RFC 8259, 7)."""
    return b"\\u" in element


def readable_seq(element: bytes) -> int | None:
    """Return the `seq` of a weighing that may be unusable otherwise: its place in the journal is accounted for."""
    try:
        return decode(_seq_decoder, element, "weighing").seq
    except BadMessage:
        return None


def _sent_at(raw: msgspec.Raw) -> datetime | None:
    try:
        return _time_decoder.decode(raw).astimezone(UTC)
    except (msgspec.DecodeError, OverflowError):  # no time, none with an offset, or none of our era
        return None


def _wire_warning(warning: CapWarning | None) -> WireCapWarning | UnsetType:
    if warning is None:
        return UNSET
    return WireCapWarning(cap_fen_per_kg=warning.cap_fen_per_kg, list_version=warning.list_version)


def _warning(wire: WireCapWarning | UnsetType | None) -> CapWarning | None:
    if not isinstance(wire, WireCapWarning):
        return None
    return CapWarning(cap_fen_per_kg=FenPerKg(wire.cap_fen_per_kg), list_version=wire.list_version)


def _amount(wire: WireWeighing, unit: PriceUnit) -> Fen:
    per_kg = fen_per_kg(Fen(wire.unit_price_fen), unit)
    if per_kg is None:
        return amount_for_pieces(wire.pieces or 0, Fen(wire.unit_price_fen))
    return amount_due(Grams(wire.net_g), FenPerKg(per_kg))


def _require_utf8(payload: bytes) -> None:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError as error:
        around = payload[max(0, error.start - 10) : error.start + 10]
        raise BadMessage(
            "not_utf8",
            f"payload byte {error.start}",
            show_value(around),
            "UTF-8 text (RFC 8259, section 8.1)",
        ) from None


def _require_plain_text(wire: WireWeighing) -> None:
    require_plain((field, getattr(wire, field)) for field in ("plu", "species", "grade", "name", "ticket_no", "prev"))
    if isinstance(wire.cap_warning, WireCapWarning):
        require_plain([("cap_warning.list_version", wire.cap_warning.list_version)])


def _require_consistent_weights(wire: WireWeighing) -> None:
    if wire.net_g == 0 and not wire.pieces and wire.voids_seq is None:
        raise BadMessage("bad_field", "net_g", "0", "more than 0 for goods sold by weight, or `pieces` of at least 1")
    if wire.price_unit == PriceUnit.PIECE.value and not wire.pieces:
        raise BadMessage("bad_field", "pieces", show_value(wire.pieces), "at least 1 for a price per piece")
    if wire.gross_g is not None and wire.tare_g is not None and wire.gross_g - wire.tare_g != wire.net_g:
        expected = f"gross_g - tare_g = {wire.gross_g - wire.tare_g}"
        raise BadMessage("bad_field", "net_g", str(wire.net_g), expected)
