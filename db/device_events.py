"""What happened to scales beside weighing, kept once for each number of a journal."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.device_event import EventKey, EventKind
from domain.ids import JournalId, MarketId, ScaleId, StallId, VendorId

_SQL = load("device_events")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDeviceEvent:
    """An event as it came. `happened_at`: the moment that counts; `body`: the exact bytes, `digest` their SHA-256."""

    key: EventKey
    kind: EventKind
    at: datetime
    clock_synced: bool
    happened_at: datetime
    received_at: datetime
    stall_id: StallId | None
    vendor_id: VendorId | None
    detail: dict[str, str | int]
    digest: bytes
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDeviceEvent:
    """An event as pages show it. `kind` is text: what an older version stored may have a name that is gone."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId
    event_no: int
    kind: str
    at: datetime
    clock_synced: bool
    happened_at: datetime
    received_at: datetime
    stall_id: StallId | None
    vendor_id: VendorId | None
    detail: dict[str, str | int]


def store(conn: Connection, events: Sequence[NewDeviceEvent]) -> set[EventKey]:
    """Store events, no two of the same key; return the keys of those that are new."""
    if not events:
        return set()
    # In the order of their keys: two workers never wait for each other in a circle.
    ordered = sorted(events, key=lambda one: one.key)
    rows = conn.execute(
        _SQL["store"],
        {
            **_named(one.key for one in ordered),
            "kinds": [one.kind.value for one in ordered],
            "ats": [one.at for one in ordered],
            "clocks_synced": [one.clock_synced for one in ordered],
            "happened_ats": [one.happened_at for one in ordered],
            "received_ats": [one.received_at for one in ordered],
            "stall_ids": [one.stall_id for one in ordered],
            "vendor_ids": [one.vendor_id for one in ordered],
            "details": [json.dumps(one.detail, ensure_ascii=False) for one in ordered],
            "digests": [one.digest for one in ordered],
            "bodies": [one.body for one in ordered],
        },
    )
    return {_key(*row) for row in rows}


def stored_digests(conn: Connection, keys: Iterable[EventKey]) -> dict[EventKey, bytes]:
    """Return the digests of those of the events that are stored."""
    asked = list(dict.fromkeys(keys))
    if not asked:
        return {}
    return {_key(*row[:4]): bytes(row[4]) for row in conn.execute(_SQL["stored_digests"], _named(asked))}


def of_alert(conn: Connection, alert_id: int, limit: int = 200) -> list[StoredDeviceEvent]:
    """Return the newest events that an alert tells of."""
    return _read(conn, "of_alert", {"alert_id": alert_id, "limit": limit})


def of_scale(conn: Connection, market_id: MarketId, scale_id: ScaleId, limit: int = 100) -> list[StoredDeviceEvent]:
    """Return the newest events of a scale."""
    return _read(conn, "of_scale", {"market_id": market_id, "scale_id": scale_id, "limit": limit})


def add_to_alerts(conn: Connection, told: Sequence[tuple[int, EventKey]]) -> None:
    """Note which alert (alert_id) tells of which event."""
    if told:
        conn.execute(
            _SQL["add_to_alerts"],
            {"alert_ids": [alert_id for alert_id, _ in told], **_named(key for _, key in told)},
        )


def _read(conn: Connection, name: str, parameters: dict[str, object]) -> list[StoredDeviceEvent]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [StoredDeviceEvent(**row) for row in cursor.execute(_SQL[name], parameters)]


def _named(keys: Iterable[EventKey]) -> dict[str, object]:
    market_ids, scale_ids, journal_ids, event_nos = zip(*keys, strict=True)
    return {
        "market_ids": list(market_ids),
        "scale_ids": list(scale_ids),
        "journal_ids": list(journal_ids),
        "event_nos": list(event_nos),
    }


def _key(market_id: str, scale_id: str, journal_id: str, event_no: int) -> EventKey:
    return EventKey(MarketId(market_id), ScaleId(scale_id), JournalId(journal_id), event_no)
