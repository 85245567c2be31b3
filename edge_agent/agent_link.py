"""The link of an agent as its configuration wants it: whose journals it carries, and when it has to be another one."""

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.ids import JournalId, ScaleId
from edge_agent.clock.clock_watch import ClockWatch
from edge_agent.config.agent_config import AgentConfig
from edge_agent.journal.outbox import Outbox
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Downlink, Link

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.agent")


def make_watch(config: AgentConfig) -> ClockWatch:
    """Return what says whether the clock can be believed, before any receipt told."""
    return ClockWatch(configured=config.clock_synced, limit_s=config.clock_limit_s)


def make_link(
    config: AgentConfig,
    outbox: Outbox,
    watch: ClockWatch,
    clock: Callable[[], datetime],
    rules: DeliveryRules | None,
    downlink: Downlink | None,
) -> Link:
    """Return the link, not started."""
    journals = [outbox.journal(scale.scale_id) for scale in config.scales]
    return Link(
        market_id=config.market_id,
        agent_id=config.agent_id,
        broker=config.broker,
        outbox=outbox,
        journals={journal.journal_id: journal.scale_id for journal in journals},
        left_behind=_left_behind(outbox, config),
        rules=rules or config.delivery,
        clock=clock,
        watch=watch,
        downlink=downlink,
    )


def judges_clock_by(config: AgentConfig) -> tuple[object, ...]:
    """Return what the clock is judged by: with another one, it is judged anew."""
    return config.clock_synced, config.clock_limit_s


def reach(config: AgentConfig) -> tuple[object, ...]:
    """Return what a link is made of: with another one, it is another link."""
    scales = sorted(scale.scale_id for scale in config.scales)
    return config.broker, config.delivery, judges_clock_by(config), scales


def _left_behind(outbox: Outbox, config: AgentConfig) -> dict[JournalId, ScaleId]:
    """Return the journals of scales that are not configured any more, but were when they weighed what still waits."""
    journals = outbox.left_behind({scale.scale_id for scale in config.scales})
    for journal in journals:
        log.warning(
            "delivering_for_removed_scale", scale_id=journal.scale_id, weighings=outbox.depth(journal.journal_id)
        )
    return {journal.journal_id: journal.scale_id for journal in journals}
