"""A simulated DP-401: a label-printing scale that registers over TCP and says what it sold. It has its own clock.

After the CarniTrack project's description of the protocol and its captured lines (public repository, 2026). What that
leaves open is assumed here: the scale waits 5 s for an `OK`, then sends the line again, up to three times in all; a
heartbeat does not interrupt a line.
"""

import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.units import PriceUnit
from simulators.scales.protocol import PluTable, SimulatedScale, SimulatedSpec

HEARTBEAT_EVERY_S: Final = 30.0
RESEND_AFTER_S: Final = 5.0
SENDINGS: Final = 3
_QUESTION: Final = b"KONTROLLU AKTAR OK?"
_ACK: Final = b"OK\n"
_NAME_CHARACTERS: Final = 16
_TIME: Final = "hh:mm:ss"  # stands in a line until it is sent
_PLU_DIGITS: Final = 5
_UNIT_G: Final = {"grams": 1, "hundred_grams": 100, "running_total": 1}


class SimulatedDp401(SimulatedScale):
    """One scale. `clock_is_ahead` sets its clock wrong; `names` are the products of its PLU table."""

    def __init__(self, profile: str, rng: random.Random, price_unit: PriceUnit = PriceUnit.KG, place: int = 1) -> None:
        super().__init__(profile, rng, price_unit)
        self.plu = "00001"
        self.names = {"00001": "KIYMA"}
        self.clock_is_ahead = timedelta()
        self._registration = f"SCALE-{place:02d}".encode("ascii")
        self._clock_began: float | None = None
        self._heartbeat_at: float | None = None
        self._total_g = 0
        self._code_page = "cp1254"
        self._heard = b""
        self._line, self._sold_at, self._sendings, self._resend_at = "", 0.0, 0, 0.0

    def hear(self, data: bytes, now: float) -> bytes:
        """An `OK` ends the waiting, and the label is printed: the line is sent once more, as it was printed."""
        self._heard = (self._heard + data)[-len(_ACK) :]
        if not self._line or not self._heard.endswith(_ACK):
            return b""
        printed = 'P"' + self._line.replace(_TIME, self._clock(now).strftime("%H:%M:%S"))
        self._line, self._heard = "", b""
        return printed.encode(self._code_page) + b"\r\n"

    def key_plu(self, plu: str) -> None:
        """Key the goods: the scale has digits only, and shows five places, the last that were keyed."""
        self.plu = re.sub(r"[^0-9]", "", plu).zfill(_PLU_DIGITS)[-_PLU_DIGITS:]

    def load_names(self, names: Mapping[str, str]) -> None:
        """Load a PLU table that is written in UTF-8. A comma would part a name in two fields."""
        self._code_page = "utf-8"
        super().load_names({plu: name.replace(",", " ")[:_NAME_CHARACTERS] for plu, name in names.items()})

    def attached(self, now: float) -> bytes:
        """Register with whoever is there now."""
        self._heartbeat_at = now + HEARTBEAT_EVERY_S
        return self._registration

    def tick(self, now: float) -> bytes:
        """Register once, then send a heartbeat, and a line again that nobody acknowledged."""
        if self._heartbeat_at is None:
            return self.attached(now)
        if self._line and now >= self._resend_at:
            return self._send(now)
        if now < self._heartbeat_at:
            return b""
        self._heartbeat_at += HEARTBEAT_EVERY_S
        return b"HB"

    def restart(self, now: float) -> bytes:
        """Switch it off and on: it registers anew."""
        super().restart(now)
        self._line, self._heartbeat_at = "", None
        return self.tick(now)

    def key_total(self, now: float) -> bytes:
        """Print the label of what lies on the pan, where it rests and is more than nothing."""
        seen = self.platform.look(now)
        net_g = seen.gross_g - self.tare_g
        if not seen.is_stable or seen.is_overload or net_g <= 0:
            return b""
        name = self.names.get(self.plu, "")
        self._line = (
            f"{self.plu},{_TIME},{self._clock(now):%d.%m.%Y},{name:<{_NAME_CHARACTERS}},{int(self.plu):012d},0000,{'KAAN':<48},"
            f"{self._values(net_g)},0,0,0,1,N,BALIK PAZARI"
        )
        self._sold_at, self._sendings = now, 0
        return self._send(now)

    def _send(self, now: float) -> bytes:
        self._sendings += 1
        self._resend_at = now + RESEND_AFTER_S
        sold = self._line.replace(_TIME, self._clock(self._sold_at).strftime("%H:%M:%S"))
        if self._sendings == SENDINGS:
            self._line = ""
        return sold.encode(self._code_page) + b"\r\n" + _QUESTION

    def _values(self, net_g: int) -> str:
        unit_g = _UNIT_G[self.profile]
        self.told_g = net_g // unit_g * unit_g
        before_g, self._total_g = self._total_g, self._total_g + net_g
        if self.profile == "running_total":
            values = (self._total_g, net_g, before_g)
        else:
            net, tare = net_g // unit_g, self.tare_g // unit_g
            values = (net + tare, tare, net)
        return ",".join(f"{value:010d}" for value in values)

    def _clock(self, now: float) -> datetime:
        if self._clock_began is None:
            self._clock_began = now
        return self.clock_begins + timedelta(seconds=int(now - self._clock_began)) + self.clock_is_ahead


SIMULATED: Final = SimulatedSpec(
    name="dp401",
    title="DP-401 network scale",
    profiles=tuple(_UNIT_G),
    table=PluTable(plu_digits=_PLU_DIGITS),
    calls_host=True,
    make=SimulatedDp401,
)
