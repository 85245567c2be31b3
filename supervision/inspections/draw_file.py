"""A draw on paper: what is frozen before it, what is published after it, and whether that follows. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.errors import BadFile
from supervision.inspections.draw import METHOD, Drawn, Inspector, Subject, draw, seed_of

MOST_BYTES: Final = 64 * 1024 * 1024
_Hex = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Count = Annotated[int, Meta(ge=1)]


class FrozenSubject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subject by its key, and its weight."""

    key: _Hex
    weight: _Count


class FrozenInspector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An inspector by a key that stands for the badge, and the keys of subjects that are not theirs."""

    badge: str
    barred: tuple[_Hex, ...]


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that decides a draw but its seed; published by its hash before anybody can know the seed."""

    method: str
    plan_id: int
    title: str
    department: str
    catalogue: str
    items: tuple[str, ...]
    first_day: date
    last_day: date
    policy: str
    frozen_at: datetime
    #: SHA-256 of the secret, in hex: the promise that it was made before.
    secret_sha256: _Hex
    #: Where the public value will come from, named before it is known, and when it can be known.
    public_source: str
    public_from: datetime
    visits: _Count
    each: _Count
    most: _Count
    subjects: tuple[FrozenSubject, ...]
    inspectors: tuple[FrozenInspector, ...]


class PublishedVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A visit that was drawn."""

    key: _Hex
    badges: tuple[str, ...]


class PublishedDraw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file anyone can repeat a draw from. `frozen` is the exact text that was frozen, and hashed."""

    method: str
    frozen: str
    frozen_sha256: _Hex
    secret: str
    public_value: str
    seed: _Hex
    drawn: tuple[PublishedVisit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """What repeating a published draw came to; `problems` is empty where everything follows."""

    visits: int
    subjects: int
    inspectors: int
    frozen_sha256: str
    problems: tuple[str, ...]


def subject_key(salt: bytes, market_id: str, vendor_id: str) -> str:
    """Return the key of a subject: who has the salt can check that it is theirs, and nobody else can guess it.

    A weight tells a risk class, which only regulators see; so a published draw names nobody.
    """
    return hashlib.sha256(b"\n".join((salt.hex().encode(), market_id.encode(), vendor_id.encode()))).hexdigest()


def salt_of(salt: bytes, market_id: str, vendor_id: str) -> bytes:
    """Return the salt of one subject, which it may be told without telling of the others."""
    return hashlib.sha256(b"\n".join((salt, market_id.encode(), vendor_id.encode()))).digest()


def inspector_key(salt: bytes, badge_no: str) -> str:
    """Return what an inspector is called in a draw's file: who knows who visits whom must not find the weight by it."""
    return hashlib.sha256(b"\n".join((salt, b"inspector", badge_no.encode()))).hexdigest()


def frozen_text(frozen: Frozen) -> str:
    """Return the text that is hashed: JSON with sorted names and nothing between."""
    return json.dumps(msgspec.to_builtins(frozen), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_frozen(text: str, name: str) -> Frozen:
    """Read what was frozen. Raise BadFile."""
    try:
        return msgspec.json.decode(text, type=Frozen)
    except msgspec.DecodeError as error:
        raise BadFile(name, (f"frozen: {error}",)) from None


def drawn_from(frozen: Frozen, seed: str) -> list[Drawn]:
    """Draw from what was frozen."""
    return draw(
        [Subject(key=one.key, weight=one.weight) for one in frozen.subjects],
        [Inspector(badge=one.badge, barred=frozenset(one.barred)) for one in frozen.inspectors],
        visits=frozen.visits,
        each=frozen.each,
        most=frozen.most,
        seed=seed,
    )


def published(frozen: str, secret: str, public_value: str) -> PublishedDraw:
    """Return the draw that follows from what was frozen, the secret and the public value."""
    digest = sha256_of(frozen)
    seed = seed_of(digest, secret, public_value)
    visits = tuple(PublishedVisit(one.key, one.badges) for one in drawn_from(read_frozen(frozen, "draw"), seed))
    return PublishedDraw(
        method=METHOD,
        frozen=frozen,
        frozen_sha256=digest,
        secret=secret,
        public_value=public_value,
        seed=seed,
        drawn=visits,
    )


def file_of(draw: PublishedDraw) -> bytes:
    """Return the file of a draw: JSON that a person can read too."""
    return json.dumps(msgspec.to_builtins(draw), ensure_ascii=False, indent=1).encode() + b"\n"


def repeat(content: bytes, name: str) -> Repeated:
    """Repeat the draw of a file. Raise BadFile where it is none; what does not follow is told in the answer."""
    if len(content) > MOST_BYTES:
        raise BadFile(name, (f"the file has {len(content)} bytes; expected {MOST_BYTES} at most",))
    try:
        told = msgspec.json.decode(content, type=PublishedDraw)
    except msgspec.DecodeError as error:
        raise BadFile(name, (f"is no published draw: {error}",)) from None
    frozen = read_frozen(told.frozen, name)
    if METHOD not in {told.method} & {frozen.method}:
        raise BadFile(name, (f"method is {told.method!r} and {frozen.method!r}; expected {METHOD}",))
    return Repeated(
        visits=len(told.drawn),
        subjects=len(frozen.subjects),
        inspectors=len(frozen.inspectors),
        frozen_sha256=sha256_of(told.frozen),
        problems=tuple(_problems(told, frozen)),
    )


def _problems(told: PublishedDraw, frozen: Frozen) -> Sequence[str]:
    digest, seed = sha256_of(told.frozen), seed_of(sha256_of(told.frozen), told.secret, told.public_value)
    problems = []
    if told.frozen_sha256 != digest:
        problems.append(f"frozen_sha256 is {told.frozen_sha256}; what is frozen in the file has {digest}")
    if sha256_of(told.secret) != frozen.secret_sha256:
        problems.append("secret is not the one whose hash was frozen")
    if told.seed != seed:
        problems.append(f"seed is {told.seed}; expected {seed}")
    try:
        again = [PublishedVisit(one.key, one.badges) for one in drawn_from(frozen, seed)]
    except ValueError as error:
        return [*problems, str(error)]
    for number, (is_told, is_due) in enumerate(zip(told.drawn, again, strict=False), start=1):
        if is_told != is_due:
            problems.append(f"visit {number} is {_said(is_told)}; the seed gives {_said(is_due)}")
            break
    if len(told.drawn) != len(again):
        problems.append(f"{len(told.drawn)} visits are told; the seed gives {len(again)}")
    return problems


def _said(visit: PublishedVisit) -> str:
    return f"{visit.key[:12]}… by {', '.join(visit.badges) or 'nobody'}"
