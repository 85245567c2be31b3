"""The `[broker]` of an agent's configuration."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import show_value
from edge_agent.addresses import HOST_EXPECTATION, is_host
from edge_agent.files import ca_file_problem
from edge_agent.tables import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAddress:
    """Where the broker is. With `ca_file` the connection is TLS and the broker's certificate is checked against it."""

    host: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


def parse_broker(table: Table, directory: Path) -> BrokerAddress:
    """Read the table, noting its problems. A relative `ca_file` is in `directory`."""
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
