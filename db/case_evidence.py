"""Everything that is kept about a case's alerts, as it goes into its evidence bundle."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load

_SQL = load("case_evidence")
#: So many weighings of a case go into a bundle at most; a bundle says how many there are.
MOST_WEIGHINGS: Final = 5000
#: An agent signs every 100 weighings: a head that is further away proves nothing here. So many lines at most in all.
LONGEST_BRIDGE: Final = 500
MOST_BRIDGING: Final = 50_000
MOST_CHECKPOINTS: Final = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceLine:
    """A line of a journal with the exact bytes its device froze; `is_counted`: an alert of the case counts it, still.

    `judged`: what was stored and decided about it.
    """

    scale_id: str
    journal_id: str
    seq: int
    is_counted: bool
    body: bytes
    judged: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceCheckpoint:
    """A signed head of a journal, with the exact bytes its device sent."""

    scale_id: str
    journal_id: str
    seq: int
    received_at: datetime
    body: bytes


def lines(conn: Connection, case_id: int) -> list[EvidenceLine]:
    """Return the weighings of a case and their neighbours, by scale, journal and number."""
    with conn.cursor(row_factory=class_row(EvidenceLine)) as cursor:
        return cursor.execute(_SQL["lines"], {"case_id": case_id, "limit": MOST_WEIGHINGS}).fetchall()


def bridges(conn: Connection, case_id: int) -> list[EvidenceLine]:
    """Return the lines from the weighings of a case on to the next head that was signed: nothing of them is counted."""
    asked = {"case_id": case_id, "limit": MOST_WEIGHINGS, "longest": LONGEST_BRIDGE, "most": MOST_BRIDGING}
    with conn.cursor(row_factory=class_row(EvidenceLine)) as cursor:
        return cursor.execute(_SQL["bridges"], asked).fetchall()


def checkpoints(conn: Connection, case_id: int) -> list[EvidenceCheckpoint]:
    """Return the heads that were signed over the weighings of a case, up to the next one after each."""
    asked = {"case_id": case_id, "limit": MOST_WEIGHINGS, "most": MOST_CHECKPOINTS}
    with conn.cursor(row_factory=class_row(EvidenceCheckpoint)) as cursor:
        return cursor.execute(_SQL["checkpoints"], asked).fetchall()


def counted(conn: Connection, case_id: int) -> int:
    """Return how many weighings the alerts of a case count."""
    row = conn.execute(_SQL["counted"], {"case_id": case_id}).fetchone()
    return int(row[0]) if row else 0


def of_alerts(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return the alerts and those merged into them: steps, weighings, device events, and whose the scales were."""
    return _rows(conn, "alerts", {"case_id": case_id})


def gaps(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return what is missing of the journals of a case's weighings, and what its alerts say is missing."""
    return _found(conn, "gaps", case_id)


def breaks(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return where those journals do not hang together."""
    return _found(conn, "breaks", case_id)


def decisions(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return what was decided, with who recorded it when."""
    return _found(conn, "decisions", case_id)


def cap_lists(conn: Connection, lists: Collection[int], species: Collection[str]) -> list[dict[str, Any]]:
    """Return lists with what they say of these species, and the name and SHA-256 of the file each came in."""
    return _rows(conn, "cap_lists", {"lists": sorted(lists), "species": sorted(species)})


def photos(conn: Connection, case_id: int) -> list[tuple[int, int, bytes]]:
    """Return alert_id, photo_id and the JPEG of each photo."""
    return [(row[0], row[1], bytes(row[2])) for row in conn.execute(_SQL["photos"], {"case_id": case_id})]


def complaints(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return the complaints behind a case, without contacts."""
    return _rows(conn, "complaints", {"case_id": case_id})


def findings(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return what visits found wrong that a case rests on, each with the number of its answer."""
    return _found(conn, "findings", case_id)


def visits(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Return the visits a case rests on: tasks, steps, what was asked, every answer, and what the vendor said."""
    return _rows(conn, "visits", {"case_id": case_id})


def _found(conn: Connection, name: str, case_id: int) -> list[dict[str, Any]]:
    return [row["found"] for row in _rows(conn, name, {"case_id": case_id})]


def _rows(conn: Connection, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL[name], parameters).fetchall()
