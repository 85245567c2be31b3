"""One look at what the scales sent: note gaps and breaks, tell of those that are due, close what has filled.

Nothing depends on how often it is done, nor on how many do it at once: what is noted is noted once, what is told of is
told of once, and each step is a transaction that leaves the rest for the next look.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import alerts, continuity, journal_lines
from db.continuity import ChangedJournal, DueBreak, DueGap, UnfilledGap
from db.journals import JournalKey
from domain.alert import AlertKind
from domain.alert_step import WithdrawReason
from domain.continuity import ChainFault
from domain.ids import SpeciesCode
from domain.seq_ranges import SeqRange, SeqRanges, count
from domain.weighing import WeighingKey
from ingest.continuity import Line, Observed, faults, lines_needed, observe, portions, still_missing
from ingest.raising import raise_lead
from messages.chain import digest, prev_in
from pricing.leads import Lead, Occurrence, gather
from supervision.alerts.handling import withdraw_by_itself

#: Journals read at once, lines held in memory at once (and of one journal in one look), findings told of at once.
_PAGE: Final = 1000
_MOST_LINES: Final = 5000
_MOST_FINDINGS: Final = 500
#: A note names so many findings, and so many runs of one.
_MOST_SAID: Final = 10

_Finding = DueGap | DueBreak


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What a look came to."""

    journals: int
    told: int
    closed: int


def look(
    conn: Connection,
    grace: timedelta,
    now: datetime,
    *,
    since: datetime | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Looked:
    """Look at the journals that received anything since a moment (None: ever), as far as nobody looked yet.

    `conn` is in autocommit, so that each step is committed by itself.
    """
    journals, after = 0, continuity.FIRST
    while not is_stopped() and (page := continuity.changed(conn, after, since=since, limit=_PAGE)):
        after = page[-1].key
        for portion in portions([count(one.received) - count(one.seen) for one in page], _MOST_LINES):
            left: Sequence[ChangedJournal] = page[portion]
            while left and not is_stopped():
                with conn.transaction():
                    left = _look_at(conn, left, now)
        journals += len(page)
    told = _tell(conn, lambda: continuity.due_gaps(conn, now - grace, _MOST_FINDINGS), now, is_stopped)
    told += _tell(conn, lambda: continuity.due_breaks(conn, _MOST_FINDINGS), now, is_stopped)
    return Looked(journals=journals, told=told, closed=_close_filled(conn, now, is_stopped))


def _look_at(conn: Connection, journals: Sequence[ChangedJournal], now: datetime) -> list[ChangedJournal]:
    """Note what is found in these journals, and that it was looked at; return those with more than fits one look."""
    known: dict[JournalKey, list[UnfilledGap]] = defaultdict(list)
    for gap in continuity.unfilled(conn, [one.key for one in journals]):
        known[gap.key].append(gap)
    observed = {
        one.key: observe(
            received=one.received,
            seen=one.seen,
            known_gaps=[gap.gap for gap in known[one.key]],
            most_lines=_MOST_LINES,
        )
        for one in journals
    }
    continuity.note_gaps(conn, [(key, gap) for key, one in observed.items() for gap in one.new_gaps], now)
    continuity.note_missing(conn, dict(_less_missing(journals, known)), now)
    continuity.note_breaks(conn, _breaks(conn, observed, now), now)
    continuity.set_seen(conn, {key: one.seen for key, one in observed.items()})
    looked_at = [replace(one, seen=observed[one.key].seen) for one in journals]
    return [one for one in looked_at if one.seen != one.received]


def _less_missing(
    journals: Sequence[ChangedJournal], known: dict[JournalKey, list[UnfilledGap]]
) -> list[tuple[int, SeqRanges]]:
    found = [(gap, still_missing(gap.gap, one.received)) for one in journals for gap in known[one.key]]
    return [(gap.gap_id, missing) for gap, missing in found if missing != gap.missing]


def _breaks(
    conn: Connection, observed: dict[JournalKey, Observed], now: datetime
) -> list[tuple[JournalKey, int, ChainFault]]:
    asked = [(key, run) for key, one in observed.items() for run in lines_needed(one.links)]
    lines = _lines(conn, asked, now)
    return [(key, seq, fault) for key, one in observed.items() for seq, fault in faults(one.links, lines[key]).items()]


def _lines(
    conn: Connection, asked: Sequence[tuple[JournalKey, SeqRange]], now: datetime
) -> dict[JournalKey, dict[int, Line]]:
    """Return lines as the chain sees them: stored ones, and by their bytes those that quarantine holds."""
    stored = journal_lines.stored(conn, asked, now)
    lines: dict[JournalKey, dict[int, Line]] = defaultdict(dict)
    for (key, seq), payload in journal_lines.held(conn, journal_lines.not_found(asked, stored)).items():
        lines[key][seq] = Line(digest(payload), prev_in(payload))
    for (key, seq), line in stored.items():
        lines[key][seq] = Line(line.digest, prev_in(line.body))
    return lines


def _tell(
    conn: Connection, due: Callable[[], Sequence[_Finding]], now: datetime, is_stopped: Callable[[], bool]
) -> int:
    """Tell of findings until none is due; return how many there were."""
    told = 0
    while not is_stopped():
        with conn.transaction():
            found = due()
            if not found:
                break
            by_line = {(*one.key, one.seq): one for one in found}
            for lead in gather(_occurrences(conn, found)):
                of_lead = [by_line[one.key[:4]] for one in lead.occurrences]
                continuity.report(conn, of_lead, raise_lead(conn, _noted(lead), now))
        told += len(found)
    return told


def _occurrences(conn: Connection, found: Sequence[_Finding]) -> list[Occurrence]:
    """Each finding at the weighing that shows it; where that is held in quarantine, at the time of the finding."""
    witnesses = journal_lines.witnesses(conn, [(one.key, one.seq, one.found_at) for one in found])
    return [
        Occurrence(
            key=WeighingKey(*one.key, one.seq, witness.at),
            kind=AlertKind.SEQUENCE_GAP if isinstance(one, DueGap) else AlertKind.CHAIN_BREAK,
            vendor_id=witness.vendor_id,
            stall_id=witness.stall_id,
            species=SpeciesCode(""),
            business_day=witness.business_day,
            note=_note(one),
        )
        for one, witness in zip(found, witnesses, strict=True)
    ]


def _note(found: _Finding) -> str:
    where = f"journal {found.key.journal_id} of scale {found.key.scale_id}"
    if isinstance(found, DueGap):
        return f"{where}: seq {_first_of(map(str, found.missing), ', ')} missing"
    return f"{where}: seq {found.seq} does not follow {found.seq - 1} ({found.fault})"


def _noted(lead: Lead) -> Lead:
    """Say its findings in the note of the alert; the page lists all of them."""
    return replace(lead, worst=replace(lead.worst, note=_first_of((one.note for one in lead.occurrences), "; ")))


def _first_of(texts: Iterable[str], between: str) -> str:
    said = list(texts)
    more = f"{between}and {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
    return between.join(said[:_MOST_SAID]) + more


def _close_filled(conn: Connection, now: datetime, is_stopped: Callable[[], bool]) -> int:
    closed = 0
    for alert_id in continuity.alerts_filled(conn):
        if is_stopped():
            break
        with conn.transaction():
            # Held first, asked again second: whoever adds a gap to this alert was before us, or waits.
            alerts.hold_with_twins(conn, alert_id)
            if continuity.alerts_filled(conn, alert_id):
                closed += withdraw_by_itself(conn, alert_id, WithdrawReason.GAP_FILLED, now)
    return closed
