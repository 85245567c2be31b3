"""The lines of journals as they were sent, stored or held, and whose their scales were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from db.journals import JournalKey
from db.queries import load
from db.time_spans import EVER
from domain.ids import StallId, VendorId
from domain.seq_ranges import SeqRange

_SQL = load("journal_lines")
#: Nearly every line asked for was made lately; the others are looked for in all the time there is.
_LATELY = timedelta(days=2)


class StoredLine(NamedTuple):
    """A line that is stored as a weighing."""

    digest: bytes
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """When a line was made, and whose its scale was then; None where nobody's."""

    at: datetime
    business_day: date
    stall_id: StallId | None
    vendor_id: VendorId | None


def stored(
    conn: Connection, asked: Sequence[tuple[JournalKey, SeqRange]], now: datetime
) -> dict[tuple[JournalKey, int], StoredLine]:
    """Return those of the asked lines that are stored as weighings, by journal and seq."""
    found = _stored(conn, asked, now - _LATELY, now + _LATELY)
    # Where none is found they stay the runs they are: each is one look, and one by one they would be many.
    absent = not_found(asked, found) if found else asked
    return found | _stored(conn, absent, *EVER) if absent else found


def not_found(
    asked: Sequence[tuple[JournalKey, SeqRange]], found: dict[tuple[JournalKey, int], StoredLine]
) -> list[tuple[JournalKey, SeqRange]]:
    """Return the asked lines that were not found, one by one."""
    return [
        (key, SeqRange(seq, seq))
        for key, run in asked
        for seq in range(run.first, run.last + 1)
        if (key, seq) not in found
    ]


def held(conn: Connection, asked: Sequence[tuple[JournalKey, SeqRange]]) -> dict[tuple[JournalKey, int], bytes]:
    """Return the bytes of those of the asked lines that are in quarantine, by journal and seq."""
    if not asked:
        return {}
    return {(asked[n - 1][0], seq): payload for n, seq, payload in conn.execute(_SQL["held_lines"], _columns(asked))}


def witnesses(conn: Connection, asked: Sequence[tuple[JournalKey, int, datetime]]) -> list[Witness]:
    """Return, for each (journal, seq, moment), when that line was made and whose the scale was.

    A line that is not stored as a weighing has no time to be believed: `moment` counts instead.
    """
    if not asked:
        return []
    lately = max(moment for _, _, moment in asked)
    found = _witnesses(conn, asked, lately - _LATELY, lately + _LATELY)
    if absent := [place for place, (is_stored, _) in enumerate(found) if not is_stored]:
        elsewhere = _witnesses(conn, [asked[place] for place in absent], *EVER)
        for place, one in zip(absent, elsewhere, strict=True):
            found[place] = one
    return [witness for _, witness in found]


def _witnesses(
    conn: Connection, asked: Sequence[tuple[JournalKey, int, datetime]], made_from: datetime, made_until: datetime
) -> list[tuple[bool, Witness]]:
    columns = _columns([(key, SeqRange(seq, seq)) for key, seq, _ in asked])
    span = {"made_from": made_from, "made_until": made_until}
    rows = conn.execute(_SQL["witnesses"], {**columns, **span, "moments": [moment for _, _, moment in asked]})
    return [
        (is_stored, Witness(at=at, business_day=day, stall_id=stall_id, vendor_id=vendor_id))
        for _, is_stored, at, day, stall_id, vendor_id in rows
    ]


def _stored(
    conn: Connection, asked: Sequence[tuple[JournalKey, SeqRange]], made_from: datetime, made_until: datetime
) -> dict[tuple[JournalKey, int], StoredLine]:
    if not asked:
        return {}
    parameters = {**_columns(asked), "made_from": made_from, "made_until": made_until}
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL["stored_lines"], parameters)
        return {(asked[n - 1][0], seq): StoredLine(digest, body) for n, seq, digest, body in rows}


def _columns(asked: Sequence[tuple[JournalKey, SeqRange]]) -> dict[str, Any]:
    return {
        "market_ids": [key.market_id for key, _ in asked],
        "scale_ids": [key.scale_id for key, _ in asked],
        "journal_ids": [key.journal_id for key, _ in asked],
        "first_seqs": [run.first for _, run in asked],
        "last_seqs": [run.last for _, run in asked],
    }
