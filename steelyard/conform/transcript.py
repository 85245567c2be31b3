"""What happened between a device and us, in order. Frozen: statements are judged on it afterwards."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from domain.errors import BadMessage
from domain.ids import MarketId, ScaleId
from domain.weighing import Weighing
from messages.topics import ScaleChannel, ScaleTopic
from messages.weighings import Envelope, decode_envelope, decode_weighing
from steelyard.conform.connect_packet import ConnectPacket
from steelyard.conform.packets import Published

DUE_WITHIN_S: Final = 120.0  # an edge agent sends again after 75 s at the latest


class Act(StrEnum):
    """What the check did."""

    RECEIPT = "receipt"
    WITHHOLD = "withhold"  # from here on, no receipts until the next one
    FOREIGN_RECEIPT = "foreign_receipt"  # for a journal that is not the device's
    RECEIPT_AHEAD = "receipt_ahead"  # for weighings that were never made
    BROKEN_RECEIPT = "broken_receipt"  # no JSON
    CUT = "cut"  # the TCP connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something the check did, `at` seconds of the monotonic clock. `seq` is that of a receipt."""

    at: float
    act: Act
    journal_id: str = ""
    seq: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message of the device as the broker gave it to us. `retained`: it had kept it, and we had just subscribed."""

    at: float
    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A connection of the device, where we stood between it and the broker."""

    opened_at: float
    connect: ConnectPacket | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A weighing as it arrived: `body` is its bytes; `weighing` is None, with the `problem`, where it is unusable."""

    at: float
    journal_id: str
    body: bytes
    weighing: Weighing | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """All of it. `is_between`: the device's connections went through us. `judged_at`: the clock when it ended.

    `ended_at`: the same on the monotonic clock. `due_within_s`: the time a device has for what it does of itself, as
    sending again or coming back; what was watched for less is not told from what is slow.
    """

    market_id: MarketId
    scale_id: ScaleId
    judged_at: datetime
    messages: tuple[Message, ...] = ()
    deeds: tuple[Deed, ...] = ()
    sessions: tuple[Session, ...] = ()
    published: tuple[Published, ...] = ()
    is_between: bool = False
    ended_at: float = 0.0
    due_within_s: float = DUE_WITHIN_S

    def on(self, channel: ScaleChannel) -> list[Message]:
        """Return the messages of one of the scale's topics."""
        topic = str(ScaleTopic(self.market_id, self.scale_id, channel))
        return [message for message in self.messages if message.topic == topic]

    def did(self, *acts: Act) -> list[Deed]:
        """Return what the check did of these."""
        return [deed for deed in self.deeds if deed.act in acts]

    @cached_property
    def envelopes(self) -> list[tuple[Message, Envelope | None, str]]:
        """Each message with weighings, taken apart, or why it cannot be."""
        found: list[tuple[Message, Envelope | None, str]] = []
        for message in self.on(ScaleChannel.WEIGHINGS):
            try:
                found.append((message, decode_envelope(message.payload), ""))
            except BadMessage as error:
                found.append((message, None, str(error)))
        return found

    @cached_property
    def lines(self) -> list[Line]:
        """Every weighing in the order it arrived, again and again where it was sent again."""
        found = []
        for message, envelope, _problem in self.envelopes:
            for body in () if envelope is None else envelope.weighings:
                weighing, problem = _read(body)
                found.append(
                    Line(
                        at=message.at,
                        journal_id="" if envelope is None else envelope.journal_id,
                        body=body,
                        weighing=weighing,
                        problem=problem,
                    )
                )
        return found

    @cached_property
    def first_lines(self) -> dict[tuple[str, int], Line]:
        """Every usable weighing when it came first, in the order of journal and seq."""
        found: dict[tuple[str, int], Line] = {}
        for line in self.lines:
            if line.weighing is not None:
                found.setdefault((line.journal_id, line.weighing.seq), line)
        return dict(sorted(found.items()))

    def committed_at(self, journal_id: str, at: float) -> int:
        """Return what our receipts had said of a journal at a time."""
        said = [deed.seq for deed in self.did(Act.RECEIPT) if deed.journal_id == journal_id and deed.at <= at]
        return max(said, default=0)


def _read(body: bytes) -> tuple[Weighing | None, str]:
    try:
        return decode_weighing(body), ""
    except BadMessage as error:
        return None, str(error)
