"""The packets a device sends, seen from between it and the broker (MQTT 3.1.1 and 5.0, section 2). Pure."""

from dataclasses import dataclass
from typing import Final

_LENGTH_BYTES: Final = 4  # of a remaining length at most (MQTT 5.0, 1.5.5)
_PUBLISH: Final = 3
_LONGEST: Final = 1024 * 1024  # four times what the contract allows: above it nothing is worth reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """The head of a PUBLISH. `at`: seconds of the monotonic clock."""

    at: float
    topic: str
    qos: int
    retained: bool


class PacketSplitter:
    """Bytes of one connection to whole packets. Keeps at most one packet of a MiB."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in any pieces and return the packets that are whole. Raise ValueError where there is no sense."""
        self._buffer += data
        packets = []
        while (length := packet_length(self._buffer)) is not None and len(self._buffer) >= length:
            packets.append(self._buffer[:length])
            self._buffer = self._buffer[length:]
        return packets


def packet_length(data: bytes) -> int | None:
    """Return how long the packet is in all that begins here; None while that is not known. Raise ValueError."""
    value = 0
    for place, byte in enumerate(data[1 : 1 + _LENGTH_BYTES]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            if value > _LONGEST:
                raise ValueError(f"a packet of {value} bytes; expected at most {_LONGEST}")
            return 2 + place + value
    if len(data) > _LENGTH_BYTES:
        raise ValueError("a remaining length of more than four bytes")
    return None


def body_of(packet: bytes) -> bytes:
    """Return a whole packet without its fixed header."""
    length_bytes = next(place for place, byte in enumerate(packet[1:], start=1) if byte < 0x80)  # noqa: PLR2004
    return packet[1 + length_bytes :]


def read_publish(packet: bytes, at: float) -> Published | None:
    """Read the head of a PUBLISH; None for any other packet. Raise ValueError where it is cut short."""
    if packet[0] >> 4 != _PUBLISH:
        return None
    body = body_of(packet)
    length = int.from_bytes(body[:2], "big")
    if len(body) < 2 + length:
        raise ValueError("a PUBLISH that ends within its topic")
    topic = body[2 : 2 + length].decode("utf-8", "replace")
    return Published(at=at, topic=topic, qos=packet[0] >> 1 & 3, retained=bool(packet[0] & 1))
