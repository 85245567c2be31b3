"""Addresses of brokers and device servers: what can be one at all. Nobody is asked whether they are there."""

import re
from ipaddress import ip_address
from typing import Final

TCP_PREFIX: Final = "tcp://"
HOST_EXPECTATION: Final = "a host name or an IP address"
TCP_EXPECTATION: Final = "tcp://host:port with a port from 1 to 65535"
_LONGEST_HOST: Final = 253  # RFC 1035, 2.3.4, without the root's dot
_LARGEST_PORT: Final = 65535
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII | re.IGNORECASE)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)


def is_host(text: str) -> bool:
    """Say whether `text` is an IP address, or may name a host (RFC 1123; "_" too, as container names have)."""
    return _is_ip_address(text) or _is_host_name(text)


def tcp_target(address: str) -> tuple[str, int]:
    """Return host and port of `tcp://host:port`; an IPv6 address may be in brackets. Raise ValueError."""
    host, _, port = address.removeprefix(TCP_PREFIX).rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not is_host(host) or _PORT.fullmatch(port) is None or not 1 <= int(port) <= _LARGEST_PORT:
        raise ValueError(f"{address!r} is no address; expected {TCP_EXPECTATION}")
    return host, int(port)


def _is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_host_name(text: str) -> bool:
    try:
        name = text.encode("idna").decode("ascii").removesuffix(".")
    except UnicodeError:  # "a..b", or a label that is too long
        return False
    labels = name.split(".")
    # What ends in a number is read as an IPv4 address, and this one is none.
    return (
        len(name) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdecimal()
    )
