"""DIBAL "98/99": the host sends a price, the scale answers with the weight at rest and the amount.

    host   98 PPPPP C CR LF             98000001
    scale  99 S WWWWW 0 IIIIII C CR LF  9900031600000004: 316 g

C is the XOR of all characters before it. The vendor's text adds the digits of the price, takes the XOR of that sum with
all characters, and then with the sum again: the sum cancels out, so that is the same, and one profile is enough. S is
`0`, or `U` where the pan did not come to rest within 7 s. Sources: the DIBAL page of sbzsystems.com (the place of the
`0` between weight and amount is there, and in its example; both examples fit the XOR); DIBAL DPOS400, p. 45 (7 s, U,
net weight, zeros).

An empty pan, an overload and a weight below zero are all sent as zeros. So zeros are not read as an empty pan: they say
that there is no load to sell. While no price is set, the pan is watched with a price of 0.
"""

import re
from functools import reduce
from operator import xor
from typing import Final

from domain.units import Fen, FenPerKg, Grams
from edge_agent.drivers.host_priced import amount_problem, check_options, has_place
from edge_agent.drivers.lines import LineBuffer
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

ASK_EVERY_S: Final = 0.25
ANSWER_WITHIN_S: Final = 8.0  # the scale waits 7 s for the pan to come to rest
MOST_PRICE_FEN: Final = Fen(99_999)
ANSWER_BYTES: Final = 16  # without CR LF
_ANSWER: Final = re.compile(rb"(?P<body>99(?P<status>.)(?P<weight>\d{5})0(?P<amount>\d{6}))(?P<check>.)", re.DOTALL)
_NOTHING: Final = Fen(0)


class DibalDriver(ScaleDriver):
    """The questions to one scale. Prices are for a kilogram, up to 999.99."""

    def __init__(self) -> None:
        self._lines = LineBuffer(ANSWER_BYTES)
        self._price_fen = _NOTHING
        self._asked_fen: Fen | None = None  # the price of the question that waits for its answer
        self._due_at = 0.0
        self._pauses = False

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port. A damaged answer is not waited for again: the question is put once more."""
        was_asked = self._asked_fen is not None
        found = [line if isinstance(line, Garbage) else self._take(line.data) for line in self._lines.feed(data)]
        self._pauses = self._pauses or (was_asked and bool(found))
        return found

    def reset(self) -> None:
        """Forget the half answer and the question; the price stays set."""
        self._lines.reset()
        self._asked_fen, self._due_at, self._pauses = None, 0.0, False

    def poll(self, now: float) -> bytes:
        """Ask, after an answer or in its place where none came in time."""
        if self._pauses:
            self._pauses, self._due_at = False, now + ASK_EVERY_S
        if now < self._due_at:
            return b""
        self._asked_fen, self._due_at = self._price_fen, now + ANSWER_WITHIN_S
        body = b"98%05d" % self._price_fen
        return body + bytes([reduce(xor, body)]) + b"\r\n"

    def set_price(self, unit_price_fen: Fen | None) -> bool:
        """Take the price for the next load. One that has no place in five digits is as none: nothing is sold."""
        is_price = unit_price_fen is not None and has_place(unit_price_fen, MOST_PRICE_FEN)
        self._price_fen = unit_price_fen if unit_price_fen is not None and is_price else _NOTHING
        return unit_price_fen is None or is_price

    def _take(self, answer: bytes) -> Heard:
        match = _ANSWER.fullmatch(answer)
        if match is None:
            return Garbage(reason="torn" if len(answer) < ANSWER_BYTES else "not_an_answer", data=answer)
        if reduce(xor, match["body"]) != ord(match["check"]):
            return Garbage(reason="checksum", data=answer)
        asked_fen, self._asked_fen = self._asked_fen, None
        if asked_fen is None:
            return Garbage(reason="unasked", data=answer)
        if match["status"] == b"0":
            return self._result(match, asked_fen)
        return NoWeight(Condition.MOTION) if match["status"] == b"U" else Garbage(reason="refused", data=answer)

    def _result(self, match: re.Match[bytes], asked_fen: Fen) -> Heard:
        """A result for another price than the one that is set now is a weight, and no more."""
        net_g, amount_fen = Grams(int(match["weight"])), Fen(int(match["amount"]))
        if net_g == 0:
            return NoWeight(Condition.BELOW_MINIMUM)
        problem = amount_problem(net_g, FenPerKg(asked_fen), amount_fen)
        if problem is not None:
            return Garbage(reason=problem, data=match.group())
        if asked_fen == _NOTHING or asked_fen != self._price_fen:
            return Reading(net_g=net_g, stable=True)
        return Reading(net_g=net_g, stable=True, unit_price_fen=asked_fen, amount_fen=amount_fen)


def _make(options: DriverOptions) -> ScaleDriver:
    check_options(options, DRIVER)
    return DibalDriver()


DRIVER: Final = DriverSpec(
    name="dibal",
    title="DIBAL 98/99",
    profiles=("xor_all",),
    price_from=PriceFrom.HOST,
    is_polled=True,
    quiet_s=2 * ANSWER_WITHIN_S,  # while its pan moves
    most_price_fen=MOST_PRICE_FEN,
    make=_make,
)
