"""Rounds of stall rotation (摊位轮换) as they are kept."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, VendorId


class RoundState(StrEnum):
    """Where a round stands."""

    DRAFT = "draft"
    #: Who takes part, with which score and needs, is fixed and its hash published.
    FROZEN = "frozen"
    #: The seed is known, and so what it gives.
    PROPOSED = "proposed"
    #: By a second person.
    CONFIRMED = "confirmed"
    #: The register has it.
    IN_FORCE = "in_force"
    ABANDONED = "abandoned"


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """A round. Days are those of the market; `by_seed`: the sum where nothing is given by hand."""

    round_id: int
    market_id: MarketId
    market_name: str
    timezone: str
    title: str
    takes_effect_on: date
    created_by: str
    created_at: datetime
    state: RoundState
    frozen_sha256: str | None
    frozen_by: str | None
    frozen_at: datetime | None
    secret: str | None
    public_source: str | None
    public_from: datetime | None
    public_value: str | None
    seed: str | None
    proposed_by: str | None
    proposed_at: datetime | None
    by_seed: int | None
    confirmed_version: int | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    applied_by: str | None
    applied_at: datetime | None
    abandoned_by: str | None
    abandoned_at: datetime | None
    abandoned_because: str | None
    #: The newest proposal; None before there is one.
    version: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A version of what a round proposes. `pins`: stalls given by hand, None: kept back; `not_apart`: pairs."""

    version: int
    pins: tuple[tuple[str, int | None], ...]
    objective: int
    bound: int
    restricted: int
    not_apart: tuple[tuple[int, int], ...]
    because: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPlace:
    """Whose a number of a round is, and its stall in a version. `held`: the stall when the round was frozen."""

    number: int
    vendor_id: VendorId
    vendor_name: str
    score: int
    tier: str
    held: str | None
    stall_id: str | None
    price: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StallNeeds:
    """What a vendor needs of a stall, who said so and why."""

    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    goods_zone: str
    needs_tank: bool
    least_area_dm2: int | None
    ground_floor: bool
    hardship: bool
    because: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Apart:
    """Two vendors that may not be neighbours, who said so and why."""

    market_id: MarketId
    one: VendorId
    one_name: str
    other: VendorId
    other_name: str
    because: str
    entered_by: str
    entered_at: datetime
