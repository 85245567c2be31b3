"""Rounds of stall rotation: appended to, step by step; what was frozen, proposed and confirmed stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.rotation import Proposal, Round, RoundPlace

_SQL = load("rotation_rounds")


@dataclass(frozen=True, kw_only=True, slots=True)
class Freezing:
    """What freezing a round fixes."""

    frozen: str
    frozen_sha256: str
    secret: str
    public_source: str
    public_from: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenClaim:
    """Whose a number is, and the score and tier that were frozen."""

    number: int
    vendor_id: VendorId
    score: int
    tier: str
    held: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewProposal:
    """A version to keep, with its places and the prices of its proof."""

    version: int
    pins: Sequence[tuple[str, int | None]]
    objective: int
    bound: int
    restricted: int
    not_apart: Sequence[tuple[int, int]]
    because: str
    places: Mapping[int, str | None]
    claim_prices: Mapping[int, int]
    stall_prices: Mapping[str, int]


def insert(conn: Connection, market_id: MarketId, title: str, takes_effect_on: date, *, by: str, at: datetime) -> int:
    """Keep a draft; return its round_id."""
    values = {"market_id": market_id, "title": title, "takes_effect_on": takes_effect_on, "by": by, "at": at}
    row = conn.execute(_SQL["insert"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no round_id")
    return int(row[0])


def freeze(
    conn: Connection,
    round_id: int,
    market_id: MarketId,
    freezing: Freezing,
    claims: Sequence[FrozenClaim],
    *,
    by: str,
    at: datetime,
) -> None:
    """Fix everything of a round but its seed."""
    values = {name: getattr(freezing, name) for name in Freezing.__slots__}
    conn.execute(_SQL["freeze"], {**values, "round_id": round_id, "by": by, "at": at})
    conn.execute(
        _SQL["insert_claims"],
        {
            "round_id": round_id,
            "market_id": market_id,
            "numbers": [one.number for one in claims],
            "vendor_ids": [one.vendor_id for one in claims],
            "scores": [one.score for one in claims],
            "tiers": [one.tier for one in claims],
            "held": [one.held for one in claims],
        },
    )


def propose(
    conn: Connection, round_id: int, *, public_value: str, seed: str, by_seed: int, by: str, at: datetime
) -> None:
    """Keep the seed of a round."""
    values = {"round_id": round_id, "public_value": public_value, "seed": seed, "by_seed": by_seed, "by": by, "at": at}
    conn.execute(_SQL["propose"], values)


def append_proposal(conn: Connection, round_id: int, new: NewProposal, *, by: str, at: datetime) -> None:
    """Keep another version of what a round proposes."""
    key: dict[str, Any] = {"round_id": round_id, "version": new.version}
    conn.execute(
        _SQL["insert_proposal"],
        {
            **key,
            "pins": Jsonb([list(one) for one in new.pins]),
            "objective": new.objective,
            "bound": new.bound,
            "restricted": new.restricted,
            "not_apart": Jsonb([list(one) for one in new.not_apart]),
            "because": new.because,
            "by": by,
            "at": at,
        },
    )
    numbers = list(new.places)
    conn.execute(
        _SQL["insert_places"],
        {
            **key,
            "numbers": numbers,
            "stall_ids": [new.places[one] for one in numbers],
            "prices": [new.claim_prices[one] for one in numbers],
        },
    )
    prices = {"stall_ids": list(new.stall_prices), "prices": list(new.stall_prices.values())}
    conn.execute(_SQL["insert_stall_prices"], {**key, **prices})


def confirm(conn: Connection, round_id: int, version: int, *, by: str, at: datetime) -> None:
    """Confirm a version."""
    conn.execute(_SQL["confirm"], {"round_id": round_id, "version": version, "by": by, "at": at})


def apply(conn: Connection, round_id: int, *, by: str, at: datetime) -> None:
    """Say that the register has it."""
    conn.execute(_SQL["apply"], {"round_id": round_id, "by": by, "at": at})


def abandon(conn: Connection, round_id: int, because: str, *, by: str, at: datetime) -> None:
    """Give a round up; it stays where everybody sees it."""
    conn.execute(_SQL["abandon"], {"round_id": round_id, "because": because, "by": by, "at": at})


def frozen(conn: Connection, round_id: int) -> str:
    """Return the exact text that was frozen; '' before that."""
    row = conn.execute(_SQL["frozen"], {"round_id": round_id}).fetchone()
    return "" if row is None or row[0] is None else str(row[0])


def listed(
    conn: Connection, market_id: MarketId | None = None, *, only_public: bool = False, limit: int = 200
) -> list[Round]:
    """Return rounds, the newest first; `only_public`: those whose hash was published."""
    return _rounds(conn, None, market_id, only_public=only_public, limit=limit)


def one(conn: Connection, round_id: int) -> Round | None:
    """Return a round, or None."""
    return next(iter(_rounds(conn, round_id)), None)


def one_locked(conn: Connection, round_id: int) -> Round | None:
    """Return a round that nobody else changes until the transaction ends, or None."""
    conn.execute(_SQL["lock"], {"round_id": round_id})
    return one(conn, round_id)


def last_before(conn: Connection, market_id: MarketId, round_id: int) -> tuple[int, int] | None:
    """Return the round of a market that was in force before this one, and its version; None where there was none."""
    row = conn.execute(_SQL["last_before"], {"market_id": market_id, "round_id": round_id}).fetchone()
    return None if row is None else (int(row[0]), int(row[1]))


def proposals(conn: Connection, round_id: int) -> list[Proposal]:
    """Return the versions of a round, the first one first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SQL["proposals"], {"round_id": round_id}).fetchall()
        return [msgspec.convert(row, Proposal) for row in found]


def places(conn: Connection, round_id: int, version: int) -> list[RoundPlace]:
    """Return who has which stall in a version, by number."""
    with conn.cursor(row_factory=class_row(RoundPlace)) as cursor:
        return cursor.execute(_SQL["places"], {"round_id": round_id, "version": version}).fetchall()


def claims(conn: Connection, round_id: int) -> list[RoundPlace]:
    """Return who takes part in a round, by number, with no stall yet."""
    with conn.cursor(row_factory=class_row(RoundPlace)) as cursor:
        return cursor.execute(_SQL["claims"], {"round_id": round_id}).fetchall()


def stall_prices(conn: Connection, round_id: int, version: int) -> dict[str, int]:
    """Return the prices of stalls in the proof of a version."""
    rows = conn.execute(_SQL["stall_prices"], {"round_id": round_id, "version": version})
    return {stall: int(price) for stall, price in rows}


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> list[tuple[int, int]]:
    """Return round and number of a vendor's claims in the newest round of its market that is proposed or later."""
    rows = conn.execute(_SQL["of_vendor"], {"market_id": market_id, "vendor_id": vendor_id})
    return [(int(round_id), int(number)) for round_id, number in rows]


def _rounds(
    conn: Connection,
    round_id: int | None,
    market_id: MarketId | None = None,
    *,
    only_public: bool = False,
    limit: int = 1,
) -> list[Round]:
    values = {"round_id": round_id, "market_id": market_id, "only_public": only_public, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, Round) for row in cursor.execute(_SQL["listed"], values).fetchall()]
