"""Where a request is from, for limits only. Pure.

`X-Forwarded-For` is anybody's text: it is believed from the reverse proxies that the operator named, hop by hop from
the right, and no further.
"""

import ipaddress
from collections.abc import Collection, Sequence
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Of who cannot be told: they are limited together.
UNKNOWN: Final = "unknown"


def networks_of(text: str) -> tuple[Network, ...]:
    """Return the networks in a comma-separated text. Raise ValueError naming what is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError:
            raise ValueError(f"{part!r} is no address or network, as 10.0.0.5 or 10.1.0.0/16") from None
    return tuple(found)


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Collection[Network]) -> str:
    """Return the address a request is from: the first from the right that is no trusted proxy.

    `peer`: who connects; `forwarded_for`: the headers in their order. Where a proxy passed on what is no address, it is
    the proxy itself.
    """
    address = _address_in(peer)
    if address is None:
        return UNKNOWN
    hops = [hop.strip() for header in forwarded_for for hop in header.split(",")]
    while hops and _is_in(address, trusted):
        before = _address_in(hops.pop())
        if before is None:
            break
        address = before
    return str(address)


def prefix_of(address: str, *, ipv4_bits: int, ipv6_bits: int) -> str:
    """Return the network an address is counted with."""
    parsed = _address_in(address)
    if parsed is None:
        return UNKNOWN
    bits = ipv4_bits if isinstance(parsed, ipaddress.IPv4Address) else ipv6_bits
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def _is_in(address: _Address, networks: Collection[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _address_in(text: str) -> _Address | None:
    """An address, perhaps in brackets or with a port; one of IPv4 that came over IPv6 is one of IPv4."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
