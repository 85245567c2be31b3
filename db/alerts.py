"""Alerts: raised once an open lead, read with the words pages need, moved only under a lock.

Locks are taken in one order, or two who act at once may each wait for the other, and the database ends one of them:

1. journals, by their key (db/journals.py); a complaint;
2. alerts, all that a step concerns at once: by market, subject, kind, species and day, as Python orders text, then by
   number (`hold`, `hold_together`). Ingest knows no number of what it raises, so this is the order of its leads;
3. vendors, in the order of their alerts (db/credit.py);
4. a case; 5. an entry of the publicity list.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Rollback
from psycopg.rows import dict_row

from db import device_events
from db.queries import load
from domain.alert import Alert, AlertKind, AlertState, DismissReason, subject_of_scale
from domain.device_event import EventKey
from domain.errors import IllegalTransition
from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapUnit
from domain.weighing import WeighingKey

_SQL = load("alerts")
_IDENTITY = ("market_ids", "subjects", "kinds", "species_codes", "days")

#: What one open alert is counted by (design, decision 7).
Identity = tuple[str, str, str, str, date]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertOccurrence:
    """A weighing that counts in an alert. Without `key`'s weighing stored (a conflict) it is counted, not listed."""

    key: WeighingKey
    excess_fen: int
    overcharge_fen: int
    excess_permille: int = 0
    cap_fen: int | None = None
    cap_unit: CapUnit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAlert:
    """A lead to open, or to add to the one that is open."""

    market_id: MarketId
    kind: AlertKind
    vendor_id: VendorId | None
    stall_id: StallId | None
    scale_id: ScaleId
    species_code: SpeciesCode
    business_day: date
    first_at: datetime
    last_at: datetime
    worst_excess_fen: int
    worst_excess_permille: int
    worst_cap_fen: int | None
    worst_cap_unit: CapUnit | None
    overcharge_fen: int
    note: str
    occurrences: tuple[AlertOccurrence, ...]
    #: Where it is about what happened to the scale beside weighing: each counts as an occurrence.
    device_events: tuple[EventKey, ...] = ()

    @property
    def identity(self) -> Identity:
        """What one open alert is counted by (design, decision 7): `alerts_one_open` in the database."""
        subject = self.vendor_id or subject_of_scale(self.scale_id)
        return self.market_id, subject, self.kind, self.species_code, self.business_day


def raise_alert(conn: Connection, new: NewAlert, now: datetime) -> int:
    """Open or add to one lead; return its alert_id."""
    return raise_alerts(conn, [new], now)[0]


def raise_alerts(conn: Connection, new: Sequence[NewAlert], now: datetime) -> list[int]:
    """Open or add to leads, no two of which are the same, in the order given; return their alert_ids in it."""
    if not new:
        return []
    values: dict[str, object] = {name: [getattr(one, name) for one in new] for name in NewAlert.__slots__}
    counts = [len(one.occurrences) + len(one.device_events) for one in new]
    rows = conn.execute(_SQL["raise_alerts"], {**values, "occurrences": counts, "now": now})
    raised = {tuple(subject): alert_id for *subject, alert_id in rows}
    alert_ids = [raised[one.identity] for one in new]
    _add_weighings(
        conn, [(alert_id, one) for alert_id, lead in zip(alert_ids, new, strict=True) for one in lead.occurrences]
    )
    device_events.add_to_alerts(
        conn, [(alert_id, key) for alert_id, lead in zip(alert_ids, new, strict=True) for key in lead.device_events]
    )
    return alert_ids


def _add_weighings(conn: Connection, added: Sequence[tuple[int, AlertOccurrence]]) -> None:
    parameters: dict[str, object] = {name: [getattr(one.key, name) for _, one in added] for name in WeighingKey._fields}
    parameters["alert_id"] = [alert_id for alert_id, _ in added]
    parameters["excess_fen"] = [one.excess_fen for _, one in added]
    parameters["overcharge_fen"] = [one.overcharge_fen for _, one in added]
    parameters["excess_permille"] = [one.excess_permille for _, one in added]
    parameters["cap_fen"] = [one.cap_fen for _, one in added]
    parameters["cap_unit"] = [one.cap_unit for _, one in added]
    conn.execute(_SQL["add_alert_weighings"], parameters)


def visible(
    conn: Connection,
    market_id: MarketId | None,
    states: Collection[AlertState],
    *,
    vendor_id: VendorId | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Alert]:
    """Return alerts of a market (None: of all) in the given states, the worst prices of each state first."""
    parameters = {
        "market_id": market_id,
        "states": list(states),
        "vendor_id": vendor_id,
        "limit": limit,
        "offset": offset,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["visible"], parameters)]


def count_up_to(
    conn: Connection,
    market_id: MarketId | None,
    states: Collection[AlertState],
    vendor_id: VendorId | None = None,
    *,
    most: int,
) -> int:
    """Return how many alerts `visible` would return without its limit, counted no further than `most`."""
    parameters = {"market_id": market_id, "states": list(states), "vendor_id": vendor_id, "most": most}
    row = conn.execute(_SQL["count_up_to" if vendor_id is None else "count_of_vendor"], parameters).fetchone()
    return int(row[0]) if row else 0


