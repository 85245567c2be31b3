"""Bytes of a connection → MQTT 5 packets, by the mqtt5 codec; what it cannot read of a PUBLISH is read by hand.

A topic that is no UTF-8 breaks the protocol (MQTT 5, 1.5.4) and is what the codec panics over. It must not end the
connection: the broker would deliver it again, and again. It goes to quarantine like anything else that is wrong.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import mqtt5

from ingest.subscriber import Undecodable

_PUBLISH: Final = 3
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Publish:
    """A PUBLISH as it is taken in. `packet_id` is None at QoS 0."""

    topic: str
    payload: bytes
    packet_id: int | None


class Packets:
    """Keeps what is not yet a whole packet."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Any]:
        """Return the packets that are whole now, PUBLISH as `Publish`, others as the codec's. Raise Undecodable."""
        whole, packets, at = self._left + data, list[Any](), 0
        view = memoryview(whole)
        while True:
            end = _end(whole, at)
            if end is None or end > len(whole):
                break
            packets.append(_packet(view[at:end]))
            at = end
        self._left = whole[at:]
        return packets


def _end(data: bytes, at: int) -> int | None:
    """Return where the packet that begins at `at` ends; None where its length is not all there (2.1.4)."""
    length = 0
    for n in range(_LENGTH_BYTES):
        if at + 1 + n >= len(data):
            return None
        byte = data[at + 1 + n]
        length |= (byte & _SEVEN_BITS) << (7 * n)
        if not byte & _MORE:
            return at + 2 + n + length
    raise Undecodable("a packet's length has more than four bytes")


def _packet(view: memoryview) -> Any:
    if view[0] >> 4 == _PUBLISH and not _is_text(_topic(view)):
        return _by_hand(bytes(view))
    try:
        packet, _ = mqtt5.read(view)
    except (ValueError, IndexError) as error:
        raise Undecodable(f"{len(view)} bytes are no packet: {error}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        # The codec's own, and no Exception: unseen, it would end the thread and leave the worker deaf.
        raise Undecodable(f"the codec panicked over {len(view)} bytes: {error}") from None
    if isinstance(packet, mqtt5.PublishPacket):
        return Publish(packet.topic, packet.payload, packet.packet_id)
    return packet


def _topic(view: memoryview) -> bytes:
    at = _header_end(view)
    return bytes(view[at + 2 : at + 2 + int.from_bytes(view[at : at + 2], "big")])


@lru_cache(maxsize=100_000)
def _is_text(topic: bytes) -> bool:
    try:
        topic.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header_end(data: bytes | memoryview) -> int:
    at = 1
    while data[at] & _MORE:
        at += 1
    return at + 1


def _by_hand(data: bytes) -> Publish:
    """Read a PUBLISH whose topic is no text (3.3): topic, packet id, properties, payload."""
    at = _header_end(data)
    name_end = at + 2 + int.from_bytes(data[at : at + 2], "big")
    topic, at = data[at + 2 : name_end].decode("utf-8", "backslashreplace"), name_end
    packet_id = None
    if data[0] >> 1 & 3:
        packet_id, at = int.from_bytes(data[at : at + 2], "big"), at + 2
    properties_end = _end(b"\0" + data[at:], 0)
    if properties_end is None or at + properties_end - 1 > len(data):
        raise Undecodable(f"{len(data)} bytes are no PUBLISH")
    return Publish(topic, data[at + properties_end - 1 :], packet_id)
