"""Credit repair (信用修复): asked for with what shows its conditions, decided by a regulator with a reason."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import publicity
from domain.errors import FieldRefused, IllegalTransition, NotAllowed, NotFound
from domain.ids import MarketId
from domain.publicity import PublicityEntry, TakenOffWhy
from supervision.alerts.handling import Actor
from supervision.alerts.needs import LONGEST_NOTE
from supervision.alerts.states import Authority

#: What shows that the conditions are met: corrected, duties done, promised.
CONDITIONS: Final = ("corrected", "duties", "promise")


def ask_for_repair(conn: Connection, entry_id: int, said: dict[str, str], *, by: Actor, now: datetime) -> int:
    """Record a request within the caller's transaction; return its repair_id. `said`: a text for each condition.

    Raise NotFound, IllegalTransition (off already, or asked already), FieldRefused.
    """
    entry = _held(conn, entry_id, by.market_id)
    for name in CONDITIONS:
        _require_text(name, said.get(name, ""))
    repair_id = publicity.ask_for_repair(
        conn,
        entry_id,
        corrected=said["corrected"].strip(),
        duties=said["duties"].strip(),
        promise=said["promise"].strip(),
        by=by.username,
        origin=by.origin,
        at=now,
    )
    if repair_id is None:
        raise IllegalTransition(f"a request for repair of entry {entry.entry_id} awaits its decision already")
    return repair_id


def decide_repair(
    conn: Connection, entry_id: int, repair_id: int, *, is_granted: bool, reason: str, by: Actor, now: datetime
) -> None:
    """Grant a request, which takes the entry off at once, or refuse it, within the caller's transaction.

    Raise NotFound, NotAllowed, IllegalTransition (decided or off already), FieldRefused (too early, no reason).
    """
    if by.authority is not Authority.REGULATOR:
        raise NotAllowed("only a regulator may decide on a request for repair")
    entry = _held(conn, entry_id, by.market_id)
    if repair_id not in {one.repair_id for one in publicity.repairs_of(conn, [entry_id]).get(entry_id, ())}:
        raise NotFound(f"entry {entry_id} has no request {repair_id}")
    _require_text("reason", reason)
    if is_granted:
        require_repairable(entry, now.astimezone(ZoneInfo(entry.timezone)).date())
    decided = publicity.decide_repair(
        conn, repair_id, is_granted=is_granted, reason=reason.strip(), by=by.username, origin=by.origin, at=now
    )
    if decided is None:
        raise IllegalTransition(f"request {repair_id} was decided already")
    if is_granted:
        publicity.take_off(conn, entry_id, TakenOffWhy.REPAIRED, now)


def require_repairable(entry: PublicityEntry, today: date) -> None:
    """Raise FieldRefused where an entry was not public for as long as it has to be."""
    if today < entry.repairable_from:
        expected = f"a day from {entry.repairable_from} on"
        raise FieldRefused("repairable_from", today.isoformat(), expected, problem="too_early")


def _held(conn: Connection, entry_id: int, market_id: MarketId | None) -> PublicityEntry:
    entry = publicity.locked(conn, entry_id)
    if entry is None or market_id not in (None, entry.market_id):
        raise NotFound(f"there is no entry {entry_id} that you may see")
    if entry.taken_off_at is not None:
        raise IllegalTransition(f"entry {entry_id} is off the list already: {entry.taken_off_why}")
    return entry


def _require_text(name: str, text: str) -> None:
    if not text.strip():
        raise FieldRefused(name, "", "words that show it", problem="missing")
    if len(text) > LONGEST_NOTE:
        raise FieldRefused(name, f"{len(text)} characters", f"{LONGEST_NOTE} at most", problem="too_long")
