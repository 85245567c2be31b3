"""What a driver makes of bytes. Whatever a scale says is one of these; nothing it says is taken for something else.

Reading      a weight, live or stable
NoWeight     the scale answered that it has none (motion, overload …): never mistaken for an empty pan
DeviceSale   a sale that the scale itself has concluded (price-computing network scales)
DeviceSaid   something happened to the scale (zero, tare, power …)
Identity     who the scale says it is
Garbage      bytes that are no frame, with a reason to count by

A keypad brings `Keyed` and `VoidKeyed`. None of these leave the edge.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.device_event import EventKind
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import TareKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One weight in a scale's stream, rounded half up to the gram where the scale shows less.

    `net_g` may be negative (a tared basket was taken off). `stable` is the scale's own flag; None where its protocol
    carries none. `unit_price_fen` is as the scale was set, for its `price_unit`; None where the protocol carries no
    price. `tare_g` is None where the protocol does not tell; `pieces` where the scale does not count. A
    frame that carries pieces and no weight has a `net_g` of 0. `is_new_load`: the scale gives one result a load, and
    vouches that the pan has moved since its last one.
    """

    net_g: Grams
    stable: bool | None = None
    unit_price_fen: Fen | None = None
    amount_fen: Fen | None = None
    tare_g: Grams | None = None
    tare_kind: TareKind | None = None
    pieces: int | None = None
    is_new_load: bool = False


class Condition(StrEnum):
    """Why a scale has no weight to give."""

    MOTION = "motion"
    OVERLOAD = "overload"
    UNDERLOAD = "underload"  # below zero: the pan was lifted, or a tared basket taken off
    NOT_READY = "not_ready"  # warming up, zero not found, busy
    SAME_LOAD = "same_load"  # no motion since it was weighed last (Dialog 06, status 21)
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True)
class NoWeight:
    """The scale answered, and has no weight."""

    condition: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSale:
    """A sale the scale concluded itself. `number` is its own count, by which a line that is sent twice is known.

    Where the lines carry no price, price and amount are None, and the PLU table of the configuration has to know it.
    """

    number: int | None
    plu: str
    name: str = ""
    net_g: Grams
    tare_g: Grams | None = None
    unit_price_fen: Fen | None = None
    price_unit: PriceUnit
    amount_fen: Fen | None = None
    pieces: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSaid:
    """Something happened to the scale; `detail` is short (`"30 g"`)."""

    kind: EventKind
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who the scale says it is; what it does not say is empty."""

    serial: str = ""
    model: str = ""
    firmware: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyed:
    """The vendor keyed (or scanned) an order; None is what it leaves as it was.

    `corrects`: it is for the load that was recorded last, and not for the next one.
    """

    plu: str | None = None
    unit_price_fen: Fen | None = None
    pieces: int | None = None
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class VoidKeyed:
    """The vendor takes the last sale back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Garbage:
    """Bytes that are no frame. `reason` is a short stable code to count by; `data` is cut to what is worth keeping."""

    reason: str
    data: bytes


Heard = Reading | NoWeight | DeviceSale | DeviceSaid | Identity | Garbage
