"""A vendor's promise (信用+承诺): what a first minor breach may end in, instead of a deduction."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alert import AlertKind
from domain.ids import MarketId, VendorId


class PromiseState(StrEnum):
    """Where a promise is in its life (credit/promises/states.py)."""

    OFFERED = "offered"
    MADE = "made"
    KEPT = "kept"
    BROKEN = "broken"
    DECLINED = "declined"
    #: The offer ran out.
    LAPSED = "lapsed"
    #: The breach that it answered was overturned: there is nothing left to promise for.
    VOID = "void"


class PromiseAction(StrEnum):
    """What is done with a promise. A person makes or declines it; the rest follows from alerts and from time."""

    OFFER = "offer"
    MAKE = "make"
    DECLINE = "decline"
    LAPSE = "lapse"
    KEEP = "keep"
    BREAK = "break"
    RESTORE = "restore"
    ANNUL = "annul"


class MadeHow(StrEnum):
    """How a vendor gave its word."""

    PAPER = "paper"
    PAGE = "page"
    ORAL = "oral"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPromise:
    """An offer as it is written down, for good: later policies and rules do not change it.

    `waived_points` (negative), `waived_rule` and `rules_version` are what confirming the alert would have taken then.
    """

    market_id: MarketId
    vendor_id: VendorId
    alert_id: int
    family: str
    scope: tuple[AlertKind, ...]
    text_zh: str
    text_en: str
    term_days: int
    factor: int
    charges_waived: bool
    policy_version: str
    offered_at: datetime
    offer_until: datetime
    occurred_at: datetime
    waived_kind: AlertKind
    waived_points: int
    waived_rule: str
    rules_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise(NewPromise):
    """A promise as it stands. `breakers`: the alerts that break it; `until`: when its term ends."""

    promise_id: int
    state: PromiseState = PromiseState.OFFERED
    made_at: datetime | None = None
    until: datetime | None = None
    breakers: frozenset[int] = frozenset()
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseStep:
    """One line of a promise's trail: who, when, what, why and from where. `alert_id`: the alert it follows from."""

    promise_id: int
    at: datetime
    actor: str
    action: PromiseAction
    from_state: PromiseState
    to_state: PromiseState
    note: str = ""
    origin: str = ""
    alert_id: int | None = None
    made_how: MadeHow | None = None
    photo_id: int | None = None
