"""What a token is: its parts, what is stored of it, and when it is good. Pure."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.export_tokens import NewToken, Token
from domain.errors import FieldRefused

PREFIX: Final = "sye"
LONGEST_TEXT: Final = 200
_FORM: Final = re.compile(r"sye_(?P<key>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
#: As it may stand in an address, too, and cut off.
_ANYWHERE: Final = re.compile(r"sye(?:_|%5F)(?P<key>[0-9a-f]{12})(?:_|%5F)[A-Za-z0-9_%-]+", re.IGNORECASE)
_KEY_BYTES: Final = 6
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Parts:
    """The two halves of a token: what it is found by, and what proves it."""

    key_id: str
    secret: str

    @property
    def text(self) -> str:
        """The token as its owner gets it."""
        return f"{PREFIX}_{self.key_id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is stored of the secret. It is random and long: no salt makes it harder to guess."""
        return hashlib.sha256(self.secret.encode()).digest()

    def is_of(self, digest: bytes) -> bool:
        """Say whether the secret is the one that was stored, in a time that tells nothing of it."""
        return hmac.compare_digest(self.digest, digest)


def new_parts() -> Parts:
    """Return a token that nobody has."""
    return Parts(secrets.token_hex(_KEY_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def parts_of(header: str) -> Parts | None:
    """Return the token in an Authorization header; None where there is none of ours."""
    scheme, _, text = header.partition(" ")
    found = _FORM.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    return None if found is None else Parts(found["key"], found["secret"])


def redacted(text: str) -> str:
    """Return a text with the secret half of every token in it left out; whose it is can still be seen."""
    return _ANYWHERE.sub(rf"{PREFIX}_\g<key>_***", text)


def problem_of(token: Token, address: str, now: datetime) -> str:
    """Say why a token is not good any more, or not from this address; empty where it is."""
    if token.revoked_at is not None:
        return "the token is revoked"
    if now >= token.expires_at:
        return f"the token expired at {token.expires_at.isoformat(timespec='seconds')}"
    if token.networks and not _is_in(address, token.networks):
        return f"the token is not used from {address}"
    return ""


def tidy(new: NewToken, now: datetime, longest: timedelta) -> NewToken:
    """Return a token as it is kept. Raise FieldRefused naming the field that cannot be used."""
    department, contact = new.department.strip(), new.contact.strip()
    for name, text in (("department", department), ("contact", contact)):
        if not 1 <= len(text) <= LONGEST_TEXT:
            raise FieldRefused(name, f"{len(text)} characters", f"1 to {LONGEST_TEXT}", problem="length")
    if not new.scopes:
        raise FieldRefused("scopes", "empty", "at least one scope", problem="empty")
    if not now < new.expires_at <= now + longest:
        shown = new.expires_at.isoformat(timespec="minutes")
        raise FieldRefused("expires_at", shown, f"after now and within {longest.days} days", problem="range")
    networks = tuple(str(_network(one)) for one in new.networks)
    return NewToken(
        department=department,
        contact=contact,
        scopes=new.scopes,
        expires_at=new.expires_at,
        market_ids=new.market_ids,
        networks=networks,
    )


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        raise FieldRefused(
            "networks", repr(text[:60]), "addresses or networks, as 10.0.0.5 or 10.1.0.0/16", problem="network"
        ) from None


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    nets = [ipaddress.ip_network(one) for one in networks]
    return any(ip.version == net.version and ip in net for net in nets)
