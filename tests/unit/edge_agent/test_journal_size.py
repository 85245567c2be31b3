"""A long journal is as quick as a short one. Counted in steps of SQLite's machine: timing never decides a test.

`scripts/measure-journal` measures a million entries by the clock.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_agent.journal.outbox import Outbox
from tests.unit.edge_agent.test_journal_voids import VOID
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, draft

SHORT, LONG = 100, 10_000

OPERATIONS: dict[str, Callable[[Outbox], object]] = {
    "append": lambda outbox: outbox.append([draft()]),
    "void": lambda outbox: outbox.append([VOID]),
    "journal": lambda outbox: outbox.journal(SCALE),
    "depth": lambda outbox: outbox.depth(outbox.journal(SCALE).journal_id),
    "pending at the front": lambda outbox: outbox.pending(outbox.journal(SCALE).journal_id, after_seq=0, limit=20),
    "pending at the end": lambda outbox: outbox.pending(
        outbox.journal(SCALE).journal_id, after_seq=outbox.journal(SCALE).last_seq - 20, limit=20
    ),
    "receipted": lambda outbox: outbox.receipted(outbox.journal(SCALE).journal_id, 50),
    "left_behind": lambda outbox: outbox.left_behind({OTHER}),
    "state": lambda outbox: outbox.state(NOW),
    "prune with nothing to do": lambda outbox: outbox.prune(NOW),
    "checkpoint_due": lambda outbox: outbox.checkpoint_due(NOW),
    "pending_events": lambda outbox: outbox.pending_events(20),
}


def steps(outbox: Outbox, operation: Callable[[Outbox], object]) -> int:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    outbox._db.set_progress_handler(count, 1)
    operation(outbox)
    outbox._db.set_progress_handler(None, 0)
    return counted


def filled(path: Path, entries: int) -> Outbox:
    outbox = Outbox(path)
    for _ in range(0, entries, 100):
        outbox.append([draft(OTHER), *(draft() for _ in range(99))])
    return outbox


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outbox, Outbox]]:
    folder = tmp_path_factory.mktemp("size")
    made = filled(folder / "short.sqlite", SHORT), filled(folder / "long.sqlite", LONG)
    yield made
    for outbox in made:
        outbox.close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_journal_of_ten_thousand_asks_for_no_more_steps_than_one_of_a_hundred(
    both: tuple[Outbox, Outbox], name: str
) -> None:
    short, long = (steps(outbox, OPERATIONS[name]) for outbox in both)
    assert 0 < short
    assert long <= short * 1.1 + 20


def test_opening_reads_the_end_and_not_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = filled(path, LONG)
    outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert path.stat().st_size / LONG < 560, "bytes an entry, with its index"
    outbox.close()
    again = Outbox(path)
    assert again._db.execute("PRAGMA cache_size").fetchone() == (-1024,)
    assert again.journal(SCALE).last_seq == LONG * 99 // 100
    again.close()
