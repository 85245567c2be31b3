"""Topics of the wire contract, built and taken apart in one place."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, AgentId, MarketId, ScaleId, is_id

ROOT = "steelyard/v1"
_SCALE_TOPIC_LEVELS = 5
_AGENT_TOPIC_LEVELS = 6


class ScaleChannel(StrEnum):
    """The last level of a scale's topic: what the message carries."""

    WEIGHINGS = "weighings"
    EVENTS = "events"
    STATUS = "status"
    CHECKPOINTS = "checkpoints"
    RECEIPTS = "receipts"
    NOTICES = "notices"


@dataclass(frozen=True, slots=True)
class ScaleTopic:
    """`steelyard/v1/{market_id}/{scale_id}/{channel}`."""

    market_id: MarketId
    scale_id: ScaleId
    channel: ScaleChannel

    def __str__(self) -> str:
        return f"{ROOT}/{self.market_id}/{self.scale_id}/{self.channel}"


def agent_status_topic(market_id: MarketId, agent_id: AgentId) -> str:
    """Where an agent says that it and its scales are online; retained, and its last will says offline."""
    return f"{ROOT}/{market_id}/agents/{agent_id}/status"


def caps_topic(market_id: MarketId) -> str:
    """Where the cap lists of a market are announced; retained."""
    return f"{ROOT}/{market_id}/caps"


def every_scale(channel: ScaleChannel) -> str:
    """The subscription filter for one channel of every scale of every market."""
    return f"{ROOT}/+/+/{channel}"


def every_agent_status() -> str:
    """The subscription filter for the status of every agent of every market."""
    return f"{ROOT}/+/agents/+/status"


def shared(group: str, topic_filter: str) -> str:
    """A shared subscription (MQTT 5, 4.8.2): each message goes to one member of the group."""
    return f"$share/{group}/{topic_filter}"


def parse_scale_topic(topic: str) -> ScaleTopic:
    """Take a scale's topic apart. Raise BadMessage where it is not one."""
    levels = topic.split("/")
    if len(levels) != _SCALE_TOPIC_LEVELS or f"{levels[0]}/{levels[1]}" != ROOT:
        raise _bad_topic("topic", topic, f"{ROOT}/{{market_id}}/{{scale_id}}/{{channel}}")
    market_id, scale_id, channel = levels[2:]
    for field, value in (("topic market_id", market_id), ("topic scale_id", scale_id)):
        if not is_id(value):
            raise _bad_topic(field, value, ID_EXPECTATION)
    try:
        return ScaleTopic(MarketId(market_id), ScaleId(scale_id), ScaleChannel(channel))
    except ValueError:
        raise _bad_topic("topic channel", channel, "one of " + ", ".join(ScaleChannel)) from None


def parse_agent_status_topic(topic: str) -> tuple[MarketId, AgentId]:
    """Return whose status a topic carries. Raise BadMessage where it is no agent's status topic."""
    levels = topic.split("/")
    fits = len(levels) == _AGENT_TOPIC_LEVELS and f"{levels[0]}/{levels[1]}" == ROOT
    if not fits or levels[3] != "agents" or levels[5] != "status":
        raise _bad_topic("topic", topic, f"{ROOT}/{{market_id}}/agents/{{agent_id}}/status")
    market_id, agent_id = levels[2], levels[4]
    for field, value in (("topic market_id", market_id), ("topic agent_id", agent_id)):
        if not is_id(value):
            raise _bad_topic(field, value, ID_EXPECTATION)
    return MarketId(market_id), AgentId(agent_id)


def _bad_topic(field: str, value: str, expected: str) -> BadMessage:
    return BadMessage(reason="bad_topic", field=field, value=show_value(value), expected=expected)
