"""Dialog 06, the checkout dialogue of European counter scales (Bizerba, DIBAL, Cely, Ohaus): the host gives the price.

    PRICE ──ACK──▶ WEIGHT ──record 02──▶ PRICE, for the next load
      └──NAK──▶ STATUS ◀──NAK──┘
                  └── 20, 22 ──▶ WEIGHT again;  any other ──▶ PRICE

The scale answers with a result only, at rest, once a load: there is no live weight. It gives no second result for a
load that did not move since (21), so an answer that is lost on the line is lost until the goods are lifted. While no
price is set, nothing is asked, since a result is the end of a sale.

What is left alone: the checksums that a verified till proves itself with (records 10 and 11) need a polynomial that
only the makers know, so a scale that wants them is counted as `wants_checksums` and gives no weight until its service
menu frees it. Dialog 02 and 04 are the same records at 2400 and 4800 baud (Aviator, p. 45): set the line so.
Sources: `dialog06_records.py`.
"""

from enum import Enum
from typing import Final

from domain.units import Fen, FenPerKg, Grams
from domain.weighing import TareKind
from edge_agent.drivers.dialog06_records import (
    ASK_STATUS,
    ASK_WEIGHT,
    LONGEST_RECORD,
    MOST_PRICE_FEN,
    MOST_TARE_G,
    NO_WEIGHT,
    STARTS,
    Answer,
    Signal,
    Status,
    Weighed,
    end_of_answer,
    price_record,
    read_answer,
)
from edge_agent.drivers.framing import Framer
from edge_agent.drivers.host_priced import amount_problem, check_options, has_place
from edge_agent.drivers.protocol import Command, DriverOptions, DriverSpec, PriceFrom, ScaleDriver, SerialSettings
from edge_agent.weighing.readings import Garbage, Heard, NoWeight, Reading

ASK_EVERY_S: Final = 0.2
ANSWER_WITHIN_S: Final = 1.0  # the manual promises 5 ms; a busy USB adapter takes longer
_MAY_ASK_AGAIN: Final = (b"20", b"22")


class Step(Enum):
    """What is asked next, or waited for."""

    PRICE = "price"
    WEIGHT = "weight"
    STATUS = "status"


