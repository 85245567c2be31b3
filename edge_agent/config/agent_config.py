"""The agent's configuration: one TOML file, read once and whole. Every problem is listed, not just the first."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from domain.errors import BadFile
from domain.ids import AgentId, MarketId
from edge_agent.clock.clock_watch import LIMIT_S
from edge_agent.config.addresses import LISTEN_PREFIX, port_problem, tcp_target
from edge_agent.config.broker_config import BrokerAddress, lapsed_in, parse_broker
from edge_agent.config.files import outbox_problem
from edge_agent.config.page_config import PageConfig, parse_page
from edge_agent.config.scale_config import ScaleConfig, parse_scale
from edge_agent.config.tables import Table
from edge_agent.link.delivery import DeliveryRules

MAX_SCALES: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentConfig:
    """An agent and its scales. `clock_synced`: whether the machine's clock is kept; None: the kernel is asked.

    A time is not relied on where receipts show the clock to be off by more than `clock_limit_s`.
    """

    agent_id: AgentId
    market_id: MarketId
    outbox: Path
    broker: BrokerAddress
    scales: tuple[ScaleConfig, ...]
    clock_synced: bool | None = None
    clock_limit_s: float = LIMIT_S
    delivery: DeliveryRules = field(default_factory=DeliveryRules)
    page: PageConfig | None = None


def load_config(path: Path, *, valid_at: datetime | None = None, held: Path | None = None) -> AgentConfig:
    """Read the file. Raise BadFile with all of its problems, or because it cannot be read.

    With `valid_at`, certificates that are not valid then are problems too. An agent starts without: it reads its
    scales whatever the broker thinks of it. `held`: the outbox that this process has open already.

    A relative path in it is beside the file.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(str(path), (f"cannot be read: {error.strerror}",)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(path.name, (f"not TOML: {error}",)) from None
    return parse_config(document, name=path.name, directory=path.parent, valid_at=valid_at, held=held)


def parse_config(
    document: Mapping[str, Any],
    *,
    name: str,
    directory: Path,
    valid_at: datetime | None = None,
    held: Path | None = None,
) -> AgentConfig:
    """Check a parsed file and the files it names. Raise BadFile with all of its problems."""
    problems: list[str] = []
    top = Table(document, "", problems)
    agent_id, market_id, outbox = top.name("agent_id"), top.name("market_id"), _outbox(top, directory, held)
    broker, rules = parse_broker(top.table("broker"), directory)
    config = AgentConfig(
        agent_id=AgentId(agent_id),
        market_id=MarketId(market_id),
        outbox=outbox,
        clock_synced=top.optional_flag("clock_synced"),
        clock_limit_s=top.number("clock_limit_s", default=int(LIMIT_S), least=1, most=600),
        broker=broker,
        delivery=rules,
        page=parse_page(top),
        scales=tuple(parse_scale(table, directory) for table in top.tables("scales")),
    )
    top.refuse_unknown()
    problems += _problems_between(config)
    if valid_at is not None:
        problems += lapsed_in(config.broker, valid_at)
    if problems:
        raise BadFile(name, tuple(problems))
    return config


def _outbox(top: Table, directory: Path, held: Path | None) -> Path:
    named = top.text("outbox")
    path = directory / named
    if named and (problem := outbox_problem(path, held)) is not None:
        top.problem("outbox", problem)
    return path


def _problems_between(config: AgentConfig) -> list[str]:
    problems = []
    if not 1 <= len(config.scales) <= MAX_SCALES:
        problems.append(f"scales: there are {len(config.scales)}; expected 1 to {MAX_SCALES}")
    named = Counter(scale.scale_id for scale in config.scales)
    problems += [f"scales: scale_id {name!r} is there {n} times; expected once" for name, n in named.items() if n > 1]
    ports = Counter(port for scale in config.scales for port in (scale.port, scale.keypad) if port)
    problems += [f"scales: port {port!r} is used {n} times; expected once" for port, n in ports.items() if n > 1]
    problems += _problems_of_listening(config)
    problems += [
        f"scales {scale.scale_id!r}: min_net_g is {scale.stability.min_net_g}; expected more than zero_band_g,"
        f" {scale.stability.zero_band_g}"
        for scale in config.scales
        if scale.stability.min_net_g <= scale.stability.zero_band_g
    ]
    return problems


def _problems_of_listening(config: AgentConfig) -> list[str]:
    """Two that wait for connections on one port of this machine: the second would never open its own."""
    waiting = [(repr(port), *tcp_target(port, LISTEN_PREFIX)) for port in sorted(_listening_ports(config))]
    if config.page is not None and config.page.port:
        waiting.append(("page.listen", config.page.host, config.page.port))
    return [
        f"scales: {one} and {other} both listen on port {port}; expected different ones"
        for (one, host, port), (other, other_host, other_port) in combinations(waiting, 2)
        if port == other_port and (host == other_host or _is_any(host) or _is_any(other_host))
    ]


def _listening_ports(config: AgentConfig) -> set[str]:
    """Those that are addresses at all; of the others the list of problems tells already."""
    named = {port for scale in config.scales for port in (scale.port, scale.keypad) if port is not None}
    return {port for port in named if port.startswith(LISTEN_PREFIX) and port_problem(port) is None}


def _is_any(host: str) -> bool:
    """Whatever else is wrong with a host is told where it is read."""
    return host in {"0.0.0.0", "::"}  # noqa: S104 - nothing is opened here
