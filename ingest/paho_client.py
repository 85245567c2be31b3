"""paho-mqtt's client, with the two things that a flood is made of taken out of its hands: PUBLISH and PUBACK.

Of what a message costs a worker, paho's part was more than half: it reads byte by byte, makes a dozen objects of a
PUBLISH, and sends each PUBACK by itself. Here whole PUBLISH packets are taken from what was read; all other packets,
and whatever is not quite as usual, paho reads as ever. What is used of it is private to paho: the lock files pin its
version, and `tests/unit/ingest/test_paho_client.py` holds both ways against each other.
"""

from collections.abc import Iterable, Iterator
from struct import pack
from typing import Final

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

_PUBLISH: Final = 0x30
_PUBACK: Final = 0x40
_KIND: Final = 0xF0
_QOS: Final = 0x06
_QOS1: Final = 0x02
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_MOST_LENGTH_BYTES: Final = 4
_READ_BYTES: Final = 64 * 1024

#: Topic, payload, and the packet id at QoS 1.
Published = tuple[str, bytes, int | None]


class PahoClient(Client):
    """Reads from its socket whatever is there, and sends many PUBACKs at once."""

    _unread = b""
    _at = 0

    @property
    def has_unread(self) -> bool:
        """Whether something was read from the socket that was not looked at."""
        return self._at < len(self._unread)

    def reconnect(self) -> MQTTErrorCode:
        """Connect again; what was read of the last connection is gone with it, and comes again."""
        self._unread, self._at = b"", 0
        return super().reconnect()

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Have PUBACKs sent (MQTT 5, 3.4: a success without properties is the packet id alone)."""
        acknowledgements = b"".join([pack("!BBH", _PUBACK, 2, packet_id) for packet_id in packet_ids])
        if acknowledgements:
            self._packet_queue(_PUBACK, acknowledgements, 0, 1)

    def published(self, most: int) -> Iterator[Published]:
        """Yield messages that were read already, until one is not whole yet or not for us."""
        while most > 0 and self._in_packet["command"] == 0:
            found = published_at(self._unread, self._at)
            if found is None:
                return
            message, self._at = found
            yield message
            most -= 1

    def _sock_recv(self, bufsize: int) -> bytes:
        if not self.has_unread:
            self._unread, self._at = super()._sock_recv(max(bufsize, _READ_BYTES)), 0
        data = self._unread[self._at : self._at + bufsize]
        self._at += len(data)
        return data


def published_at(data: bytes, at: int) -> tuple[Published, int] | None:
    """Return the message of the PUBLISH packet that begins at `at`, and where the next one begins (MQTT 5, 3.3).

    None where no packet begins there, not all of it is there yet, or it is none of the usual. Pure.
    """
    if at >= len(data) or data[at] & _KIND != _PUBLISH or data[at] & _QOS not in (0, _QOS1):
        return None
    has_id = data[at] & _QOS == _QOS1
    length = _length_at(data, at + 1)
    if length is None:
        return None
    start, end = length[1], length[1] + length[0]
    id_at = start + 2 + int.from_bytes(data[start : start + 2], "big")
    properties = _length_at(data, id_at + 2 * has_id)
    if end > len(data) or id_at == start + 2 or properties is None or properties[0] + properties[1] > end:
        return None
    packet_id = int.from_bytes(data[id_at : id_at + 2], "big") if has_id else None
    if packet_id == 0:
        return None
    topic = data[start + 2 : id_at].decode("utf-8", "backslashreplace")
    return (topic, data[properties[0] + properties[1] : end], packet_id), end


def _length_at(data: bytes, at: int) -> tuple[int, int] | None:
    """Return a variable byte integer (MQTT 5, 1.5.5) and where what follows begins; None where it is not all there."""
    number = 0
    for place, byte in enumerate(data[at : at + _MOST_LENGTH_BYTES]):
        number |= (byte & _SEVEN_BITS) << 7 * place
        if not byte & _MORE:
            return number, at + place + 1
    return None
