"""DP-401, a label-printing network scale that connects to its host over TCP (port 8899) and says what it sold.

    SCALE-01                                      it registers; no line end
    HB                                            every 30 s; no line end
    00001,06:00:27,30.01.2026,KIYMA           ,000000000004,0000,KAAN,0000072091,0000062415,0000009676,2,0,2,1,N,FIRM
    KONTROLLU AKTAR OK?                           "checked transfer, OK?"; no line end; we answer `OK` LF
    P"00001,06:00:28,…                            the same sale once more, when the label is printed

Fields of a line: PLU, time, date (both of the scale's own clock), product, barcode, code, operator, three values of
ten digits, flags, company. Packets come in pieces, or several at once. A line has no number of its own and *no price*:
the unit price is in the PLU table that was loaded into the scale, so the agent's `goods` have to say it again.

The question after a line that could not be read is not answered: the scale then sends it again, and a sale that nobody
recorded is not called transferred. A line whose date or time cannot be is such a line only once: when it comes again,
nothing on the way did that but the scale's own clock (a flat battery), and the goods were sold all the same.

Source: the CarniTrack project's protocol description, captured lines and tests (public repository, 2026); no manual
was found. It reads the three values in several ways, and its captured lines do not decide between them; in all of them
the first is the sum of the other two. Hence the profiles, and a try with known weights before a scale is trusted:

    grams           gross, tare, net, in grams
    hundred_grams   the same in units of 0.1 kg (its text takes values below 1000 for that; we never guess by size)
    running_total   total after, net, total before, in grams
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.units import Grams
from edge_agent.drivers.amounts import check_prices_by_weight
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.weighing.readings import DeviceSale, Garbage, Heard, Identity

LONGEST_LINE: Final = 512  # its longest is about 250
MODEL: Final = "DP-401"
_ACK: Final = b"OK\n"
_MAX_ACKS: Final = 16
_LINE_ENDS: Final = re.compile(rb"[\r\n]")
_REGISTRATION: Final = re.compile(rb"SCALE-(?!00)\d\d")
_HEARTBEAT: Final = b"HB"
_QUESTION: Final = b"KONTROLLU AKTAR OK?"
_PACKET: Final = re.compile(rb"SCALE-(?!00)\d\d|KONTROLLU AKTAR OK\?")
_LINE_START: Final = re.compile(rb"(?:P\"?)?\d{5},\d\d:\d\d:\d\d,")
_LONGEST_START: Final = 17
_FIELDS: Final = 10  # up to the third value; flags and company may follow
_AGAIN_WITHIN: Final = timedelta(seconds=5)
_PRINTED_WITHIN: Final = timedelta(minutes=1)  # after our answer, which a full disk may hold back
_MAX_NET_G: Final = 99_999
_NO_NET: Final = "no_net"  # a label without goods: nothing is lost with it, so it need not be sent again
_NUMBERS_A_SECOND: Final = _MAX_NET_G + 1
_NUMBERED: Final = "%Y%m%d%H%M%S"
#: In a ticket number, where the scale's clock has no such day or no such time.
_NO_DATE, _NO_TIME = b"01.01.1900", b"00:00:00"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Values:
    """Which of a line's ten-digit values (7, 8, 9) are what, and what one unit of them weighs."""

    net: int
    tare: int | None
    unit_g: int = 1


_PROFILES: Final = {
    "grams": _Values(net=9, tare=8),
    "hundred_grams": _Values(net=9, tare=8, unit_g=100),
    "running_total": _Values(net=8, tare=None),
}


