"""The trail of the register: append and read; there is nothing else to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from db.queries import load
from domain.ids import MarketId
from domain.register.records import RegisterAction, RegisterEvent, Source, SubjectKind

_SQL = load("register_events")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Who changes the register, when, why, and how it came in."""

    by: str
    at: datetime
    because: str
    source: Source


def append(
    conn: Connection,
    change: Change,
    market_id: MarketId,
    subject: SubjectKind,
    subject_id: str,
    action: RegisterAction,
    changes: Mapping[str, tuple[str, str]],
    *,
    effective_at: datetime | None = None,
) -> None:
    """Append a step. `changes`: by field what was and what is."""
    values = {
        "market_id": market_id,
        "subject": subject,
        "subject_id": subject_id,
        "action": action,
        "changes": Jsonb({name: list(both) for name, both in changes.items()}),
        "effective_at": effective_at,
        "because": change.because,
        "source": change.source,
        "by": change.by,
        "at": change.at,
    }
    conn.execute(_SQL["append"], values)


def of_subject(
    conn: Connection, market_id: MarketId, subject: SubjectKind, subject_id: str, *, limit: int = 100
) -> list[RegisterEvent]:
    """Return the steps about a subject, the newest first."""
    parameters = {"market_id": market_id, "subject": subject, "subject_id": subject_id, "limit": limit}
    return [
        RegisterEvent(
            event_id=event_id,
            market_id=market,
            subject=SubjectKind(kind),
            subject_id=about,
            action=RegisterAction(action),
            changes={name: (both[0], both[1]) for name, both in changes.items()},
            effective_at=effective_at,
            because=because,
            source=Source(source),
            by=by,
            at=at,
        )
        for event_id, market, kind, about, action, changes, effective_at, because, source, by, at in conn.execute(
            _SQL["of_subject"], parameters
        )
    ]
