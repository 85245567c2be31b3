"""Which records really void another. A record that only says so is a sale, and is judged as one.

A void names an earlier sale of the same journal with the same net weight and amount, which nothing else has voided:
otherwise `voids_seq` would be a way past every judgement.
"""

import numpy as np
from psycopg import Connection

from db import weighings
from db.journals import JournalKey
from db.weighings import VoidTarget
from ingest.columns import Columns

_Line = tuple[JournalKey, int]


def real_voids(conn: Connection, columns: Columns) -> set[int]:
    """Return the rows that really void another record, in this batch or stored."""
    claims = np.flatnonzero(columns.voids_seq.there).tolist()
    if not claims:
        return set()
    voided_by = {row: (columns.source_of(row).journal, int(columns.voids_seq.values[row])) for row in claims}
    claimed = [(*line, columns.key(row).weighed_at) for row, line in voided_by.items()]
    known = _targets(columns) | weighings.void_targets(conn, claimed)
    found: set[int] = set()
    voided: set[_Line] = set()
    for row in sorted(claims, key=columns.key):
        line = voided_by[row]
        target = known.get(line)
        if target is not None and line not in voided and _is_void_of(columns, row, target):
            voided.add(line)
            found.add(row)
    return found


def _is_void_of(columns: Columns, row: int, target: VoidTarget) -> bool:
    """Say whether a record voids `target`: an earlier sale, of the same weight and amount, not voided before."""
    seq, voids_seq = int(columns.seq[row]), int(columns.voids_seq.values[row])
    is_same = (int(columns.net_g[row]), int(columns.amount_fen[row])) == (target.net_g, target.amount_fen)
    return voids_seq < seq and is_same and not target.is_void and target.voided_by in (None, seq)


def _targets(columns: Columns) -> dict[_Line, VoidTarget]:
    return {
        (columns.source_of(row).journal, int(columns.seq[row])): VoidTarget(
            net_g=int(columns.net_g[row]),
            amount_fen=int(columns.amount_fen[row]),
            is_void=bool(columns.voids_seq.there[row]),
            voided_by=None,
        )
        for row in range(len(columns))
    }
