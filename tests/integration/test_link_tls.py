"""TLS as the link speaks it, with a real broker behind: where it fails, nothing passes, and the log says why."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.tls import TlsFiles
from tests.brokers import RealBroker
from tests.certificates import DAY, Authority
from tests.integration.edge_rig import Service
from tests.integration.link_rig import depth, running_link
from tests.proxies import Proxy
from tests.unit.edge_agent.test_outbox import SCALE, draft
from tests.waiting import wait_until

HOST = "127.0.0.1"
SECRET = "a-password-nobody-hears"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    opened.append([draft()] * 3)
    yield opened
    opened.close()


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    yield running
    running.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def address(proxy: Proxy, tls: TlsFiles, host: str = HOST) -> BrokerAddress:
    return BrokerAddress(host=host, port=proxy.port, username="agent", password=SECRET, tls=tls)


def assert_refused(proxy: Proxy, outbox: Outbox, tls: TlsFiles, host: str = HOST) -> list[EventDict]:
    """Run a link that tries twice in vain; nothing of it is heard. Return what it logged."""
    with capture_logs() as logs, running_link(outbox, address(proxy, tls, host), SCALE):
        wait_until(lambda: sum(is_try(entry) for entry in logs) >= 2, what="a second try")
    assert proxy.heard == b""
    assert depth(outbox, SCALE) == 3
    return logs


def is_try(entry: EventDict) -> bool:
    return entry["event"] in {"broker_unreachable", "broker_ended_connection_unanswered"}


def problems(logs: list[EventDict]) -> str:
    return "\n".join(str(entry["problem"]) for entry in logs if "problem" in entry)


@pytest.mark.parametrize("wants_client", [False, True], ids=["TLS", "mTLS"])
def test_over_tls_everything_arrives(
    broker: RealBroker, service: Service, outbox: Outbox, authority: Authority, wants_client: bool
) -> None:
    cert_file, key_file = authority.issue("agent-1")
    tls = TlsFiles(ca_file=authority.file)
    if wants_client:
        tls = TlsFiles(ca_file=authority.file, cert_file=cert_file, key_file=key_file)
    with (
        Proxy(broker.port, authority.server_context(HOST, wants_client=wants_client)) as proxy,
        running_link(outbox, address(proxy, tls), SCALE),
    ):
        wait_until(lambda: depth(outbox, SCALE) == 0, what="every receipt")
        assert b"MQTT" in proxy.heard, "the proxy sees what it has decrypted"
    assert [weighing.seq for weighing in service.weighings(SCALE)] == [1, 2, 3]


def test_a_broker_reached_by_its_address_may_have_a_certificate_for_its_name(
    broker: RealBroker, service: Service, outbox: Outbox, authority: Authority
) -> None:
    tls = TlsFiles(ca_file=authority.file, server_name="broker.market")
    with (
        Proxy(broker.port, authority.server_context("broker.market")) as proxy,
        running_link(outbox, address(proxy, tls), SCALE),
    ):
        wait_until(lambda: depth(outbox, SCALE) == 0, what="every receipt")


def test_a_broker_of_another_authority_is_not_believed(
    broker: RealBroker, outbox: Outbox, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "other")
    with Proxy(broker.port, other.server_context(HOST)) as proxy:
        logs = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file))
    assert "its certificate is not believed: unable to get local issuer certificate" in problems(logs)


def test_a_broker_with_a_certificate_that_has_expired_is_not_believed(
    broker: RealBroker, outbox: Outbox, authority: Authority
) -> None:
    context = authority.server_context(HOST, begins=-3 * DAY, ends=timedelta(seconds=-10))
    with Proxy(broker.port, context) as proxy:
        logs = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file))
    assert "its certificate is not believed: certificate has expired" in problems(logs)


def test_a_broker_with_a_certificate_for_another_name_is_not_believed(
    broker: RealBroker, outbox: Outbox, authority: Authority
) -> None:
    with Proxy(broker.port, authority.server_context("elsewhere.example")) as proxy:
        by_address = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file))
        by_name = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file, server_name="broker.market"))
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in problems(by_address)
    assert "Hostname mismatch, certificate is not valid for 'broker.market'" in problems(by_name)


def test_a_broker_that_asks_for_our_certificate_and_gets_none_is_a_plain_error(
    broker: RealBroker, outbox: Outbox, authority: Authority
) -> None:
    with Proxy(broker.port, authority.server_context(HOST, wants_client=True)) as proxy:
        logs = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file))
    hints = [str(entry["hint"]) for entry in logs if "hint" in entry]
    assert "TLSV13_ALERT_CERTIFICATE_REQUIRED" in problems(logs) or any("cert_file" in hint for hint in hints)


def test_our_own_certificate_that_has_expired_is_named(
    broker: RealBroker, outbox: Outbox, authority: Authority
) -> None:
    cert_file, key_file = authority.issue("agent-1", begins=-3 * DAY, ends=-DAY)
    tls = TlsFiles(ca_file=authority.file, cert_file=cert_file, key_file=key_file)
    with Proxy(broker.port, authority.server_context(HOST, wants_client=True)) as proxy:
        logs = assert_refused(proxy, outbox, tls)
    lapsed = [entry["problem"] for entry in logs if entry["event"] == "certificate_not_valid"]
    assert len(lapsed) == 1, "said once, not with every try"
    assert f"broker.cert_file: {cert_file} expired at" in lapsed[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_nothing_older_than_tls_1_2_is_spoken(
    broker: RealBroker, outbox: Outbox, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = authority.server_context(HOST)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        context.minimum_version = version
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        context.maximum_version = version
    with Proxy(broker.port, context) as proxy:
        logs = assert_refused(proxy, outbox, TlsFiles(ca_file=authority.file))
    assert "no TLS with it" in problems(logs)


def test_a_broker_without_tls_hears_nothing_it_could_read(
    broker: RealBroker, outbox: Outbox, authority: Authority
) -> None:
    with Proxy(broker.port) as proxy:
        with capture_logs() as logs, running_link(outbox, address(proxy, TlsFiles(ca_file=authority.file)), SCALE):
            wait_until(lambda: sum(is_try(entry) for entry in logs) >= 2, what="a second try", within_s=40)
        assert b"MQTT" not in proxy.heard
        assert SECRET.encode() not in proxy.heard
        assert b"SC-001" not in proxy.heard
    assert depth(outbox, SCALE) == 3
