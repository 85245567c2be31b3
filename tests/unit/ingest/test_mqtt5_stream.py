"""However the network cuts the bytes, the same packets come out; what breaks the rules ends no market."""

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mqtt5_stream import Packets, Publish
from ingest.subscriber import Undecodable

publishes = st.builds(
    Publish,
    topic=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0#+"), min_size=1, max_size=40),
    payload=st.binary(max_size=400),
    packet_id=st.one_of(st.none(), st.integers(1, 65_535)),
)


def written(one: Publish) -> bytes:
    qos = mqtt5.QoS.AT_MOST_ONCE if one.packet_id is None else mqtt5.QoS.AT_LEAST_ONCE
    return mqtt5.PublishPacket(one.topic, one.payload, qos=qos, packet_id=one.packet_id).write()


@given(sent=st.lists(publishes, max_size=6), data=st.data())
def test_packets_come_out_whole_however_they_are_cut(sent: list[Publish], data: st.DataObject) -> None:
    stream = b"".join(map(written, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    packets, found = Packets(), list[object]()
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found.extend(packets.feed(stream[begin:end]))
    assert found == sent


@pytest.mark.parametrize("qos", [0, 1])
def test_a_topic_that_is_no_text_is_read_all_the_same(qos: int) -> None:
    """It goes to quarantine; a client that hung up over it would be sent it again and again."""
    packet_id = b"\x00\x07" if qos else b""
    properties = b"\x02\x01\x01"  # payload format indicator: UTF-8
    body = b"\x00\x04ab\xff\xfe" + packet_id + properties + b"payload"
    bad = bytes([0x30 | qos << 1, len(body)]) + body
    good = written(Publish("t", b"next", 8))
    assert Packets().feed(bad + good) == [
        Publish("ab\\xff\\xfe", b"payload", 7 if qos else None),
        Publish("t", b"next", 8),
    ]


@pytest.mark.parametrize("data", [b"\x20\xff\xff\xff\xff\x01", b"\x00\x00", b"\x20\x02\x00\x55"], ids=repr)
def test_what_is_no_packet_ends_the_connection(data: bytes) -> None:
    with pytest.raises(Undecodable):
        Packets().feed(data)


def test_other_packets_are_the_codecs() -> None:
    (answer,) = Packets().feed(mqtt5.ConnAckPacket(receive_max=20).write())
    assert isinstance(answer, mqtt5.ConnAckPacket)
    assert answer.receive_max == 20