def by_id(conn: Connection, alert_id: int) -> Alert | None:
    """Return one alert, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["by_id"], {"alert_id": alert_id}).fetchone()
    return None if row is None else alert_of(row)


def hold(conn: Connection, alert_ids: Collection[int]) -> list[int]:
    """Hold alerts for the length of the transaction; return those that are there, in the order everybody takes them."""
    return [int(row[0]) for row in conn.execute(_SQL["hold"], {"alert_ids": list(alert_ids)})]


def hold_together(conn: Connection, alert_ids: Collection[int]) -> list[int]:
    """Hold alerts and all that are merged into one of them; return the asked ones in the order everybody takes them.

    Nothing more is merged into an alert that is held: whoever merges holds it, too. Raise IllegalTransition where one
    was merged into them while this waited: to hold it now would be out of the order.
    """
    asked = set(alert_ids)
    held = [int(row[0]) for row in conn.execute(_SQL["hold_together"], {"alert_ids": list(asked)})]
    if not _with_merged(conn, asked) <= set(held):
        raise IllegalTransition("another alert was merged into this one at this very moment: look again")
    return [one for one in held if one in asked]


def hold_by_itself(conn: Connection, alert_ids: Collection[int]) -> None:
    """Hold what `hold_together` does, for what nobody is there to look at again: it begins anew as often as needed."""
    _hold_found(conn, lambda: _with_merged(conn, alert_ids))


def hold_with_twins(conn: Connection, alert_id: int) -> None:
    """Hold an alert, all that are merged into it, and the ones that new occurrences join in the place of these."""
    _hold_found(conn, lambda: {int(row[0]) for row in conn.execute(_SQL["with_twins"], {"alert_id": alert_id})})


def _hold_found(conn: Connection, find: Callable[[], set[int]]) -> None:
    """Hold what `find` returns, within the caller's transaction, in the order everybody takes it.

    Where it finds more once that is held, everything is let go and held anew: one more would come out of the order.
    """
    wanted = find()
    while True:
        with conn.transaction() as savepoint:
            held = hold(conn, wanted)
            wanted = find()
            if wanted <= set(held):
                return
            raise Rollback(savepoint)


def _with_merged(conn: Connection, alert_ids: Collection[int]) -> set[int]:
    return {int(row[0]) for row in conn.execute(_SQL["with_merged"], {"alert_ids": list(alert_ids)})}


def by_id_locked(conn: Connection, alert_id: int) -> Alert | None:
    """Return one alert, held for the length of the transaction."""
    hold(conn, [alert_id])
    return by_id(conn, alert_id)


def counting(conn: Connection, identities: Sequence[Identity]) -> list[int]:
    """Return the alerts that new occurrences of these identities join."""
    columns = zip(*identities, strict=True) if identities else [[]] * len(_IDENTITY)
    values = {name: list(column) for name, column in zip(_IDENTITY, columns, strict=True)}
    return [int(row[0]) for row in conn.execute(_SQL["counting"], values)]


def store(conn: Connection, alert: Alert) -> None:
    """Store what steps change of an alert; what may follow what is decided in supervision."""
    conn.execute(_SQL["store"], {name: getattr(alert, name) for name in Alert.__slots__})


def handled_with(conn: Connection, alert_id: int) -> list[Alert]:
    """Return those that are merged into an alert; held where `hold_together` holds it."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["handled_with"], {"alert_id": alert_id})]


def mergeable(conn: Connection, alert_id: int) -> list[Alert]:
    """Return the newest undecided alerts, at most 50, about the same vendor or scale as this one."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["mergeable"], {"alert_id": alert_id})]


def stop_counting(conn: Connection, alert_id: int) -> None:
    """Let new occurrences join none of those that are merged into an alert any more."""
    conn.execute(_SQL["stop_counting"], {"alert_id": alert_id})


def counting_twin(conn: Connection, alert_id: int) -> int | None:
    """Return the other alert of the same vendor, kind, species and day that new occurrences join; None without one."""
    row = conn.execute(_SQL["counting_twin"], {"alert_id": alert_id}).fetchone()
    return None if row is None else int(row[0])


def count_open(conn: Connection, market_id: MarketId) -> int:
    """Return how many alerts of a market await somebody."""
    row = conn.execute(_SQL["count_open"], {"market_id": market_id}).fetchone()
    return int(row[0]) if row else 0


def occurrences_after(conn: Connection, market_id: MarketId, occurrence_id: int) -> list[tuple[int, datetime]]:
    """Return (occurrence_id, weighed_at) of the over-cap occurrences of a market stored after one."""
    parameters = {"market_id": market_id, "occurrence_id": occurrence_id}
    return [(row[0], row[1]) for row in conn.execute(_SQL["occurrences_after"], parameters)]


def last_occurrence(conn: Connection) -> int:
    """Return the occurrence_id of the newest occurrence; 0 before the first."""
    row = conn.execute(_SQL["last_occurrence"]).fetchone()
    return int(row[0]) if row else 0


def alert_of(row: dict[str, Any]) -> Alert:
    """Return the alert of a row that has every column of one."""
    reason, unit = row["dismiss_reason"], row["worst_cap_unit"]
    return Alert(
        **{
            **row,
            "kind": AlertKind(row["kind"]),
            "state": AlertState(row["state"]),
            "dismiss_reason": None if reason is None else DismissReason(reason),
            "worst_cap_unit": None if unit is None else CapUnit(unit),
        }
    )
