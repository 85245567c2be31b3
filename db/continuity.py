"""How far each journal was looked at for gaps and breaks, what was found, and which alert tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from db import seq_multirange
from db.journals import JournalKey
from db.queries import load
from domain.continuity import ChainBreak, ChainFault, JournalGap
from domain.ids import JournalId, MarketId, ScaleId
from domain.seq_ranges import SeqRange, SeqRanges

_SQL = load("continuity")
#: Before every journal there is.
FIRST = JournalKey(MarketId(""), ScaleId(""), JournalId(""))


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedJournal:
    """A journal, and what of it was looked at before."""

    key: JournalKey
    received: SeqRanges
    seen: SeqRanges


@dataclass(frozen=True, kw_only=True, slots=True)
class UnfilledGap:
    """A gap that was noticed, and what of it was missing at the last look."""

    gap_id: int
    key: JournalKey
    gap: SeqRange
    missing: SeqRanges


@dataclass(frozen=True, kw_only=True, slots=True)
class DueGap:
    """A gap that nobody was told of; `seq` is the line after it, which shows that it is one."""

    finding_id: int
    key: JournalKey
    seq: int
    found_at: datetime
    missing: SeqRanges


@dataclass(frozen=True, kw_only=True, slots=True)
class DueBreak:
    """A line that does not follow, of which nobody was told."""

    finding_id: int
    key: JournalKey
    seq: int
    found_at: datetime
    fault: ChainFault


def try_to_watch(conn: Connection) -> bool:
    """Take the watcher's place if it is free, for as long as this connection lasts; say whether it is ours."""
    row = conn.execute(_SQL["try_to_watch"]).fetchone()
    return bool(row and row[0])


def changed(conn: Connection, after: JournalKey, *, since: datetime | None, limit: int) -> list[ChangedJournal]:
    """Return journals after one that have lines nobody looked at; `since`: that received anything since then."""
    rows = conn.execute(_SQL["changed"], {**after._asdict(), "since": since, "limit": limit})
    return [
        ChangedJournal(key=_key(row[:3]), received=seq_multirange.read(row[3]), seen=seq_multirange.read(row[4]))
        for row in rows
    ]


def set_seen(conn: Connection, seen: Mapping[JournalKey, SeqRanges]) -> None:
    """Remember what was looked at."""
    keys = list(seen)
    ranges = [seq_multirange.write(seen[key]) for key in keys]
    conn.execute(_SQL["set_seen"], {**_columns(keys), "ranges": ranges})


def unfilled(conn: Connection, keys: Sequence[JournalKey]) -> list[UnfilledGap]:
    """Return the gaps of these journals that have not filled."""
    return [
        UnfilledGap(
            gap_id=row[0], key=_key(row[1:4]), gap=SeqRange(row[4], row[5]), missing=seq_multirange.read(row[6])
        )
        for row in conn.execute(_SQL["unfilled_gaps"], _columns(keys))
    ]


def note_gaps(conn: Connection, gaps: Sequence[tuple[JournalKey, SeqRange]], now: datetime) -> None:
    """Note gaps that are new."""
    bounds = {"first_seqs": [gap.first for _, gap in gaps], "last_seqs": [gap.last for _, gap in gaps]}
    conn.execute(_SQL["note_gaps"], {**_columns([key for key, _ in gaps]), **bounds, "now": now})


def note_missing(conn: Connection, missing: Mapping[int, SeqRanges], now: datetime) -> None:
    """Note what of gaps (by gap_id) is still missing; one of which nothing is missing is filled."""
    ranges = [seq_multirange.write(one) for one in missing.values()]
    conn.execute(_SQL["note_missing"], {"gap_ids": list(missing), "ranges": ranges, "now": now})


def note_breaks(conn: Connection, breaks: Sequence[tuple[JournalKey, int, ChainFault]], now: datetime) -> None:
    """Note lines that do not follow; one that was noted before stays as it was."""
    found = {"seqs": [seq for _, seq, _ in breaks], "faults": [fault for _, _, fault in breaks]}
    conn.execute(_SQL["note_breaks"], {**_columns([key for key, _, _ in breaks]), **found, "now": now})


def due_gaps(conn: Connection, noticed_until: datetime, limit: int) -> list[DueGap]:
    """Return gaps noticed until a moment of which nobody was told, held for the length of the transaction."""
    return [
        DueGap(finding_id=row[0], key=_key(row[1:4]), seq=row[4], found_at=row[5], missing=seq_multirange.read(row[6]))
        for row in conn.execute(_SQL["due_gaps"], {"noticed_until": noticed_until, "limit": limit})
    ]


def due_breaks(conn: Connection, limit: int) -> list[DueBreak]:
    """Return breaks of which nobody was told, held for the length of the transaction."""
    return [
        DueBreak(finding_id=row[0], key=_key(row[1:4]), seq=row[4], found_at=row[5], fault=ChainFault(row[6]))
        for row in conn.execute(_SQL["due_breaks"], {"limit": limit})
    ]


def report(conn: Connection, found: Sequence[DueGap | DueBreak], alert_id: int) -> None:
    """Remember which alert tells of findings, all of one sort."""
    statement = "report_gaps" if isinstance(found[0], DueGap) else "report_breaks"
    conn.execute(_SQL[statement], {"alert_id": alert_id, "finding_ids": [one.finding_id for one in found]})


def alerts_filled(conn: Connection, alert_id: int | None = None) -> list[int]:
    """Return the alert_ids (of one alert, if given) that await somebody although every gap they tell of has filled."""
    return [row[0] for row in conn.execute(_SQL["alerts_filled"], {"alert_id": alert_id})]


def gaps_of_alert(conn: Connection, alert_id: int, limit: int = 200) -> list[JournalGap]:
    """Return the gaps an alert is about, those that have not filled first."""
    return [
        JournalGap(
            scale_id=row[0],
            journal_id=row[1],
            first_seq=row[2],
            last_seq=row[3],
            missing=seq_multirange.read(row[4]),
            noticed_at=row[5],
            filled_at=row[6],
        )
        for row in conn.execute(_SQL["gaps_of_alert"], {"alert_id": alert_id, "limit": limit})
    ]


def breaks_of_alert(conn: Connection, alert_id: int, limit: int = 200) -> list[ChainBreak]:
    """Return the breaks an alert is about, the newest first."""
    return [
        ChainBreak(scale_id=row[0], journal_id=row[1], seq=row[2], fault=ChainFault(row[3]), found_at=row[4])
        for row in conn.execute(_SQL["breaks_of_alert"], {"alert_id": alert_id, "limit": limit})
    ]


def _key(columns: Sequence[Any]) -> JournalKey:
    return JournalKey(MarketId(columns[0]), ScaleId(columns[1]), JournalId(columns[2]))


def _columns(keys: Sequence[JournalKey]) -> dict[str, Any]:
    return {
        "market_ids": [key.market_id for key in keys],
        "scale_ids": [key.scale_id for key in keys],
        "journal_ids": [key.journal_id for key in keys],
    }
