"""Weighings as lines of their journals: which are new, and which seqs a batch accounts for."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from db import journal_lines, journals
from db.journals import JournalKey, JournalState, Run
from db.quarantine import HeldMessage
from domain.ids import JournalId, MarketId, ScaleId
from domain.seq_ranges import SeqRange
from ingest.columns import Columns
from pricing.rules_of_columns import Flags, Whole


class Lines(NamedTuple):
    """A batch in the order of its journals' lines: row `order[n]` is line `seq[n]` of `keys[journal[n]]`.

    Of rows that are the same line, the one that arrived first stands first; `again` marks the others.
    """

    keys: list[JournalKey]
    order: NDArray[np.int64]
    journal: NDArray[np.int64]
    seq: Whole
    again: Flags


class HeldLine(NamedTuple):
    """A line that is in quarantine."""

    journal: JournalKey
    seq: int


NO_LINES: Final = Lines([], np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))


def lines_of(columns: Columns) -> Lines:
    """Put a batch into the order of its journals' lines. Pure."""
    places: dict[JournalKey, int] = {}
    of_source = [places.setdefault(source.journal, len(places)) for source in columns.sources]
    journal = np.array(of_source, np.int64)[columns.source]
    order = np.lexsort((columns.seq, journal))  # stable
    journal, seq = journal[order], columns.seq[order]
    again = np.zeros(len(order), np.bool_)
    again[1:] = (journal[1:] == journal[:-1]) & (seq[1:] == seq[:-1])
    return Lines(list(places), order, journal, seq, again)


def fresh_rows(conn: Connection, lines: Lines, known: Mapping[JournalKey, JournalState]) -> Flags:
    """Say of each row whether its line is not accounted for yet. `known`: as `db.journals.lock` told."""
    above = lines.seq > np.array([known[key].highest for key in lines.keys], np.int64)[lines.journal]
    is_fresh = above & ~lines.again
    asked = np.flatnonzero(~above & ~lines.again).tolist()
    if asked:
        named = [(lines.keys[lines.journal[place]], int(lines.seq[place])) for place in asked]
        received = journals.already_received(conn, named)
        is_fresh[[place for n, place in enumerate(asked) if n not in received]] = True
    by_row = np.empty(len(lines.order), np.bool_)
    by_row[lines.order] = is_fresh
    return by_row


def reopened_rows(conn: Connection, columns: Columns, again: Collection[HeldLine], now: datetime) -> Flags:
    """Say of each row whether it is a line that is read again out of quarantine, and may be stored.

    Of several contents under a number the stored one is the line, else the one held first (docs/continuity.md).
    Asked while the journals are locked: nobody stores the lines meanwhile.
    """
    is_reopened = np.zeros(len(columns), np.bool_)
    if not again:
        return is_reopened
    named = _runs_of(again)
    first_held = journal_lines.held(conn, named)
    stored = journal_lines.stored(conn, named, now)
    for row, body in enumerate(columns.body):
        line = HeldLine(columns.source_of(row).journal, int(columns.seq[row]))
        is_reopened[row] = line in again and line not in stored and body == first_held.get(line)
    return is_reopened


def _runs_of(lines: Collection[HeldLine]) -> list[tuple[JournalKey, SeqRange]]:
    """Put lines that follow each other together: what is asked for as a run is one look into an index. Pure."""
    runs: list[tuple[JournalKey, SeqRange]] = []
    for journal, seq in sorted(lines):
        if runs and runs[-1][0] == journal and runs[-1][1].last == seq - 1:
            runs[-1] = (journal, SeqRange(runs[-1][1].first, seq))
        else:
            runs.append((journal, SeqRange(seq, seq)))
    return runs


def accounted_for(lines: Lines, refused: Iterable[HeldMessage]) -> dict[JournalKey, list[Run]]:
    """Return which seqs a batch accounts for once it is committed: stored, known already, or held. Pure."""
    runs: dict[JournalKey, list[Run]] = {key: [] for key in lines.keys}
    if len(lines.order):
        begins = np.ones(len(lines.order), np.bool_)
        begins[1:] = (lines.journal[1:] != lines.journal[:-1]) | (lines.seq[1:] > lines.seq[:-1] + 1)
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(lines.order)) - 1
        journal_nos, lows, highs = lines.journal[first].tolist(), lines.seq[first].tolist(), lines.seq[last].tolist()
        for journal, low, high in zip(journal_nos, lows, highs, strict=True):
            runs[lines.keys[journal]].append(Run(low, high))
    for held in refused:
        if held.market_id and held.scale_id and held.journal_id and held.seq is not None:
            key = JournalKey(MarketId(held.market_id), ScaleId(held.scale_id), JournalId(held.journal_id))
            runs.setdefault(key, []).append(Run(held.seq, held.seq))
    return runs
