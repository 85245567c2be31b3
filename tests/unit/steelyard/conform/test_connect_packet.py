"""The CONNECT packet as paho sends it, and as nobody should."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from steelyard.conform.connect_packet import ConnectPacket, read_connect
from steelyard.conform.packets import PacketSplitter, Published, read_publish

PUBLISH = b"\x33\x08\x00\x03a/b\x00\x07x"


@contextmanager
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connect_of(client: Client, *, keepalive: int) -> bytes:
    """Return the bytes a real client opens its connection with."""
    with listener() as server:
        client.connect("127.0.0.1", server.getsockname()[1], keepalive=keepalive)
        client.loop(timeout=0.1)
        accepted, _address = server.accept()
        with accepted:
            accepted.settimeout(5)
            data = accepted.recv(4096)
        client.disconnect()
        if (sock := client.socket()) is not None:
            sock.close()
    return data


def made(version: MQTTProtocolVersion) -> bytes:
    client = Client(CallbackAPIVersion.VERSION2, "scale-7", protocol=version)
    client.will_set("steelyard/v1/m/agents/a/status", b'{"state":"offline"}', qos=1, retain=True)
    client.username_pw_set("u", "p")
    return connect_of(client, keepalive=20)


@pytest.fixture(scope="module", params=[MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def packet(request: pytest.FixtureRequest) -> tuple[int, bytes]:
    return int(request.param), made(request.param)


def test_a_real_client_is_read(packet: tuple[int, bytes]) -> None:
    version, data = packet
    assert read_connect(data) == ConnectPacket(
        version=version,
        client_id="scale-7",
        keep_alive_s=20,
        clean_start=True,
        will_topic="steelyard/v1/m/agents/a/status",
        will_payload=b'{"state":"offline"}',
        will_qos=1,
        will_retained=True,
    )


def test_a_stream_is_split_into_its_packets_however_it_is_cut(packet: tuple[int, bytes]) -> None:
    _version, data = packet
    stream = data + PUBLISH + b"\xc0\x00" + PUBLISH
    for cut in range(1, len(stream)):
        splitter = PacketSplitter()
        assert splitter.feed(stream[:cut]) + splitter.feed(stream[cut:]) == [data, PUBLISH, b"\xc0\x00", PUBLISH]


def test_the_head_of_a_publish_is_read() -> None:
    assert read_publish(PUBLISH, 1.0) == Published(at=1.0, topic="a/b", qos=1, retained=True)
    assert read_publish(b"\xc0\x00", 1.0) is None
    with pytest.raises(ValueError, match="within its topic"):
        read_publish(b"\x30\x03\x00\x09a", 1.0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"GET / HTTP/1.1\r\n" + b" " * 200, "expected a CONNECT"),
        (b"\x10\x09\x00\x03MQT\x04\x02\x00\x00", "expected b'MQTT'"),
        (b"\x10\x02\x00\x04", "expected more"),
    ],
)
def test_any_other_first_packet_is_refused_with_what_was_expected(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_connect(PacketSplitter().feed(data)[0])


@pytest.mark.parametrize(
    ("data", "said"), [(b"\x10\xff\xff\xff\xff\x01", "more than four bytes"), (b"\x10\xff\xff\xff\x7f", "at most")]
)
def test_a_length_without_sense_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PacketSplitter().feed(data)


@given(st.binary(max_size=300))
def test_noise_is_refused_or_waits(noise: bytes) -> None:
    try:
        for packet in PacketSplitter().feed(b"\x10" + noise):
            read_publish(packet, 0.0)
            read_connect(packet)
    except ValueError:
        return
