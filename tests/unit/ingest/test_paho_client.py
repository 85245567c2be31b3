"""PUBLISH packets taken from what was read: as paho reads them, however many there are and wherever they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt._packet import decode_publish
from paho.mqtt.client import MQTTv5

from ingest.paho_client import Published, published_at

#: Nothing, a payload's format (3.3.2.3.2), and an expiry with a property of somebody's own (3.3.2.3.3, 3.3.2.3.7).
PROPERTIES = (b"", b"\x01\x01", b"\x02\x00\x00\x00\x3c\x26\x00\x01k\x00\x01v")


def length(number: int) -> bytes:
    encoded = bytearray()
    while number >= 128:
        encoded.append(number % 128 | 128)
        number //= 128
    return bytes([*encoded, number])


def packet(topic: bytes, payload: bytes, packet_id: int | None, properties: bytes = b"", flags: int = 0) -> bytes:
    ident = b"" if packet_id is None else packet_id.to_bytes(2, "big")
    body = len(topic).to_bytes(2, "big") + topic + ident + length(len(properties)) + properties + payload
    return bytes([0x30 | (0 if packet_id is None else 2) | flags]) + length(len(body)) + body


packets = st.builds(
    packet,
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200).map(
        str.encode
    ),
    st.binary(max_size=300),
    st.none() | st.integers(1, 65_535),
    st.sampled_from(PROPERTIES),
    st.sampled_from([0, 1, 8, 9]),  # retained, sent again, both
)


def as_paho_reads(data: bytes) -> Published:
    """Read one packet as paho does, header taken off."""
    at = 1
    while data[at] & 128:
        at += 1
    read = decode_publish(data[0], bytearray(data[at + 1 :]), MQTTv5)
    return read.topic.decode(), bytes(read.payload), read.mid if read.qos else None


@given(st.lists(packets, max_size=5))
def test_packets_one_after_the_other_are_read_as_paho_reads_each(several: list[bytes]) -> None:
    data, at, found = b"".join(several), 0, []
    while (one := published_at(data, at)) is not None:
        found.append(one[0])
        at = one[1]
    assert at == len(data)
    assert found == [as_paho_reads(each) for each in several]


@given(packets, st.data())
def test_what_is_not_all_there_is_left_alone(whole: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert published_at(whole[:cut], 0) is None
    assert published_at(b"\xd0\x00" + whole[:cut], 2) is None


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_left_alone(data: bytes) -> None:
    found = published_at(data, 0)
    assert found is None or 0 < found[1] <= len(data)


@pytest.mark.parametrize(
    "odd",
    [
        b"\xd0\x00",
        packet(b"t", b"", 0),
        packet(b"", b"by an alias", 1),
        packet(b"t", b"", 1, flags=4),
        b"\x32\x05\x00\x01t\x00\x01",
        b"\x32\x06\x00\x01t\x00\x01\x09",
        b"\x32\xff\xff\xff\xff\x01",
    ],
    ids=["a ping's answer", "no packet id", "no topic", "QoS 3", "no properties", "properties beyond it", "no length"],
)
def test_what_is_not_as_usual_is_paho_s(odd: bytes) -> None:
    assert published_at(odd + packet(b"next", b"", 1), 0) is None


def test_a_topic_that_is_no_text_is_shown_by_its_bytes() -> None:
    assert published_at(packet(b"t/\xff", b"x", 7), 0) == (("t/\\xff", b"x", 7), 11)
