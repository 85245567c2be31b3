"""The `[broker]` table: TLS, what stands in, and how much is sent at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import BadFile
from edge_agent.config.agent_config import AgentConfig, load_config
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.link.tls import TlsFiles
from tests.certificates import DAY, Authority
from tests.unit.edge_agent.test_config import SMALLEST


def load(folder: Path, broker: str, *, valid_at: datetime | None = None) -> AgentConfig:
    path = folder / "agent.toml"
    path.write_text(SMALLEST.replace('host = "127.0.0.1"\n', f'host = "127.0.0.1"\n{broker}\n'), encoding="utf-8")
    return load_config(path, valid_at=valid_at)


def problems(folder: Path, broker: str, *, valid_at: datetime | None = None) -> tuple[str, ...]:
    with pytest.raises(BadFile) as refused:
        load(folder, broker, valid_at=valid_at)
    return refused.value.problems


def test_tls_files_are_beside_the_configuration(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("agent-1")
    text = 'ca_file = "ca.pem"\ncert_file = "agent-1.pem"\nkey_file = "agent-1.key"\nserver_name = "broker.market"'
    assert load(tmp_path, text, valid_at=datetime.now(UTC)).broker.tls == TlsFiles(
        ca_file=tmp_path / "ca.pem",
        cert_file=tmp_path / "agent-1.pem",
        key_file=tmp_path / "agent-1.key",
        server_name="broker.market",
    )


def test_all_that_is_wrong_with_the_files_is_said_at_once(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("agent-1")
    authority.issue("agent-2")
    text = """
    ca_file = "nowhere.pem"
    cert_file = "agent-1.pem"
    key_file = "agent-2.key"
    server_name = "a..b"
    window = 5
    [[broker.fallbacks]]
    port = 70000
    cert_file = "nowhere.pem"
    windows = 20
    """
    assert [problem.split(":")[0] for problem in problems(tmp_path, text)] == [
        "broker.window",
        "broker.server_name",
        "broker.ca_file",
        "broker.key_file",
        "broker.fallbacks[1].host",
        "broker.fallbacks[1].port",
        "broker.fallbacks[1].key_file",
        "broker.fallbacks[1].windows",
    ]


def test_a_certificate_that_has_expired_fails_the_check_but_not_the_start(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("agent-1", begins=-3 * DAY, ends=-DAY)
    text = 'ca_file = "ca.pem"\ncert_file = "agent-1.pem"\nkey_file = "agent-1.key"'
    assert load(tmp_path, text).broker.tls is not None
    (problem,) = problems(tmp_path, text, valid_at=datetime.now(UTC))
    assert problem.startswith(f"broker.cert_file: {tmp_path / 'agent-1.pem'} expired at ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'server_name = "broker.market"',
            "broker.ca_file: missing; expected one beside cert_file, key_file or server_n",
        ),
        (
            'ca_file = "ca.pem"\ncert_file = "agent-1.pem"',
            "broker.key_file: missing; expected the private key of cert_",
        ),
        (
            'ca_file = "ca.pem"\nkey_file = "agent-1.key"',
            "broker.cert_file: missing; expected the certificate of key_f",
        ),
    ],
)
def test_half_a_tls_setting_is_a_problem(tmp_path: Path, text: str, problem: str) -> None:
    Authority(tmp_path).issue("agent-1")
    (found,) = problems(tmp_path, text)
    assert found.startswith(problem)


def test_what_stands_in_has_the_same_account_and_tls_unless_it_says_otherwise(tmp_path: Path) -> None:
    Authority(tmp_path)
    Authority(tmp_path, "other")
    text = """
    port = 8883
    username = "hall-a"
    password = "secret-word"
    ca_file = "ca.pem"
    window = 200
    batch = 500
    [[broker.fallbacks]]
    host = "b.example"
    [[broker.fallbacks]]
    host = "2001:db8::7"
    port = 8884
    username = "other"
    ca_file = "other.pem"
    """
    config = load(tmp_path, text)
    assert (config.delivery.window, config.delivery.batch) == (200, 500)
    first, second = config.broker.fallbacks
    assert first == BrokerAddress(
        host="b.example",
        port=8883,
        username="hall-a",
        password="secret-word",
        tls=TlsFiles(ca_file=tmp_path / "ca.pem"),
    )
    assert (second.username, second.password, second.tls) == (
        "other",
        "secret-word",
        TlsFiles(ca_file=tmp_path / "other.pem"),
    )
    assert [str(broker) for broker in (config.broker, first, second)] == [
        "127.0.0.1:8883",
        "b.example:8883",
        "[2001:db8::7]:8884",
    ]
    assert "secret-word" not in repr(config)


def test_a_clock_limit_and_a_kept_clock_are_told_apart_from_nothing_said(tmp_path: Path) -> None:
    usual = load(tmp_path, "")
    assert (usual.clock_synced, usual.clock_limit_s) == (None, 2)
    path = tmp_path / "agent.toml"
    path.write_text("clock_synced = false\nclock_limit_s = 10\n" + SMALLEST, encoding="utf-8")
    told = load_config(path)
    assert (told.clock_synced, told.clock_limit_s) == (False, 10)