@dataclass(frozen=True, slots=True)
class _Sold:
    """A line that was heard: what was sold, the time, and the number it was given.

    `content` is None for one of before a restart, of which only the number was kept.
    """

    content: tuple[bytes, ...] | None
    at: datetime
    number: int

    def is_told_by(self, content: tuple[bytes, ...], at: datetime, net_g: Grams, *, is_printed: bool) -> bool:
        """Say whether another line is of the same sale.

        The line of the printed label is younger by the time that our answer took. One that is sent again has its time,
        or may be a few seconds younger: the same goods in the same three values, that near, are the same load, since
        nobody weighs, prints, clears and weighs another one to the gram in the time.
        """
        is_alike = self.number % _NUMBERS_A_SECOND == net_g if self.content is None else self.content == content
        return is_alike and timedelta() <= at - self.at <= (_PRINTED_WITHIN if is_printed else _AGAIN_WITHIN)


class Dp401Driver(ScaleDriver):
    """One scale. Whatever it asks to be acknowledged is, with the next `poll`, also a line that is sent twice."""

    def __init__(self, options: DriverOptions) -> None:
        """Raise BadOption for an unknown profile, or a price by the piece: a line has no pieces."""
        check_profile(options, _PROFILES)
        check_prices_by_weight(options.price_unit, "a DP-401")
        self._values, self._price_unit = _PROFILES[options.profile], options.price_unit
        self._buffer, self._acks, self._is_unread = b"", 0, False
        self._last: _Sold | None = None
        self._not_in_any_calendar: tuple[bytes, ...] = ()  # the last line whose date or time could not be

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; less than `LONGEST_LINE` bytes are kept for the next call."""
        stream, at = self._buffer + data, 0
        found: list[Heard] = []
        while (end := _end_of_piece(stream[at : at + LONGEST_LINE])) is not None:
            found += self._read(stream[at : at + end])
            at += end
        self._buffer = stream[at:]
        return found

    def reset(self) -> None:
        """Forget the half line in hand, and what the old connection wanted acknowledged. The last sale is kept."""
        self._buffer, self._acks, self._is_unread = b"", 0, False

    def sold_last(self, number: int) -> None:
        """Take the number of the last sale on record: its line may be sent again, or its label be printed, only now."""
        try:
            at = datetime.strptime(str(number // _NUMBERS_A_SECOND), _NUMBERED).replace(tzinfo=UTC)
        except ValueError:  # no number of ours: another protocol was configured then
            return
        self._last = _Sold(None, at, number)

    def poll(self, now: float) -> bytes:  # noqa: ARG002
        """Return the acknowledgements that are due."""
        acks, self._acks = self._acks, 0
        return _ACK * acks

    def _acknowledge(self) -> None:
        self._acks = min(self._acks + 1, _MAX_ACKS)

    def _read(self, piece: bytes) -> list[Heard]:
        if piece in (b"\r", b"\n", _HEARTBEAT):
            return []
        if piece == _QUESTION:
            if not self._is_unread:
                self._acknowledge()
            return []
        if _REGISTRATION.fullmatch(piece):
            return [Identity(serial=piece.decode("ascii"), model=MODEL)]
        if _LINE_START.match(piece) is None or not piece.endswith((b"\r", b"\n")):
            self._is_unread = self._is_unread or b"," in piece
            return [Garbage(reason="torn" if b"," in piece else "not_a_packet", data=piece)]
        heard = self._read_line(piece.rstrip(b"\r\n"))
        self._is_unread = isinstance(heard, Garbage) and heard.reason != _NO_NET
        if not self._is_unread:
            self._acknowledge()
        return [heard]

    def _read_line(self, line: bytes) -> DeviceSale | Garbage:
        fields = [text.strip() for text in line.lstrip(b'P"').split(b",")]
        if len(fields) < _FIELDS:
            return Garbage(reason="too_few_fields", data=line)
        content = _content(fields)
        at = _scale_time(fields[2], fields[1])
        if at is None and (fields[2], *content) == self._not_in_any_calendar:
            at = _scale_time(_NO_DATE, fields[1]) or _scale_time(_NO_DATE, _NO_TIME)
        for place, name in ((7, "bad_value_1"), (8, "bad_value_2"), (9, "bad_value_3")):
            if re.fullmatch(rb"\d{10}", fields[place]) is None:
                return Garbage(reason=name, data=line)
        first, second, third = (int(field) for field in fields[7:10])
        if first != second + third:
            return Garbage(reason="values_disagree", data=line)
        net_g = int(fields[self._values.net]) * self._values.unit_g
        if not 0 < net_g <= _MAX_NET_G:
            return Garbage(reason="net_too_large" if net_g else _NO_NET, data=line)
        if at is None:
            self._not_in_any_calendar = (fields[2], *content)
            return Garbage(reason="bad_date_or_time", data=line)
        return self._sale(fields, at, Grams(net_g), is_printed=line.startswith(b"P"))

    def _sale(self, fields: list[bytes], at: datetime, net_g: Grams, *, is_printed: bool) -> DeviceSale:
        tare = self._values.tare
        return DeviceSale(
            number=self._number(_content(fields), at, net_g, is_printed=is_printed),
            plu=fields[0].decode("ascii"),
            name=_text(fields[3]),
            net_g=net_g,
            tare_g=None if tare is None else Grams(int(fields[tare]) * self._values.unit_g),
            price_unit=self._price_unit,
        )

    def _number(self, content: tuple[bytes, ...], at: datetime, net_g: Grams, *, is_printed: bool) -> int:
        """The scale's clock and the net: a line that is sent again has the same."""
        last = self._last
        if last is not None and last.is_told_by(content, at, net_g, is_printed=is_printed):
            return last.number
        number = int(at.strftime(_NUMBERED)) * _NUMBERS_A_SECOND + net_g
        self._last = _Sold(content, at, number)
        return number


