"""A round on paper: what is frozen before it, what is published after it, and whether that follows. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from credit.rotation.lots import METHOD, seed_of
from credit.rotation.model import Pin, Rotation, problems_of
from credit.rotation.solving import Solution, solve
from credit.rotation.tables import Tables
from domain.errors import BadFile, RuleViolation

MOST_BYTES: Final = 64 * 1024 * 1024
_Hex = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class FrozenRound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a round but its seed; published by its hash before anybody can know the seed."""

    method: str
    round_id: int
    market_id: str
    title: str
    takes_effect_on: date
    #: Version of the rules that the scores were reckoned by.
    credit_rules: str
    frozen_at: datetime
    #: SHA-256 of the secret, in hex: the promise that it was made before.
    secret_sha256: _Hex
    #: Where the public value will come from, named before it is known, and when it can be known.
    public_source: str
    public_from: datetime
    rotation: Rotation


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stall a claim has (None: none is left), and the claim's price."""

    claim: int
    stall_id: str | None
    price: int


class StallPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a stall's price is in the proof."""

    stall_id: str
    price: int


class PublishedRound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file anyone can repeat a round from. `frozen` is the exact text that was frozen, and hashed.

    `by_seed`: what the sum is where nothing is given by hand; `pins` are what was, and `objective` and `bound` are
    with them.
    """

    method: str
    frozen: str
    frozen_sha256: _Hex
    secret: str
    public_value: str
    seed: _Hex
    by_seed: int
    pins: tuple[Pin, ...]
    objective: int
    bound: int
    places: tuple[Place, ...]
    stall_prices: tuple[StallPrice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """What repeating a published round came to; `problems` is empty where everything follows."""

    claims: int
    stalls: int
    objective: int
    bound: int
    by_seed: int
    frozen_sha256: str
    problems: tuple[str, ...]


def frozen_text(frozen: FrozenRound) -> str:
    """Return the text that is hashed: JSON with sorted names and nothing between."""
    return json.dumps(msgspec.to_builtins(frozen), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_frozen(text: str, name: str) -> FrozenRound:
    """Read what was frozen. Raise BadFile."""
    try:
        return msgspec.json.decode(text, type=FrozenRound)
    except msgspec.DecodeError as error:
        raise BadFile(name, (f"frozen: {error}",)) from None


def with_pins(rotation: Rotation, pins: tuple[Pin, ...]) -> Rotation:
    """Return a rotation in which some stalls are given by hand."""
    return msgspec.structs.replace(rotation, pins=pins)


def published(
    frozen: str, *, secret: str, public_value: str, by_seed: int, pins: tuple[Pin, ...], solution: Solution
) -> PublishedRound:
    """Return the file of a round."""
    digest = sha256_of(frozen)
    return PublishedRound(
        method=METHOD,
        frozen=frozen,
        frozen_sha256=digest,
        secret=secret,
        public_value=public_value,
        seed=seed_of(digest, secret, public_value),
        by_seed=by_seed,
        pins=pins,
        objective=solution.objective,
        bound=solution.bound,
        places=tuple(
            Place(claim=claim, stall_id=stall, price=solution.claim_prices[claim])
            for claim, stall in sorted(solution.places.items())
        ),
        stall_prices=tuple(
            StallPrice(stall_id=stall, price=price) for stall, price in sorted(solution.stall_prices.items())
        ),
    )


def file_of(told: PublishedRound) -> bytes:
    """Return the file of a round: JSON that a person can read too."""
    return json.dumps(msgspec.to_builtins(told), ensure_ascii=False, indent=1).encode() + b"\n"


def repeat(content: bytes, name: str) -> Repeated:
    """Repeat the round of a file. Raise BadFile where it is none; what does not follow is told in the answer."""
    if len(content) > MOST_BYTES:
        raise BadFile(name, (f"the file has {len(content)} bytes; expected {MOST_BYTES} at most",))
    try:
        told = msgspec.json.decode(content, type=PublishedRound)
    except msgspec.DecodeError as error:
        raise BadFile(name, (f"is no published round: {error}",)) from None
    frozen = read_frozen(told.frozen, name)
    if METHOD not in {told.method} & {frozen.method}:
        raise BadFile(name, (f"method is {told.method!r} and {frozen.method!r}; expected {METHOD}",))
    unsound = problems_of(with_pins(frozen.rotation, told.pins))
    if unsound:
        raise BadFile(name, tuple(unsound))
    return Repeated(
        claims=len(frozen.rotation.claims),
        stalls=len(frozen.rotation.stalls),
        objective=told.objective,
        bound=told.bound,
        by_seed=told.by_seed,
        frozen_sha256=sha256_of(told.frozen),
        problems=tuple(_problems(told, frozen)),
    )


def _problems(told: PublishedRound, frozen: FrozenRound) -> Iterator[str]:
    digest = sha256_of(told.frozen)
    seed = seed_of(digest, told.secret, told.public_value)
    if told.frozen_sha256 != digest:
        yield f"frozen_sha256 is {told.frozen_sha256}; what is frozen in the file has {digest}"
    if sha256_of(told.secret) != frozen.secret_sha256:
        yield "secret is not the one whose hash was frozen"
    if told.seed != seed:
        yield f"seed is {told.seed}; expected {seed}"
    rotation = with_pins(frozen.rotation, told.pins)
    yield from price_problems(rotation, told)
    try:
        again = solve(rotation, seed)
        by_seed = solve(frozen.rotation, seed) if told.pins else again
    except RuleViolation as error:
        yield str(error)
        return
    for field, is_told, is_due in (
        ("objective", told.objective, again.objective),
        ("bound", told.bound, again.bound),
        ("by_seed", told.by_seed, by_seed.objective),
    ):
        if is_told != is_due:
            yield f"{field} is {is_told}; expected {is_due}"
    is_told_places = {one.claim: one.stall_id for one in told.places}
    others = [one for one, stall in sorted(again.places.items()) if is_told_places.get(one) != stall]
    if others:
        yield (
            f"claim {others[0]} has stall {is_told_places.get(others[0])}; the seed gives {again.places[others[0]]}"
            f" (and {len(others) - 1} more)"
        )


def price_problems(rotation: Rotation, told: PublishedRound) -> Iterator[str]:
    """Say where the prices of a file do not prove its bound: no solver is needed for this."""
    prices: Mapping[str, int] = {one.stall_id: one.price for one in told.stall_prices}
    of_claims = {one.claim: one.price for one in told.places}
    tables = Tables(rotation)
    if prices.keys() != tables.column_of.keys() or of_claims.keys() != tables.row_of.keys():
        yield "the prices are not those of all stalls and claims that take part"
        return
    if any(price < 0 for price in prices.values()):
        yield "a stall has a price below 0"
    asked = np.array([of_claims[one.number] for one in tables.claims], dtype=np.int64)
    paid = np.array([prices[one.stall_id] for one in tables.stalls], dtype=np.int64)
    rows, columns = np.nonzero(asked[:, None] + paid[None, :] < tables.possible_worth)
    if len(rows):
        claim, stall = tables.claims[rows[0]].number, tables.stalls[columns[0]].stall_id
        yield f"the prices of claim {claim} and stall {stall} add up to less than it is worth"
    is_full = None not in {one.stall_id for one in told.places}
    if is_full and told.bound > sum(prices.values()) + sum(of_claims.values()):
        yield "the bound is more than the prices add up to"
