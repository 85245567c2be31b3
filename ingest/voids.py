"""Which records really void another. A record that only says so is a sale, and is judged as one.

A void names an earlier sale of the same journal with the same net weight and amount, which nothing else has voided:
otherwise `voids_seq` would be a way past every judgement.
"""

from collections.abc import Sequence

from psycopg import Connection

from db import weighings
from db.journals import JournalKey
from db.weighings import VoidTarget
from domain.weighing import WeighingKey
from ingest.reading import Candidate

_Line = tuple[JournalKey, int]


def real_voids(conn: Connection, candidates: Sequence[Candidate]) -> set[WeighingKey]:
    """Return the keys of those candidates that really void another record, in this batch or stored."""
    asked = [(one.journal, one.weighing.voids_seq) for one in candidates if one.weighing.voids_seq is not None]
    if not asked:
        return set()
    known = {(one.journal, one.key.seq): _target(one) for one in candidates} | weighings.void_targets(conn, asked)
    found: set[WeighingKey] = set()
    voided: set[_Line] = set()
    for one in sorted(candidates, key=lambda candidate: candidate.key):
        line = (one.journal, one.weighing.voids_seq or 0)
        target = known.get(line)
        if target is not None and line not in voided and is_void_of(one, target):
            voided.add(line)
            found.add(one.key)
    return found


def is_void_of(candidate: Candidate, target: VoidTarget) -> bool:
    """Say whether a record voids `target`: an earlier sale, of the same weight and amount, not voided before."""
    weighing = candidate.weighing
    is_earlier = weighing.voids_seq is not None and weighing.voids_seq < weighing.seq
    is_same = (weighing.net_g, weighing.amount_fen) == (target.net_g, target.amount_fen)
    return is_earlier and is_same and not target.is_void and target.voided_by in (None, weighing.seq)


def _target(candidate: Candidate) -> VoidTarget:
    weighing = candidate.weighing
    return VoidTarget(
        net_g=weighing.net_g,
        amount_fen=weighing.amount_fen,
        is_void=weighing.voids_seq is not None,
        voided_by=None,
    )