def _end_of_piece(window: bytes) -> int | None:
    """Return where the first piece ends: a packet, a line with its end, or what belongs to neither; or not yet.

    It needs no more than `LONGEST_LINE` bytes to say.
    """
    if not window:
        return None
    if window.startswith(_HEARTBEAT):
        return len(_HEARTBEAT)
    if window[:1] in (b"\r", b"\n"):
        return 1
    packet, line_end = _PACKET.search(window), _LINE_ENDS.search(window)
    if packet is not None and (line_end is None or packet.start() < line_end.start()):
        return packet.end() if packet.start() == 0 else packet.start()
    if line_end is None and len(window) < LONGEST_LINE:
        return None
    end = LONGEST_LINE - _LONGEST_START if line_end is None else line_end.end()
    # A whole line after half a one, or after noise: what is before it is a piece of its own.
    # (A line that babbles has no comma, and is not searched.)
    starts = [match.start() for match in _LINE_START.finditer(window, 1, end)] if b"," in window else []
    if (window.startswith(b'P"') and starts[:1] == [2]) or (window.startswith(b"P") and starts[:1] == [1]):
        del starts[0]
    return starts[-1] if starts else end


def _content(fields: list[bytes]) -> tuple[bytes, ...]:
    """Return what was sold: PLU and values. Nothing proves names and flags; a byte lost in one makes no other sale."""
    return (fields[0], *fields[7:_FIELDS])


def _scale_time(date: bytes, time: bytes) -> datetime | None:
    """Its zone is not known: only for telling lines apart."""
    try:
        return datetime.strptime(f"{date.decode('ascii')} {time.decode('ascii')}", "%d.%m.%Y %H:%M:%S").replace(
            tzinfo=UTC
        )
    except ValueError:  # UnicodeDecodeError is one
        return None


def _text(raw: bytes) -> str:
    """Names are in the code page the PLU table was written in: UTF-8 where it can be, else Windows 1254 (Turkish)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1254", errors="replace")


DRIVER: Final = DriverSpec(
    name="dp401",
    title="DP-401 network scale",
    profiles=tuple(_PROFILES),
    price_from=PriceFrom.KEYPAD,
    sells_itself=True,
    quiet_s=65.0,  # two heartbeats, and what a network takes
    make=Dp401Driver,
)
