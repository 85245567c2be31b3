"""Addresses of brokers, ports and device servers: what can be one at all. Nobody is asked whether they are there."""

import re
from ipaddress import ip_address
from typing import Final

TCP_PREFIX: Final = "tcp://"
LISTEN_PREFIX: Final = "tcp-listen://"
RFC2217_PREFIX: Final = "rfc2217://"
HOST_EXPECTATION: Final = "a host name or an IP address"
PORT_EXPECTATION: Final = (
    "a device's path (/dev/serial/by-id/…), tcp://host:port, rfc2217://host:port or tcp-listen://0.0.0.0:port"
)
_LONGEST_HOST: Final = 253  # RFC 1035, 2.3.4, without the root's dot
_LARGEST_PORT: Final = 65535
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII | re.IGNORECASE)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)


def is_host(text: str) -> bool:
    """Say whether `text` is an IP address, or may name a host (RFC 1123; "_" too, as container names have)."""
    return _is_ip_address(text) or _is_host_name(text)


def tcp_target(address: str, prefix: str = TCP_PREFIX) -> tuple[str, int]:
    """Return host and port of `tcp://host:port`; an IPv6 address may be in brackets. Raise ValueError.

    To listen, the host is an address of this machine, so a name is refused there.
    """
    host, _, port = address.removeprefix(prefix).rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    is_good_host = _is_ip_address(host) if prefix == LISTEN_PREFIX else is_host(host)
    if not is_good_host or _PORT.fullmatch(port) is None or not 1 <= int(port) <= _LARGEST_PORT:
        raise ValueError(f"{address!r} is no address; expected {_expected(prefix)}")
    return host, int(port)


def port_problem(address: str) -> str | None:
    """Return what is wrong with the address of a scale's or keypad's port, as what was expected; None where nothing."""
    for prefix in (TCP_PREFIX, LISTEN_PREFIX, RFC2217_PREFIX):
        if address.startswith(prefix):
            try:
                tcp_target(address, prefix)
            except ValueError:
                return _expected(prefix)
            return None
    return None if address.startswith("/") and "\0" not in address else PORT_EXPECTATION


def _expected(prefix: str) -> str:
    host = "address-of-this-machine (0.0.0.0: all of them)" if prefix == LISTEN_PREFIX else "host"
    return f"{prefix}{host}:port with a port from 1 to 65535"


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
