"""Device events of a batch: stored once for each number of a journal, told of where the policy says so.

Within the transaction of the batch. The same number with the same bytes is a redelivery and leaves no trace; with other
bytes it is held. An event with a time that cannot be right is an event all the same (that a clock was changed is one):
the moment of its arrival counts then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import device_events, maintenance, scale_caps
from db.alerts import NewAlert
from db.device_events import NewDeviceEvent
from db.quarantine import HeldMessage
from db.registry import Binding
from db.scale_caps import AppliedCaps
from domain.alert import AlertKind, subject_of_scale
from domain.device_event import DeviceEvent, EventKey, EventKind
from domain.errors import BadMessage
from domain.ids import MarketId, SpeciesCode
from domain.quarantine import CONFLICT
from domain.units import Fen
from messages.events import decode_event
from messages.topics import ScaleTopic
from pricing.clocks import judged_at
from pricing.device_findings import Finding, finding_of, may_be_told
from pricing.policy import RulesPolicy

_NO_SPECIES: Final = SpeciesCode("")


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivedEvent:
    """An event that could be read, and the message it is."""

    topic: str
    key: EventKey
    event: DeviceEvent
    body: bytes
    received_at: datetime

    def held(self, error: BadMessage) -> HeldMessage:
        """Return it as something to hold. It is no line of its journal's weighings, so no such number is named."""
        return HeldMessage(
            topic=self.topic,
            payload=self.body,
            reason=error.reason,
            explanation=str(error),
            received_at=self.received_at,
            market_id=self.key.market_id,
            scale_id=self.key.scale_id,
        )


class TakenEvents(NamedTuple):
    """What became of a batch's events. `conflicts` are to be held; `new` were stored just now."""

    new: Sequence[NewDeviceEvent]
    redelivered: int
    conflicts: Sequence[HeldMessage]


def read_event(topic: ScaleTopic, on: str, payload: bytes, received_at: datetime) -> ArrivedEvent:
    """Read a message of an events topic (`on` is its text). Raise BadMessage where it cannot be used."""
    numbered = decode_event(payload)
    return ArrivedEvent(
        topic=on,
        key=EventKey(topic.market_id, topic.scale_id, numbered.journal_id, numbered.event_no),
        event=numbered.event,
        body=payload,
        received_at=received_at,
    )


def moment_of(event: DeviceEvent, received_at: datetime, policy: RulesPolicy) -> datetime:
    """Return the moment that counts for an event: its own where its clock may be believed, else its arrival. Pure."""
    if event.at < received_at - policy.acceptance.oldest:
        return received_at
    return judged_at(
        weighed_at=event.at,
        received_at=received_at,
        clock_synced=event.clock_synced,
        drift=None,
        policy=policy.clock,
    ).at


def store_events(
    conn: Connection, arrived: Sequence[ArrivedEvent], bindings: Sequence[Binding], policy: RulesPolicy
) -> TakenEvents:
    """Store those that are new, and note which caps their scales hold. `bindings`: whose each scale was then."""
    if not arrived:
        return TakenEvents((), 0, ())
    rows = [_row(one, binding, policy) for one, binding in zip(arrived, bindings, strict=True)]
    firsts: dict[EventKey, NewDeviceEvent] = {}
    for row in rows:
        firsts.setdefault(row.key, row)
    stored = device_events.store(conn, list(firsts.values()))
    new = [row for key, row in firsts.items() if key in stored]
    repeated = [n for n, row in enumerate(rows) if row.key not in stored or firsts[row.key] is not row]
    digests = device_events.stored_digests(conn, [rows[n].key for n in repeated])
    conflicts = [n for n in repeated if digests[rows[n].key] != rows[n].digest]
    scale_caps.note_applied(conn, [said for row in new if (said := _caps_of(row)) is not None])
    return TakenEvents(
        new, len(repeated) - len(conflicts), [arrived[n].held(_conflict(arrived[n].key)) for n in conflicts]
    )


def leads_of(
    conn: Connection, new: Sequence[NewDeviceEvent], zones: Mapping[MarketId, str], policy: RulesPolicy
) -> list[NewAlert]:
    """Return the alerts that new events open or add to, in the order in which every worker takes their locks."""
    told = [row for row in new if may_be_told(row.kind, policy)]
    excused = maintenance.excused(conn, [(row.key.market_id, row.key.scale_id, row.happened_at) for row in told])
    found: dict[tuple[str, ...], list[tuple[NewDeviceEvent, Finding]]] = {}
    for row, is_excused in zip(told, excused, strict=True):
        event = DeviceEvent(kind=row.kind, at=row.at, clock_synced=row.clock_synced, detail=row.detail)
        finding = finding_of(event, under_maintenance=is_excused, policy=policy)
        if finding is not None:
            day = _business_day(row, zones).isoformat()
            subject = row.vendor_id or subject_of_scale(row.key.scale_id)
            found.setdefault((row.key.market_id, subject, finding.kind, day), []).append((row, finding))
    return [_lead(found[identity], zones) for identity in sorted(found)]


def _lead(found: Sequence[tuple[NewDeviceEvent, Finding]], zones: Mapping[MarketId, str]) -> NewAlert:
    ordered = sorted((row for row, _ in found), key=lambda row: (row.happened_at, row.key))
    first, kind = ordered[0], AlertKind(found[0][1].kind)
    return NewAlert(
        market_id=first.key.market_id,
        kind=kind,
        vendor_id=first.vendor_id,
        stall_id=first.stall_id,
        scale_id=first.key.scale_id,
        species_code=_NO_SPECIES,
        business_day=_business_day(first, zones),
        first_at=first.happened_at,
        last_at=ordered[-1].happened_at,
        worst_excess_fen=0,
        worst_excess_permille=0,
        worst_cap_fen=None,
        worst_cap_unit=None,
        overcharge_fen=Fen(0),
        note="",
        occurrences=(),
        device_events=tuple(row.key for row in ordered),
    )


def _business_day(row: NewDeviceEvent, zones: Mapping[MarketId, str]) -> date:
    return row.happened_at.astimezone(ZoneInfo(zones[row.key.market_id])).date()


def _row(arrived: ArrivedEvent, binding: Binding, policy: RulesPolicy) -> NewDeviceEvent:
    return NewDeviceEvent(
        key=arrived.key,
        kind=arrived.event.kind,
        at=arrived.event.at,
        clock_synced=arrived.event.clock_synced,
        happened_at=moment_of(arrived.event, arrived.received_at, policy),
        received_at=arrived.received_at,
        stall_id=binding.stall_id,
        vendor_id=binding.vendor_id,
        detail=dict(arrived.event.detail),
        digest=sha256(arrived.body).digest(),
        body=arrived.body,
    )


def _caps_of(row: NewDeviceEvent) -> AppliedCaps | None:
    version = row.detail.get("version")
    if row.kind is not EventKind.CAPS_APPLIED or not isinstance(version, str):
        return None
    return AppliedCaps(key=row.key, version=version, applied_at=row.happened_at)


def _conflict(key: EventKey) -> BadMessage:
    expected = f"the content that journal {key.journal_id} sent as this event before; a number is never used twice"
    return BadMessage(CONFLICT, "event_no", str(key.event_no), expected)
