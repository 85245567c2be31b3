"""The agent's configuration: one TOML file, read once and whole. Every problem is listed, not just the first."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from domain.errors import BadFile, show_value
from domain.ids import AgentId, MarketId, ScaleId, SpeciesCode
from domain.units import Grams, PriceUnit
from edge_agent.addresses import HOST_EXPECTATION, TCP_EXPECTATION, TCP_PREFIX, is_host, tcp_target
from edge_agent.drivers.protocol import SCALE_DRIVERS
from edge_agent.files import ca_file_problem, outbox_problem
from edge_agent.goods import Goods
from edge_agent.stability import StabilityRules
from edge_agent.tables import Table

MAX_SCALES: Final = 64
_MAX_CODE: Final = 32  # as the wire contract bounds plu, species and grade
_PRICE_UNITS: Final = {unit.value: unit for unit in (PriceUnit.KG, PriceUnit.HALF_KG)}


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAddress:
    """Where the broker is. With `ca_file` the connection is TLS and the broker's certificate is checked against it."""

    host: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleConfig:
    """One scale and its stall's keypad. `tare_g` is the preset tare set on the scale; its frames carry the net."""

    scale_id: ScaleId
    protocol: str
    port: str
    baud: int = 9600
    keypad: str | None = None
    keypad_baud: int = 9600
    price_unit: PriceUnit = PriceUnit.KG
    tare_g: Grams | None = None
    stability: StabilityRules = field(default_factory=StabilityRules)
    goods: Mapping[str, Goods]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentConfig:
    """An agent and its scales. `clock_synced` says whether the machine's clock is kept by NTP or the like."""

    agent_id: AgentId
    market_id: MarketId
    outbox: Path
    broker: BrokerAddress
    scales: tuple[ScaleConfig, ...]
    clock_synced: bool = False


def load_config(path: Path) -> AgentConfig:
    """Read the file. Raise BadFile with all of its problems, or because it cannot be read.

    A relative `outbox` or `ca_file` is beside the file.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(str(path), (f"cannot be read: {error.strerror}",)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(path.name, (f"not TOML: {error}",)) from None
    return parse_config(document, name=path.name, directory=path.parent)


def parse_config(document: Mapping[str, Any], *, name: str, directory: Path) -> AgentConfig:
    """Check a parsed file and the files it names. Raise BadFile with all of its problems."""
    problems: list[str] = []
    top = Table(document, "", problems)
    config = AgentConfig(
        agent_id=AgentId(top.name("agent_id")),
        market_id=MarketId(top.name("market_id")),
        outbox=_outbox(top, directory),
        clock_synced=top.flag("clock_synced", default=False),
        broker=_broker(top.table("broker"), directory),
        scales=tuple(_scale(table) for table in top.tables("scales")),
    )
    top.refuse_unknown()
    problems += _problems_between(config)
    if problems:
        raise BadFile(name, tuple(problems))
    return config


def _outbox(top: Table, directory: Path) -> Path:
    named = top.text("outbox")
    path = directory / named
    if named and (problem := outbox_problem(path)) is not None:
        top.problem("outbox", problem)
    return path


def _broker(table: Table, directory: Path) -> BrokerAddress:
    address = BrokerAddress(
        host=_host(table),
        port=table.number("port", default=1883, least=1, most=65535),
        username=table.text("username", default=""),
        password=table.text("password", default=""),
        ca_file=_ca_file(table, directory),
    )
    table.refuse_unknown()
    return address


def _host(table: Table) -> str:
    host = table.text("host")
    if host and not is_host(host):
        table.problem("host", f"is {show_value(host)}; expected {HOST_EXPECTATION}")
    return host


def _ca_file(table: Table, directory: Path) -> Path | None:
    named = table.text("ca_file", default="")
    if not named:
        return None
    if (problem := ca_file_problem(directory / named)) is not None:
        table.problem("ca_file", problem)
    return directory / named


def _scale(table: Table) -> ScaleConfig:
    goods = [_goods(entry) for entry in table.tables("goods", default=())]
    for plu, count in Counter(entry.plu for entry in goods).items():
        if count > 1:
            table.problem("goods", f"plu {plu!r} is there {count} times; expected once")
    tare_g = table.number("tare_g", default=0, least=0, most=100_000)
    scale = ScaleConfig(
        scale_id=ScaleId(table.name("scale_id")),
        protocol=table.choice("protocol", SCALE_DRIVERS),
        port=_port(table, "port", table.text("port")),
        baud=table.number("baud", default=9600, least=300, most=921_600),
        keypad=_port(table, "keypad", table.text("keypad", default="")) or None,
        keypad_baud=table.number("keypad_baud", default=9600, least=300, most=921_600),
        price_unit=_PRICE_UNITS.get(table.choice("price_unit", _PRICE_UNITS, default="kg"), PriceUnit.KG),
        tare_g=Grams(tare_g) if tare_g else None,
        stability=_stability(table),
        goods={entry.plu: entry for entry in goods},
    )
    table.refuse_unknown()
    return scale


def _port(table: Table, key: str, address: str) -> str:
    if address.startswith(TCP_PREFIX):
        try:
            tcp_target(address)
        except ValueError:
            table.problem(key, f"is {show_value(address)}; expected {TCP_EXPECTATION}")
    return address


def _stability(table: Table) -> StabilityRules:
    usual = StabilityRules()
    return StabilityRules(
        min_net_g=Grams(table.number("min_net_g", default=usual.min_net_g, least=1, most=100_000)),
        equal_readings=table.number("equal_readings", default=usual.equal_readings, least=2, most=100),
        zero_band_g=Grams(table.number("zero_band_g", default=usual.zero_band_g, least=0, most=1000)),
        change_g=Grams(table.number("change_g", default=usual.change_g, least=0, most=1000)),
    )


def _goods(table: Table) -> Goods:
    goods = Goods(
        plu=table.text("plu", longest=_MAX_CODE),
        species=SpeciesCode(table.text("species", default="", longest=_MAX_CODE)),
        grade=table.text("grade", default="", longest=_MAX_CODE),
        name=table.text("name", default=""),
    )
    table.refuse_unknown()
    return goods


def _problems_between(config: AgentConfig) -> list[str]:
    problems = []
    if not 1 <= len(config.scales) <= MAX_SCALES:
        problems.append(f"scales: there are {len(config.scales)}; expected 1 to {MAX_SCALES}")
    named = Counter(scale.scale_id for scale in config.scales)
    problems += [f"scales: scale_id {name!r} is there {n} times; expected once" for name, n in named.items() if n > 1]
    ports = Counter(port for scale in config.scales for port in (scale.port, scale.keypad) if port)
    problems += [f"scales: port {port!r} is used {n} times; expected once" for port, n in ports.items() if n > 1]
    problems += [
        f"scales {scale.scale_id!r}: min_net_g is {scale.stability.min_net_g}; expected more than zero_band_g,"
        f" {scale.stability.zero_band_g}"
        for scale in config.scales
        if scale.stability.min_net_g <= scale.stability.zero_band_g
    ]
    return problems
