"""What a device says when it opens an MQTT connection: its CONNECT packet (MQTT 3.1.1 and 5.0, section 3.1). Pure."""

from dataclasses import dataclass
from typing import Final

from steelyard.conform.packets import body_of

_CONNECT: Final = 0x10
_VERSION_5: Final = 5
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectPacket:
    """`version`: 4 is MQTT 3.1.1, 5 is MQTT 5. `will_topic` is None where the device leaves no will."""

    version: int
    client_id: str
    keep_alive_s: int
    clean_start: bool
    will_topic: str | None
    will_payload: bytes
    will_qos: int
    will_retained: bool


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError(f"the packet ends after {len(self._data)} bytes; expected more")
        self._at += count
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def field(self) -> bytes:
        return self.take(self.number(2))

    def variable(self) -> int:
        value = 0
        for place in range(_LENGTH_BYTES):
            byte = self.number(1)
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                return value
        raise ValueError("a variable byte integer of more than four bytes")


def read_connect(packet: bytes) -> ConnectPacket:
    """Read a whole packet, the first of a connection. Raise ValueError for any other packet."""
    if packet[0] != _CONNECT:
        raise ValueError(f"the first byte is 0x{packet[0]:02x}; expected a CONNECT, 0x10")
    return _read_body(_Cursor(body_of(packet)))


def _read_body(body: _Cursor) -> ConnectPacket:
    name = body.field()
    if name != b"MQTT":
        raise ValueError(f"the protocol is {name!r}; expected b'MQTT'")
    version, flags, keep_alive_s = body.number(1), body.number(1), body.number(2)
    _skip_properties(body, version)
    client_id = body.field().decode("utf-8", "replace")
    will_topic, will_payload = None, b""
    if flags & 0x04:
        _skip_properties(body, version)
        will_topic, will_payload = body.field().decode("utf-8", "replace"), body.field()
    return ConnectPacket(
        version=version,
        client_id=client_id,
        keep_alive_s=keep_alive_s,
        clean_start=bool(flags & 0x02),
        will_topic=will_topic,
        will_payload=will_payload,
        will_qos=flags >> 3 & 3,
        will_retained=bool(flags & 0x20),
    )


def _skip_properties(body: _Cursor, version: int) -> None:
    if version == _VERSION_5:
        body.take(body.variable())
