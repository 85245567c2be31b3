"""An agent from its start to its end: what it holds is put together here, and taken apart again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from domain.errors import BadFile, Unavailable
from edge_agent.agent import Agent
from edge_agent.caps.cap_store import CapStore, caps_file
from edge_agent.caps.market_news import MarketNews
from edge_agent.config.agent_config import AgentConfig, load_config
from edge_agent.journal.head_keeping import HeadKeeper, heads_path
from edge_agent.journal.journal_keeping import JournalKeeper
from edge_agent.journal.outbox_opening import open_outbox
from edge_agent.journal.signing_key import load_or_make_signing_key
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Downlink
from edge_agent.page.board import Board

if TYPE_CHECKING:
    from edge_agent.page.server import PageServer

_NEEDS_A_RESTART: Final = ("agent_id", "market_id", "outbox", "page")

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.running")


def run(
    config: AgentConfig,
    stop: threading.Event,
    *,
    rules: DeliveryRules | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    reload: threading.Event | None = None,
    path: Path | None = None,
) -> None:
    """Run an agent until `stop` is set. Raise Unavailable where the outbox cannot be opened.

    Each time `reload` is set, the file at `path` is read again: whole and checked, or not at all.
    """
    with _running(config, rules, clock) as (agent, keeper):
        while not stop.is_set():
            agent.step(time.monotonic())
            keeper.tend(time.monotonic())
            if not agent.link.is_alive():
                raise RuntimeError("the link's thread ended by itself")
            if reload is not None and path is not None and reload.is_set():
                reload.clear()
                config = _reload(agent, keeper, config, path)


@contextmanager
def _running(
    config: AgentConfig, rules: DeliveryRules | None, clock: Callable[[], datetime]
) -> Iterator[tuple[Agent, JournalKeeper]]:
    outbox = open_outbox(config.outbox, clock)
    key = load_or_make_signing_key(config.outbox)
    heads = HeadKeeper(outbox, heads_path(config.outbox), key, clock)
    scales = [scale.scale_id for scale in config.scales]
    caps, board = CapStore(caps_file(config.outbox, config.market_id)), Board(scales)
    news = MarketNews(caps, board, outbox, clock)
    agent = Agent(
        config,
        outbox,
        clock,
        rules=rules,
        book=lambda: caps.book,
        caps_version=lambda: caps.version,
        board=board,
        downlink=Downlink(on_caps=news.take_caps, on_notice=news.take_notice),
    )
    keeper = JournalKeeper(outbox, key, scales, clock, heads)
    page = _page(config, board)
    agent.link.start()
    log.info("agent_started", agent_id=config.agent_id, scales=len(scales))
    try:
        yield agent, keeper
    finally:
        if page is not None:
            page.stop()
        agent.link.stop()
        agent.close()
        keeper.end()
        outbox.close()
        log.info("agent_stopped", agent_id=config.agent_id, stats=asdict(agent.stats()))


def _page(config: AgentConfig, board: Board) -> "PageServer | None":
    """A page that cannot be shown keeps no scale from weighing."""
    if config.page is None:
        return None
    from edge_agent.page.server import PageServer  # an HTTP server and a QR code: most agents have no page

    try:
        page = PageServer(config.page, config.market_id, board)
    except Unavailable as error:
        log.warning("page_not_shown", problem=str(error))
        return None
    page.start()
    return page


def _reload(agent: Agent, keeper: JournalKeeper, before: AgentConfig, path: Path) -> AgentConfig:
    """Take the file as it is now, and return what holds; a file with problems changes nothing."""
    try:
        config = load_config(path, held=before.outbox)
    except BadFile as error:
        log.warning("configuration_refused", problems=list(error.problems))
        return before
    changed = [name for name in _NEEDS_A_RESTART if getattr(config, name) != getattr(before, name)]
    if changed:
        log.warning("configuration_needs_a_restart", changed=changed)
        return before
    try:
        agent.reconfigure(config)
    except Unavailable as error:
        log.warning("configuration_not_taken", problem=str(error))
        return before
    keeper.scales = tuple(scale.scale_id for scale in config.scales)
    log.info("configuration_reloaded", scales=len(config.scales))
    return config
