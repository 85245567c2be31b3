"""A scale as a vendor works it: where goods and price are keyed, and who concludes the sale. Pure.

It is the same way for whoever has the scale on his stall.
"""

from dataclasses import dataclass
from typing import Final

from domain.units import yuan
from simulators.device import Device
from simulators.market.price_tables import PriceTable
from simulators.market.tricks import Lot
from simulators.one_scale.steps import KeyPlu, KeyPrice, KeyTare, Total

_EMPTY_S: Final = 0.5  # on a scale that sends ten times a second, enough for an agent to see that the pan is empty
#: A printed label is taken, and put onto the bag. A DP-401's line that is the same but for 5 s is one that comes again.
_LABEL_S: Final = 6.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkedScale:
    """A device and its ways. `keys_price`: the unit price is keyed on the keypad, because the scale has no keys for it.

    With a `table` the goods are keyed on the scale, which has their price and concludes the sale; the stall's keypad
    only voids.
    """

    device: Device
    keys_price: bool = False
    table: PriceTable | None = None

    @property
    def is_warned_of(self) -> bool:
        """Whether an agent knows goods and price before the sale: only then it can warn."""
        return self.table is None

    def clearing_s(self, *, is_sold: bool) -> float:
        """Return how long it takes until the next load may come."""
        empty_s = self.device.scale.platform.capacity.settle_s + _EMPTY_S
        return empty_s if self.table is None or not is_sold else max(empty_s, _LABEL_S)

    def sold(self, lot: Lot) -> Lot:
        """Return what a lot is on this scale."""
        return lot if self.table is None else self.table.sold(lot)

    def key(self, lot: Lot, now: float) -> bytes:
        """Key goods, price and tare, and return what the keypad sends."""
        if self.table is not None:
            self.device.do_all((KeyPlu(lot.goods.plu), KeyTare(lot.tare_g)), now)
            return b""
        self.device.do_all((KeyPrice(lot.unit_price_fen), KeyTare(lot.tare_g)), now)
        price = f"*{yuan(lot.unit_price_fen)}" if self.keys_price else ""
        return f"{lot.goods.plu}{price}\r".encode("ascii")

    def lower(self, unit_price_fen: int, now: float) -> bytes:
        """Key another price before the load comes, and return what the keypad sends."""
        if self.keys_price:
            return f"*{yuan(unit_price_fen)}\r".encode("ascii")
        self.device.do(KeyPrice(unit_price_fen), now)
        return b""

    def correct(self, plu: str, unit_price_fen: int, now: float) -> bytes:
        """Key another price while the load lies there, and return what the keypad sends."""
        if self.keys_price:
            return f"+{plu}*{yuan(unit_price_fen)}\r".encode("ascii")
        self.device.do(KeyPrice(unit_price_fen), now)
        return f"{plu}\r".encode("ascii")  # the agent has to hear once more what it is

    def weigh(self, now: float) -> tuple[int, bytes]:
        """Return the net weight, in grams, of a load at rest as the scale says it, and what is sent to conclude."""
        scale = self.device.scale
        if self.table is None:
            return scale.shown_net_g(now), b""
        sent = self.device.do_all((Total(),), now)
        return scale.told_g, sent
