"""The link's thread: no broker, no host and no certificate is a reason to try again, never one to end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.ids import AgentId, MarketId
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Link
from edge_agent.link.tls import TlsFiles
from tests.unit.edge_agent.test_outbox import SCALE
from tests.waiting import wait_until


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "broker",
    [BrokerAddress(host="a..b"), BrokerAddress(host="127.0.0.1", tls=TlsFiles(ca_file=Path("nowhere/ca.pem")))],
    ids=["no host", "no certificate"],
)
def test_the_thread_outlives_a_broker_that_cannot_be_reached_at_all(outbox: Outbox, broker: BrokerAddress) -> None:
    link = Link(
        market_id=MarketId("m"),
        agent_id=AgentId("agent-1"),
        broker=broker,
        outbox=outbox,
        journals={outbox.journal(SCALE).journal_id: SCALE},
        left_behind={},
        rules=DeliveryRules(),
        clock=lambda: datetime.now(UTC),
    )
    with capture_logs() as logs:
        link.start()
        wait_until(lambda: [e["event"] for e in logs].count("broker_unreachable") >= 2, what="a second try")
        assert link.is_alive()
        link.stop()
