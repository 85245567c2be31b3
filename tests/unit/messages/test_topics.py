"""Topics are built and taken apart in one place."""

import pytest

from domain.errors import BadMessage
from domain.ids import AgentId, MarketId, ScaleId
from messages.topics import ScaleChannel, ScaleTopic, agent_status_topic, every_scale, parse_scale_topic, shared


def test_a_topic_reads_as_it_was_built() -> None:
    topic = ScaleTopic(MarketId("sanya-1"), ScaleId("SC-001"), ScaleChannel.WEIGHINGS)
    assert str(topic) == "steelyard/v1/sanya-1/SC-001/weighings"
    assert parse_scale_topic(str(topic)) == topic


def test_filters_and_agents() -> None:
    assert shared("ingest", every_scale(ScaleChannel.WEIGHINGS)) == "$share/ingest/steelyard/v1/+/+/weighings"
    assert agent_status_topic(MarketId("m"), AgentId("a")) == "steelyard/v1/m/agents/a/status"


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("steelyard/v1/m/s", "expected steelyard/v1/{market_id}/{scale_id}/{channel}"),
        ("steelyard/v2/m/s/weighings", "expected steelyard/v1/"),
        ("steelyard/v1/m/s/weighings/x", "expected steelyard/v1/"),
        ("steelyard/v1//s/weighings", "topic market_id is ''"),
        ("steelyard/v1/m/s 1/weighings", "topic scale_id is 's 1'"),
        ("steelyard/v1/m/秤/weighings", "topic scale_id is '秤'"),
        ("steelyard/v1/m/s/weighing", "topic channel is 'weighing'; expected one of weighings, events"),
    ],
)
def test_a_wrong_topic_is_refused_in_words(topic: str, says: str) -> None:
    with pytest.raises(BadMessage) as refused:
        parse_scale_topic(topic)
    assert refused.value.reason == "bad_topic"
    assert says in str(refused.value)
