"""A link of its own, without an agent around it, against real brokers: what tests of the link run on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.ids import AgentId, MarketId, ScaleId
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.broker_choice import ChoiceRules
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Link, LinkRules

QUICK = DeliveryRules(resend_after_s=0.5, resend_ceiling_s=1.0)
HASTY = LinkRules(
    keepalive_s=1,
    answer_within_s=5.0,
    choice=ChoiceRules(first_s=0.05, ceiling_s=0.2, return_first_s=0.3, return_ceiling_s=0.3),
)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running_link(outbox: Outbox, broker: BrokerAddress, *scales: ScaleId, **changes: Any) -> Iterator[Link]:
    """Run a link until the block ends."""
    settings: dict[str, Any] = {"rules": QUICK, "link_rules": HASTY, "clock": now} | changes
    link = Link(
        market_id=MarketId("m"),
        agent_id=AgentId("agent-1"),
        broker=broker,
        outbox=outbox,
        journals={outbox.journal(scale_id).journal_id: scale_id for scale_id in scales},
        left_behind={},
        **settings,
    )
    link.start()
    try:
        yield link
    finally:
        link.stop()


def depth(outbox: Outbox, *scales: ScaleId) -> int:
    return sum(outbox.depth(outbox.journal(scale_id).journal_id) for scale_id in scales)


def with_fallbacks(first: BrokerAddress, *others: BrokerAddress) -> BrokerAddress:
    return replace(first, fallbacks=others)