class Dialog06Driver(ScaleDriver):
    """The dialogue with one scale. Prices are for a kilogram, up to 9999.99; the tare up to 9999 g."""

    def __init__(self) -> None:
        self._framer = Framer(starts=STARTS, longest=LONGEST_RECORD, end_of=end_of_answer)
        self._price_fen: Fen | None = None
        self._tare_g, self._text = Grams(0), ""
        self._told, self._told_tare_g = b"", Grams(0)  # the price record that was sent last
        self._next, self._awaited = Step.PRICE, False
        self._pauses = False
        self._due_at = 0.0

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port."""
        found = (self._take(read_answer(piece.data), piece.data) for piece in self._framer.feed(data))
        return [item for item in found if item is not None]

    def reset(self) -> None:
        """Forget the half record and the question; the price, the tare and the text stay set."""
        self._framer.reset()
        self._go_to(Step.PRICE)

    def poll(self, now: float) -> bytes:
        """Return the next question. One that was not answered in time is given up, and the dialogue begins again."""
        if self._pauses:
            self._pauses, self._due_at = False, now + ASK_EVERY_S
        if now < self._due_at:
            return b""
        if self._awaited:
            self._go_to(Step.PRICE)
        if self._price_fen is None:
            return b""
        if self._next is Step.WEIGHT and self._told != self._record(self._price_fen):
            self._next = Step.PRICE
        self._awaited, self._due_at = True, now + ANSWER_WITHIN_S
        return self._question(self._price_fen)

    def set_price(self, unit_price_fen: Fen | None) -> bool:
        """Take the price for the next load. One that has no place in six digits is as none: nothing is asked."""
        is_price = unit_price_fen is not None and has_place(unit_price_fen, MOST_PRICE_FEN)
        price_fen = unit_price_fen if is_price else None
        if price_fen != self._price_fen:
            self._price_fen = price_fen
            self._hurry()
        return unit_price_fen is None or is_price

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:
        """A tare goes with the price; nothing else can be told."""
        if command is Command.CLEAR_TARE:
            self._tare_g = Grams(0)
            return True
        if command is Command.PRESET_TARE and tare_g is not None and 0 <= tare_g <= MOST_TARE_G:
            self._tare_g = tare_g
            return True
        return False

    def show(self, text: str) -> bool:
        """Have up to 13 characters of ASCII shown with the price; others the scale has not."""
        if not (text.isascii() and (text.isprintable() or not text)):
            return False
        if text != self._text:
            self._text = text
            self._hurry()
        return True

    def _hurry(self) -> None:
        """What is new is told at once, not after the pause; an answer that is under way is waited for."""
        if not self._awaited:
            self._go_to(Step.PRICE)

    def _record(self, price_fen: Fen) -> bytes:
        return price_record(price_fen, self._tare_g, self._text)

    def _question(self, price_fen: Fen) -> bytes:
        if self._next is Step.PRICE:
            self._told, self._told_tare_g = self._record(price_fen), self._tare_g
            return self._told
        return ASK_WEIGHT if self._next is Step.WEIGHT else ASK_STATUS

    def _go_to(self, step: Step, *, after_pause: bool = False) -> None:
        self._next, self._awaited, self._pauses, self._due_at = step, False, after_pause, 0.0

    def _take(self, answer: Answer, piece: bytes) -> Heard | None:
        if isinstance(answer, Garbage):
            return answer
        asked = self._next if self._awaited else None
        if answer is Signal.TAKEN and asked is Step.PRICE:
            self._go_to(Step.WEIGHT)
            return None
        if answer is Signal.REFUSED and asked in (Step.PRICE, Step.WEIGHT):
            self._go_to(Step.STATUS)
            return None
        if isinstance(answer, Status) and asked is Step.STATUS:
            self._go_to(Step.WEIGHT if answer.code in _MAY_ASK_AGAIN else Step.PRICE, after_pause=True)
            return _reason(answer, piece)
        if isinstance(answer, Weighed) and asked is Step.WEIGHT:
            self._go_to(Step.PRICE, after_pause=True)
            return self._result(answer, piece)
        return Garbage(reason="unasked", data=piece)

    def _result(self, weighed: Weighed, piece: bytes) -> Heard:
        """A price that was keyed anew while the scale computed with the old one belongs to other goods."""
        if weighed.unit_price_fen != self._price_fen:
            return Garbage(reason="other_price", data=piece)
        problem = amount_problem(weighed.net_g, FenPerKg(weighed.unit_price_fen), weighed.amount_fen)
        if problem is not None:
            return Garbage(reason=problem, data=piece)
        return Reading(
            net_g=weighed.net_g,
            stable=True,
            unit_price_fen=weighed.unit_price_fen,
            amount_fen=weighed.amount_fen,
            tare_g=self._told_tare_g or None,
            tare_kind=TareKind.PRESET if self._told_tare_g else None,
            is_new_load=True,  # without a motion since its last result it would have said 21
        )


def _reason(status: Status, piece: bytes) -> Heard | None:
    """00 is no reason; 01, 02 and 10-13 say that the scale could not read us, which is worth counting."""
    condition = NO_WEIGHT.get(status.code)
    if condition is not None:
        return NoWeight(condition)
    return None if status.code == b"00" else Garbage(reason=f"refused_{status.code.decode('ascii')}", data=piece)


def _make(options: DriverOptions) -> ScaleDriver:
    check_options(options, DRIVER)
    return Dialog06Driver()


DRIVER: Final = DriverSpec(
    name="dialog06",
    title="Dialog 06 (Bizerba, DIBAL, Cely, Ohaus)",
    serial=SerialSettings(baud=9600, data_bits=7, parity="odd"),
    price_from=PriceFrom.HOST,
    is_polled=True,
    quiet_s=float("inf"),  # while no price is set, it is asked nothing; a port that is gone still says so
    most_price_fen=MOST_PRICE_FEN,
    make=_make,
)
