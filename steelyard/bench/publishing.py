"""`python -m steelyard.bench.publishing HOST PORT FILE WINDOW [RATE]`: sends packets that were made beforehand.

As fast as the broker takes them, or RATE a second. A publisher that costs next to nothing beside what is measured: no
client library looks at each message. QoS 1, never more than WINDOW without their PUBACK. Packets are those of MQTT 5
(OASIS, 3.3 PUBLISH, 3.4 PUBACK).
"""

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CONNECT: Final = 0x10
_PUBLISH_QOS1: Final = 0x32
_PUBACK: Final = 0x40
_LAST_PACKET_ID: Final = 65_535
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
#: The end of what is sent before answers are looked for.
_CHUNK_BYTES: Final = 64 * 1024


def publish_packet(topic: str, payload: bytes) -> bytes:
    """Return a QoS 1 PUBLISH whose packet id is zero: it is put in when it is sent."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + b"\x00\x00" + b"\x00" + payload
    return bytes([_PUBLISH_QOS1]) + _variable_length(len(body)) + body


def packets(data: bytes) -> Iterator[tuple[memoryview, int]]:
    """Yield each packet of `data`, and where in it the packet id stands."""
    view, at = memoryview(data), 0
    while at < len(data):
        length, start = _read_length(data, at + 1)
        name = int.from_bytes(data[start : start + 2], "big")
        yield view[at : start + length], start + 2 + name - at
        at = start + length


def main() -> None:
    """Connect, send everything, and wait until all of it is answered."""
    host, port, file, window = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    rate = float(sys.argv[5]) if len(sys.argv) > 5 else None  # noqa: PLR2004 - see the module's first line
    with socket.create_connection((host, port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(_connect_packet())
        answers = _Answers(sock)
        answers.wait_for_connack()
        _pour(sock, answers, file.read_bytes(), window, rate)


def _pour(sock: socket.socket, answers: "_Answers", data: bytes, window: int, rate: float | None) -> None:
    sent, chunk, size, started = 0, list[bytes](), 0, time.monotonic()
    for packet, id_at in packets(data):
        numbered = bytearray(packet)
        numbered[id_at : id_at + 2] = (sent % _LAST_PACKET_ID + 1).to_bytes(2, "big")
        sent += 1
        chunk.append(bytes(numbered))
        size += len(numbered)
        is_due = rate is not None and sent >= (time.monotonic() - started) * rate
        if size >= _CHUNK_BYTES or sent - answers.acked >= window or is_due:
            sock.sendall(b"".join(chunk))
            chunk, size = [], 0
            while sent - answers.acked >= window:
                answers.wait()
            if rate is not None:
                time.sleep(max(0.0, started + sent / rate - time.monotonic()))
    sock.sendall(b"".join(chunk))
    while answers.acked < sent:
        answers.wait()


class _Answers:
    """PUBACKs, counted as they come: the broker answers each publish once, in its order."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._left = sock, b""
        self.acked = 0

    def wait_for_connack(self) -> None:
        data = self._sock.recv(4096)
        refused = data[3] if len(data) > 3 else 255  # noqa: PLR2004 - the reason code is the fourth byte (3.2.2.2)
        if refused:
            raise ConnectionRefusedError(f"the broker refused the publisher, reason 0x{refused:02x}")

    def wait(self) -> None:
        """Return when at least one more packet has come."""
        data = self._sock.recv(256 * 1024)
        if not data:
            raise ConnectionResetError(f"the broker closed the connection after {self.acked} answers")
        data, at = self._left + data, 0
        while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
            if data[at] == _PUBACK:
                self.acked += 1
            at += 2 + data[at + 1]  # answers are short: one byte of length
        self._left = data[at:]


def _connect_packet() -> bytes:
    client_id = b"bench-publisher"
    body = b"\x00\x04MQTT\x05\x02\x02\x58\x00" + len(client_id).to_bytes(2, "big") + client_id
    return bytes([_CONNECT]) + _variable_length(len(body)) + body


def _variable_length(number: int) -> bytes:
    encoded = bytearray()
    while True:
        number, seven = number >> 7, number & _SEVEN_BITS
        encoded.append(seven | (_MORE if number else 0))
        if not number:
            return bytes(encoded)


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    length, shift = 0, 0
    while True:
        byte = data[at]
        length |= (byte & _SEVEN_BITS) << shift
        at, shift = at + 1, shift + 7
        if not byte & _MORE:
            return length, at


if __name__ == "__main__":
    main()
