"""Where a webhook may be sent: what an address must look like, and which machines are nobody's business. Pure."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from domain.errors import RuleViolation, show_value

LONGEST_URL: Final = 2000
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_HOST: Final = 253
#: Translation of IPv4 into IPv6 (RFC 6052, RFC 8215) and tunnels (RFC 3056, RFC 4380) carry an IPv4 address inside.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An address taken apart. `host` is a name or a literal address without brackets; `path` holds the query, too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """What the request names as its host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class BadAddress(RuleViolation):
    """An address that nothing may be sent to."""

    def __init__(self, message: str) -> None:
        super().__init__(message, problem="address")


def parse_target(url: str) -> Target:
    """Take an address apart. Raise BadAddress saying what is wrong with it."""
    if len(url) > LONGEST_URL:
        raise BadAddress(f"url has {len(url)} characters; expected at most {LONGEST_URL}")
    if not url.isascii() or any(char <= " " or char == "\x7f" for char in url):
        raise BadAddress(f"url is {_shown(url)}; expected ASCII without spaces (a name in Chinese in its xn-- form)")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(f"url is {_shown(url)}: {error}") from None
    if parts.scheme not in _PORTS:
        raise BadAddress(f"url is {_shown(url)}; expected http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("url holds a user or password; the receiver knows us by the signature")
    if not parts.hostname or len(parts.hostname) > _LONGEST_HOST:
        raise BadAddress(f"url is {_shown(url)}; expected a host, as https://host.example/path")
    if parts.fragment:
        raise BadAddress(f"url is {_shown(url)}; a part after # is never sent: leave it out")
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public Internet: not of this machine, its networks, or reserved."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _carried_in(ip)
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def require_allowed(target: Target, *, allow_private: bool, setting: str) -> None:
    """Raise BadAddress for a literal address that is not public; a name is looked up when something is sent.

    `setting`: where the policy says whether private ones are allowed, for whoever reads the refusal.
    """
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return
    if not allow_private:
        require_public(target, target.host, setting=setting)


def require_public(target: Target, address: str, *, setting: str) -> None:
    """Raise BadAddress where a host's address is of this machine or of a private network."""
    if not is_public(address):
        raise BadAddress(f"{target.host} is {address}; expected a public address ({setting})")


def _carried_in(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _shown(url: str) -> str:
    return show_value(url)
