"""A connection tells apart a broker that refuses us and one that is not there."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.errors import Unavailable
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.link.connection import Connection, Mailbox
from edge_agent.link.tls import TlsFiles

NOT_AUTHORIZED = b"\x20\x03\x00\x87\x00"  # CONNACK with reason 0x87 (MQTT 5, 3.2.2.2)
WILL = ("will", b"offline")


@pytest.fixture
def refusing_broker() -> Iterator[BrokerAddress]:
    server = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        client, _address = server.accept()
        with client:
            client.recv(4096)
            client.sendall(NOT_AUTHORIZED)
            client.recv(4096)

    thread = threading.Thread(target=refuse)
    thread.start()
    yield BrokerAddress(host="127.0.0.1", port=server.getsockname()[1], username="agent", password="wrong")
    thread.join()
    server.close()


def test_a_broker_that_refuses_us_is_named_in_the_log(refusing_broker: BrokerAddress) -> None:
    mailbox = Mailbox([])
    connection = Connection(refusing_broker, "agent-1", WILL, 20)
    with capture_logs() as logs:
        connection.open(mailbox)
        word = mailbox.wait(10.0)
        connection.close()
    assert (word.connected, word.disconnected) == (False, True)
    assert [(entry["event"], entry["reason"]) for entry in logs if entry["log_level"] == "error"] == [
        ("broker_refused_us", "Not authorized")
    ]


def test_a_broker_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="does not answer"):
        Connection(BrokerAddress(host="127.0.0.1", port=port), "agent-1", WILL, 20).open(Mailbox([]))


@pytest.mark.parametrize("host", ["a..b", "a" * 64, ""])
def test_a_host_that_cannot_be_looked_up_is_unavailable(host: str) -> None:
    with pytest.raises(Unavailable):
        Connection(BrokerAddress(host=host), "agent-1", WILL, 20).open(Mailbox([]))


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["gone", "overwritten"])
def test_a_ca_file_that_was_lost_since_the_start_is_unavailable_and_named(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content, encoding="ascii")
    connection = Connection(BrokerAddress(host="127.0.0.1", tls=TlsFiles(ca_file=ca_file)), "agent-1", WILL, 20)
    with pytest.raises(Unavailable, match=r"ca\.pem cannot be loaded"):
        connection.open(Mailbox([]))
