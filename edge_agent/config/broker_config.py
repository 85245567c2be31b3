"""The `[broker]` of an agent's configuration, with the `[[broker.fallbacks]]` that stand in for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from domain.errors import show_value
from edge_agent.config.addresses import HOST_EXPECTATION, is_host
from edge_agent.config.tables import Table
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.tls import TlsFiles, ca_file_problem, client_files_problems, lapsed_certificates
from messages.limits import MAX_WEIGHINGS_PER_MESSAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAddress:
    """Where a broker is, and who we are there. With `tls` nothing is ever sent in clear.

    `fallbacks` stand in for it, in their order; they have none of their own.
    """

    host: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: TlsFiles | None = None
    fallbacks: tuple["BrokerAddress", ...] = ()

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_broker(table: Table, directory: Path) -> tuple[BrokerAddress, DeliveryRules]:
    """Read the table, noting its problems. A relative file is in `directory`."""
    usual = DeliveryRules()
    rules = DeliveryRules(
        window=table.number("window", default=usual.window, least=20, most=200),
        batch=table.number("batch", default=usual.batch, least=1, most=MAX_WEIGHINGS_PER_MESSAGE),
    )
    preferred = _address(table, directory, None)
    fallbacks = tuple(_address(entry, directory, preferred) for entry in table.tables("fallbacks", default=()))
    table.refuse_unknown()
    return replace(preferred, fallbacks=fallbacks), rules


def lapsed_in(broker: BrokerAddress, now: datetime) -> Iterator[str]:
    """Yield a sentence for each certificate of a broker and its fallbacks that is not valid at `now`."""
    told: set[TlsFiles] = set()
    for number, address in enumerate((broker, *broker.fallbacks)):
        place = f"broker.fallbacks[{number}]" if number else "broker"
        if address.tls is not None and address.tls not in told:
            told.add(address.tls)
            yield from (f"{place}.{setting}: {problem}" for setting, problem in lapsed_certificates(address.tls, now))


def _address(table: Table, directory: Path, preferred: BrokerAddress | None) -> BrokerAddress:
    """Read a broker. A fallback is told what the preferred one is, and takes from it what is not said."""
    usual = preferred or BrokerAddress(host="")
    address = BrokerAddress(
        host=_host(table),
        port=table.number("port", default=usual.port, least=1, most=65535),
        username=table.text("username", default=usual.username),
        password=table.text("password", default=usual.password),
        tls=_tls(table, directory, usual.tls),
    )
    if preferred is not None:
        table.refuse_unknown()
    return address


def _host(table: Table) -> str:
    host = table.text("host")
    if host and not is_host(host):
        table.problem("host", f"is {show_value(host)}; expected {HOST_EXPECTATION}")
    return host


def _tls(table: Table, directory: Path, usual: TlsFiles | None) -> TlsFiles | None:
    ca_file, cert_file, key_file = (_file(table, key, directory) for key in ("ca_file", "cert_file", "key_file"))
    server_name = table.text("server_name", default="")
    if server_name and not is_host(server_name):
        table.problem("server_name", f"is {show_value(server_name)}; expected {HOST_EXPECTATION}")
    if ca_file is not None and (problem := ca_file_problem(ca_file)) is not None:
        table.problem("ca_file", problem)
    _note_client_problems(table, cert_file, key_file)
    if ca_file is None and usual is None:
        if cert_file or key_file or server_name:
            table.problem("ca_file", "missing; expected one beside cert_file, key_file or server_name")
        return None
    if ca_file is None and not (cert_file or key_file or server_name):
        return usual
    return TlsFiles(
        ca_file=ca_file or (usual.ca_file if usual else Path()),
        cert_file=cert_file or (usual.cert_file if usual else None),
        key_file=key_file or (usual.key_file if usual else None),
        server_name=server_name or (usual.server_name if usual else ""),
    )


def _note_client_problems(table: Table, cert_file: Path | None, key_file: Path | None) -> None:
    if cert_file is not None and key_file is not None:
        for setting, problem in client_files_problems(cert_file, key_file):
            table.problem(setting, problem)
    elif cert_file is not None:
        table.problem("key_file", "missing; expected the private key of cert_file")
    elif key_file is not None:
        table.problem("cert_file", "missing; expected the certificate of key_file")


def _file(table: Table, key: str, directory: Path) -> Path | None:
    named = table.text(key, default="")
    return directory / named if named else None
