"""Held messages as people look at them: listed by the page, counted, one with all that was done about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from db.time_spans import EVER
from domain.ids import MarketId, ScaleId
from domain.quarantine import CONFLICT, HeldEvent, HeldState, HeldStep, ReplayOutcome

_SQL = load("quarantine_pages")
_NO_ID: Final = 0
_LAST_ID: Final = 2**63 - 1
#: So many messages of a span of time are looked up by their time, to know between which numbers they lie.
_SHORT_SPAN: Final = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldSummary:
    """A held message without its payload. `ended_…`: since when and by whom it is not held any more."""

    quarantine_id: int
    topic: str
    market_id: str | None
    scale_id: str | None
    journal_id: str | None
    seq: int | None
    reason: str
    explanation: str
    received_at: datetime
    last_received_at: datetime
    times_received: int
    state: HeldState
    tries: int
    tried_at: datetime | None
    outcome: ReplayOutcome | None
    ended_at: datetime | None
    ended_by: str | None
    replay_requested_at: datetime | None
    replay_requested_by: str | None
    payload_bytes: int

    @property
    def may_be_replayed(self) -> bool:
        """Whether it may be read again: it is held, and not for a content that came second under its number."""
        return self.state is HeldState.HELD and self.reason != CONFLICT


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldDetail(HeldSummary):
    """A held message with every byte of its payload."""

    payload: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """Which messages are meant; None: whatever it is. `since`, `until`: received in `[since, until)`."""

    reason: str | None = None
    market_id: MarketId | None = None
    scale_id: ScaleId | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Return it as statements are told."""
        return {name: getattr(self, name) for name in Where.__slots__}


def reasons(conn: Connection, states: Collection[HeldState] = frozenset(HeldState)) -> list[str]:
    """Return the reasons of what is in some states, in the order of the alphabet."""
    return [reason for (reason,) in conn.execute(_SQL["reasons"], {"states": list(states)})]


def listed(
    conn: Connection,
    where: Where,
    states: Collection[HeldState],
    *,
    before: int | None = None,
    limit: int = 100,
) -> list[HeldSummary]:
    """Return messages in some states, the newest first; `before`: only those with a smaller quarantine_id."""
    wanted = reasons(conn, states) if where.reason is None else [where.reason]
    after, end = _numbers(conn, where)
    parameters = {
        **_places(where, states, wanted),
        "after": after,
        "before": end if before is None else min(before, end),
        "limit": limit,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[f"list_{_how(where)}"], parameters)
        return [HeldSummary(**_typed(row)) for row in rows]


def counts_up_to(conn: Connection, where: Where, most: int) -> Mapping[tuple[HeldState, str], int]:
    """Return how many messages of a span there are by state and reason, up to `most` each; the reason is not asked.

    Without a span `quarantine_counts` knows, and to the last one.
    """
    after, before = _numbers(conn, where)
    places = _places(where, list(HeldState), reasons(conn))
    parameters = {**places, "after": after, "before": before, "most": most}
    rows = conn.execute(_SQL[f"count_{_how(where)}"], parameters)
    return {(HeldState(state), reason): n for state, reason, n in rows}


def one(conn: Connection, quarantine_id: int) -> HeldDetail | None:
    """Return one message with its payload, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["one"], {"quarantine_id": quarantine_id}).fetchone()
    return None if row is None else HeldDetail(**_typed(row))


def several(conn: Connection, quarantine_ids: Sequence[int]) -> list[HeldDetail]:
    """Return those messages with their payloads that there are, in the order of their numbers."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["several"], {"quarantine_ids": list(quarantine_ids)})
        return [HeldDetail(**_typed(row)) for row in rows]


def events_of(conn: Connection, quarantine_id: int) -> list[HeldEvent]:
    """Return what was done about a message, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["events_of"], {"quarantine_id": quarantine_id})
        return [HeldEvent(**{**row, "step": HeldStep(row["step"]), "outcome": _outcome(row)}) for row in rows]


def _numbers(conn: Connection, where: Where) -> tuple[int, int]:
    """Return between which numbers a span of time lies, both left out: a short one is then found however long ago.

    Numbers and times of arrival rise together, but not strictly: these are bounds and say nothing of what is between.
    """
    if where.since is None and where.until is None:
        return _NO_ID, _LAST_ID
    span = {"since": where.since or EVER[0], "until": where.until or EVER[1], "most": _SHORT_SPAN + 1}
    first, last, messages = conn.execute(_SQL["numbers_of_span"], span).fetchone() or (None, None, 0)
    if messages > _SHORT_SPAN:
        return _NO_ID, _LAST_ID
    return (_NO_ID, _NO_ID) if first is None else (first - 1, last + 1)


def _places(where: Where, states: Collection[HeldState], wanted: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "states": list(states),
        "reasons": list(wanted),
        "since": where.since,
        "until": where.until,
    }
    if where.scale_id is not None:
        values |= {"scale_id": where.scale_id, "market_id": where.market_id}
    elif where.market_id is not None:
        values["market_id"] = where.market_id
    return values


def _how(where: Where) -> str:
    if where.scale_id is not None:
        return "of_scale"
    return "everywhere" if where.market_id is None else "of_market"


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "state": HeldState(row["state"]), "outcome": _outcome(row)}


def _outcome(row: dict[str, Any]) -> ReplayOutcome | None:
    return None if row["outcome"] is None else ReplayOutcome(row["outcome"])
