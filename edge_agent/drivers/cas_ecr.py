"""CAS "ECR type" (CAS PD-II, Ohaus Aviator, Gram ZFOC): the host enquires, the scale is ready, the host asks.

    ENQ → ACK, or NAK: no data now
    DC1 → SOH  STX sta sign WW.WWW kg BCC ETX  EOT
    DC2 → SOH  STX total(8) BCC ETX  STX sta sign WW.WWW kg BCC ETX  STX unit price(8) BCC ETX  EOT

sta: S at rest, U not. sign: blank, `-`, F for overload. Prices are padded with blanks and have two decimals. BCC: all
bytes between STX and itself in exclusive or, so it may have the value of any other byte. Sources: Ohaus Aviator 7000
service manual, p. 36; CAS PD-II manual, p. 23 (TYPE-6).

PD-II TYPE-0 (the same manual, p. 19): ENQ, DC2 → ACK  STX id WWWWW BCC ETX, five digits in grams, no stable flag.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor
from types import MappingProxyType
from typing import Final

from domain.units import PriceUnit
from edge_agent.drivers.amounts import check_prices_by_weight
from edge_agent.drivers.cas_ecr_texts import read_price, read_type_0, read_weight
from edge_agent.drivers.framing import Framer, Piece
from edge_agent.drivers.protocol import READ_EVERY_S, DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight

ANSWER_S: Final = 0.6  # a scale that is silent for longer will not answer
ENQ, ACK, NAK, DC1, DC2 = b"\x05", b"\x06", b"\x15", b"\x11", b"\x12"
_SOH, _EOT = b"\x01", b"\x04"
_STX, _ETX = b"\x02", b"\x03"
_TEXT: Final = range(0x20, 0x7F)
_ANY: Final = range(0x100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """A way of asking: what is written to begin, what after ACK, and the answer: `blocks` between two ends.

    `blocks` are the lengths of their texts; `read` is given the texts.
    """

    enquiry: bytes
    request: bytes = b""
    before: bytes = _SOH
    after: bytes = _EOT
    blocks: tuple[int, ...]
    read: Callable[[tuple[bytes, ...], PriceUnit], Heard | str]

    def places(self) -> tuple[Container[int], ...]:
        """Return what may stand at each place of the answer."""
        found: list[Container[int]] = [{value} for value in self.before]
        for size in self.blocks:
            found += [_STX, *[_TEXT] * size, _ANY, _ETX]
        return (*found, *({value} for value in self.after))


class CasEcr(ScaleDriver):
    """The dialogue with one scale whose unit price, where it sends one, is for `price_unit`."""

    def __init__(self, dialect: Dialect, price_unit: PriceUnit) -> None:
        self._dialect, self._price_unit = dialect, price_unit
        start = dialect.before or _STX
        self._places = dialect.places()
        self._framer = Framer(starts=start + ACK + NAK, longest=len(self._places), end_of=self._end_of)
        self.reset()

    def reset(self) -> None:
        """Forget the half frame in hand and what was asked."""
        self._framer.reset()
        self._is_asked = self._is_request_due = self._is_data_due = False
        self._asked_at = self._enquired_at = float("-inf")

    def poll(self, now: float) -> bytes:
        """Return the request at once where the scale is ready, else the enquiry when it is due."""
        if self._is_request_due:
            self._is_request_due, self._is_data_due, self._asked_at = False, True, now
            return self._dialect.request
        due_at = self._asked_at + ANSWER_S if self._is_asked else self._enquired_at + READ_EVERY_S
        if now < due_at:
            return b""
        self._is_asked, self._is_data_due = True, not self._dialect.request
        self._asked_at = self._enquired_at = now
        return self._dialect.enquiry

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept is always less than the longest frame."""
        return [heard for piece in self._framer.feed(data) if (heard := self._read(piece)) is not None]

    def _end_of(self, window: bytes) -> int | None:
        """Half an answer is given up with the first byte that cannot follow, so that an ACK behind it is heard."""
        if window[:1] in {ACK, NAK}:
            return 1
        if not self._has_form(window):
            return 0
        size = len(self._places)
        return None if len(window) < size else size * (_texts(self._dialect, window) is not None)

    def _has_form(self, window: bytes) -> bool:
        return all(value in allowed for value, allowed in zip(window, self._places, strict=False))

    def _read(self, piece: Piece) -> Heard | None:
        if not piece.is_frame:
            reason = self._why_not(piece.data)
            self._is_asked = self._is_asked and reason != "bad_checksum"  # that was the answer: ask again when due
            return Garbage(reason=reason, data=piece.data)
        if piece.data == ACK:
            return self._acknowledged()
        is_due, self._is_asked = self._is_asked, False
        self._is_data_due = self._is_request_due = False
        if piece.data == NAK:
            return NoWeight(Condition.NOT_READY) if is_due else Garbage(reason="unasked", data=NAK)
        texts = _texts(self._dialect, piece.data)
        found = "bad_checksum" if texts is None else self._dialect.read(texts, self._price_unit)
        return Garbage(reason=found, data=piece.data) if isinstance(found, str) else found

    def _why_not(self, piece: bytes) -> str:
        if piece[0] not in self._places[0]:
            return "no_start"
        if len(piece) < len(self._places):
            return "torn"
        return "bad_checksum" if self._has_form(piece) else "not_a_frame"

    def _acknowledged(self) -> Heard | None:
        """TYPE-0 asks in one go, and its ACK only goes before the data."""
        if not self._is_asked:
            return Garbage(reason="unasked", data=ACK)
        if self._dialect.request and not self._is_data_due:
            self._is_request_due = True
        return None


def _texts(dialect: Dialect, frame: bytes) -> tuple[bytes, ...] | None:
    """Return the texts of a whole answer's blocks; None where a check byte is wrong."""
    found, at = [], len(dialect.before)
    for size in dialect.blocks:
        text, check = frame[at + 1 : at + 1 + size], frame[at + 1 + size]
        if reduce(xor, text) != check:
            return None
        found.append(text)
        at += size + 3
    return tuple(found)


_PRICE: Final = 8
_WEIGHT_BYTES: Final = 10
_WITHOUT_PRICE: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "weight": Dialect(enquiry=ENQ, request=DC1, blocks=(_WEIGHT_BYTES,), read=read_weight),
        "pd2_type0": Dialect(enquiry=ENQ + DC2, before=b"", after=b"", blocks=(6,), read=read_type_0),
    }
)
_WITH_PRICE: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "price": Dialect(enquiry=ENQ, request=DC2, blocks=(_PRICE, _WEIGHT_BYTES, _PRICE), read=read_price),
    }
)


def _maker(dialects: Mapping[str, Dialect]) -> Callable[[DriverOptions], CasEcr]:
    def make(options: DriverOptions) -> CasEcr:
        check_profile(options, dialects)
        if dialects is _WITH_PRICE:
            check_prices_by_weight(options.price_unit, "a CAS ECR scale")
        return CasEcr(dialects[options.profile], options.price_unit)

    return make


DRIVER: Final = DriverSpec(
    name="cas_ecr",
    title="CAS ECR, weight (凯士)",
    profiles=tuple(_WITHOUT_PRICE),
    price_from=PriceFrom.KEYPAD,
    is_polled=True,
    make=_maker(_WITHOUT_PRICE),
)

DRIVER_WITH_PRICE: Final = DriverSpec(
    name="cas_ecr_price",
    title="CAS ECR, with price (凯士计价)",
    profiles=tuple(_WITH_PRICE),
    price_from=PriceFrom.SCALE,
    is_polled=True,
    make=_maker(_WITH_PRICE),
)
