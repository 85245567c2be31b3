"""An agent from its start to its end."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from edge_agent.agent import Agent
from edge_agent.config import AgentConfig
from edge_agent.delivery import DeliveryRules
from edge_agent.journal_keeping import JournalKeeper
from edge_agent.outbox_opening import open_outbox
from edge_agent.signing_key import load_or_make_signing_key

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.running")


def run(
    config: AgentConfig,
    stop: threading.Event,
    *,
    rules: DeliveryRules | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run an agent until `stop` is set. Raise Unavailable where the outbox cannot be opened or no longer be written."""
    outbox = open_outbox(config.outbox, clock)
    key = load_or_make_signing_key(config.outbox)
    keeper = JournalKeeper(outbox, key, [scale.scale_id for scale in config.scales], clock)
    agent = Agent(config, outbox, rules or config.delivery, clock)
    agent.link.start()
    log.info("agent_started", agent_id=config.agent_id, scales=len(config.scales))
    try:
        while not stop.is_set():
            agent.step(time.monotonic())
            keeper.tend(time.monotonic())
            if not agent.link.is_alive():
                raise RuntimeError("the link's thread ended by itself")
    finally:
        agent.link.stop()
        agent.close()
        outbox.close()
        log.info("agent_stopped", agent_id=config.agent_id, stats=agent.stats())
