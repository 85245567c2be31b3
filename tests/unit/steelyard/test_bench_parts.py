"""What a benchmark is made of: packets, and when an alert could be seen."""

from datetime import timedelta

import mqtt5
from hypothesis import given
from hypothesis import strategies as st

from steelyard.bench.latency import shown_at
from steelyard.bench.page_watch import Fetched
from steelyard.bench.publishing import packets, publish_packet
from tests.factories import NOW

payloads = st.one_of(st.binary(max_size=300), st.integers(16_000, 17_000).map(bytes))


@given(sent=st.lists(st.tuples(st.text("abc/é", min_size=1, max_size=20), payloads), max_size=5))
def test_packets_are_mqtt_and_their_id_is_where_it_is_said_to_be(sent: list[tuple[str, bytes]]) -> None:
    data = b"".join(publish_packet(topic, payload) for topic, payload in sent)
    for (topic, payload), (packet, id_at) in zip(sent, packets(data), strict=True):
        numbered = bytearray(packet)
        numbered[id_at : id_at + 2] = (4711).to_bytes(2, "big")
        read, length = mqtt5.read(memoryview(numbered))
        assert isinstance(read, mqtt5.PublishPacket)
        assert (read.topic, read.payload, read.packet_id, length) == (topic, payload, 4711, len(packet))


def test_an_alert_is_there_with_the_first_list_that_was_asked_for_after_its_commit() -> None:
    def at(seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    fetched = [Fetched(NOW + at(1), NOW + at(1.5)), Fetched(NOW + at(2), NOW + at(2.5))]
    alerts = [(NOW, NOW + at(0.5)), (NOW, NOW + at(1)), (NOW, NOW + at(1.1)), (NOW, NOW + at(3))]
    there = [moment for _, moment in shown_at(alerts, fetched)]
    assert there == [NOW + at(1.5), NOW + at(1.5), NOW + at(2.5), None]
