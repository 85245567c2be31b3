"""The `[page]` of an agent's configuration: where the local page listens, and what it is called by."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import show_value
from edge_agent.config.addresses import HOST_EXPECTATION, is_host
from edge_agent.config.tables import Table

_LISTEN: Final = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", re.ASCII)
_LISTEN_EXPECTATION: Final = "an address and a port, as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080"
_LARGEST_PORT: Final = 65535
_TICKET_FIELDS: Final = ("market_id", "scale_id", "journal_id", "seq", "code")
_TICKET_EXPECTATION: Final = (
    "an address that begins with https:// or http:// and names {scale_id}, {journal_id} and {seq}"
    " (and {market_id}, {code})"
)
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_MAX_URL: Final = 300  # what a QR code still shows large enough to be read from a screen


@dataclass(frozen=True, kw_only=True, slots=True)
class PageConfig:
    """Where the page listens. `hosts` are the names it may be called by, beside addresses and localhost.

    `ticket_url` is a template of where a customer finds a ticket; without one no QR code is shown. `timezone` is the
    market's, for the date of its list.
    """

    host: str
    port: int
    hosts: tuple[str, ...] = ()
    ticket_url: str = ""
    timezone: str = "Asia/Shanghai"
    max_watchers: int = 32


def parse_page(top: Table) -> PageConfig | None:
    """Read `[page]` of the file's top table, noting its problems; None where there is none: no page then."""
    table = top.optional_table("page")
    if table is None:
        return None
    host, port = _listen(table)
    config = PageConfig(
        host=host,
        port=port,
        hosts=_hosts(table),
        ticket_url=_ticket_url(table),
        timezone=_timezone(table),
        max_watchers=table.number("max_watchers", default=32, least=1, most=200),
    )
    table.refuse_unknown()
    return config


def _listen(table: Table) -> tuple[str, int]:
    text = table.text("listen", default="127.0.0.1:8080")
    match = _LISTEN.fullmatch(text)
    host = "" if match is None else match["v6"] or match["host"]
    port = 0 if match is None else int(match["port"])
    if not (_is_address(host) or host == "localhost") or not 0 <= port <= _LARGEST_PORT:
        table.problem("listen", f"is {show_value(text)}; expected {_LISTEN_EXPECTATION}")
    return host, port


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _hosts(table: Table) -> tuple[str, ...]:
    hosts = table.texts("hosts")
    for host in hosts:
        if not is_host(host):
            table.problem("hosts", f"{show_value(host)} is in it; expected {HOST_EXPECTATION}")
    return tuple(host.lower().rstrip(".") for host in hosts)


def _ticket_url(table: Table) -> str:
    url = table.text("ticket_url", default="", longest=_MAX_URL)
    if not url:
        return ""
    named = _PLACE.findall(url)
    is_usable = (
        url.startswith(("https://", "http://"))
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and set(named) >= {"scale_id", "journal_id", "seq"}
        and set(named) <= set(_TICKET_FIELDS)
        and not set("{}") & set(_PLACE.sub("", url))
    )
    if not is_usable:
        table.problem("ticket_url", f"is {show_value(url)}; expected {_TICKET_EXPECTATION}")
    return url


def _timezone(table: Table) -> str:
    name = table.text("timezone", default="Asia/Shanghai")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.problem("timezone", f"is {show_value(name)}; expected a name as Asia/Shanghai")
    return name
