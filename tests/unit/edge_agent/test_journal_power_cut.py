"""A power cut at any byte: what was recorded is there, in order and chained, and the journal goes on."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_agent.journal.outbox import Outbox
from messages.chain import prev_of
from messages.weighings import decode_weighing
from tests.unit.edge_agent.test_outbox import REPOSITORY, SCALE, assert_chained, draft

CHANCE = random.Random(20261122)


@dataclass(frozen=True, kw_only=True)
class Crash:
    """What a machine leaves: the file as the last checkpoint made it, the log, and how long the log was when."""

    main: bytes
    log: bytes
    committed_at: tuple[int, ...]  # the log's length after the first append, the second, …

    def committed(self, length: int) -> int:
        """How many appends were on the disk when the log had so many bytes."""
        return sum(at <= length for at in self.committed_at)


def crash(folder: Path, *, appends: int, page_size: int, before: int = 0) -> Crash:
    """Append, and copy the files while they are open: a process that dies closes nothing."""
    path = folder / "outbox.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA page_size = {page_size}")
        db.execute("PRAGMA journal_mode = WAL")
    outbox = Outbox(path)
    outbox._db.execute("PRAGMA wal_autocheckpoint = 0")
    outbox.journal(SCALE)
    outbox.append([draft() for _ in range(before)])
    outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    log, lengths = path.with_name("outbox.sqlite-wal"), []
    for _ in range(appends):
        outbox.append([draft()])
        lengths.append(log.stat().st_size)
    made = Crash(main=path.read_bytes(), log=log.read_bytes(), committed_at=tuple(lengths))
    outbox.close()
    return made


class Machine:
    """A folder where a machine is switched on after a crash."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "outbox.sqlite"
        self.log = folder / "outbox.sqlite-wal"

    def put(self, main: bytes, log: bytes) -> None:
        self.path.with_name("outbox.sqlite-shm").unlink(missing_ok=True)
        self.path.write_bytes(main)
        self.log.write_bytes(log)

    def read(self) -> int:
        """Return how many weighings are there, after looking at each; nothing is written."""
        self.path.with_name("outbox.sqlite-shm").unlink(missing_ok=True)
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as db:
            bodies = [body for (body,) in db.execute("SELECT body FROM entries ORDER BY seq")]
            head = db.execute("SELECT last_seq, next_prev FROM journals").fetchone()
        before = None
        for body in bodies:
            assert decode_weighing(body).prev == prev_of(before)
            before = body
        assert head == (len(bodies), prev_of(before))
        return len(bodies)

    def go_on(self) -> int:
        """Return how many weighings an agent finds, and let it make another."""
        outbox = Outbox(self.path)
        found = outbox.journal(SCALE).last_seq
        outbox.append([draft()])
        assert_chained(outbox, SCALE, found + 1)
        assert outbox._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        outbox.close()
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def test_a_log_that_was_cut_at_any_byte_holds_what_was_committed_before(tmp_path: Path, machine: Machine) -> None:
    left = crash(tmp_path, appends=2, page_size=512)
    machine.put(left.main, left.log)
    for length in range(len(left.log), -1, -1):
        os.truncate(machine.log, length)
        assert machine.read() == left.committed(length), f"cut at byte {length}"


def test_an_agent_goes_on_from_a_log_that_was_cut(tmp_path: Path, machine: Machine) -> None:
    left = crash(tmp_path, appends=40, page_size=4096)
    frames = range(32, len(left.log), 4096 + 24)  # sqlite.org/fileformat, 4.1: a header, then frames
    edges = {at + by for at in (0, *CHANCE.sample(frames, 12), *left.committed_at[::8]) for by in (-1, 0, 1)}
    inside = CHANCE.sample(range(len(left.log)), 30)
    for length in sorted({0, len(left.log), *inside, *(at for at in edges if 0 <= at <= len(left.log))}):
        machine.put(left.main, left.log[:length])
        assert machine.go_on() == left.committed(length), f"cut at byte {length}"


def test_nonsense_behind_what_was_committed_is_no_weighing(tmp_path: Path, machine: Machine) -> None:
    """A disk may have written the length and not yet the bytes, or what stood there before."""
    left = crash(tmp_path, appends=20, page_size=4096, before=3)
    for length in CHANCE.sample(range(len(left.log)), 40):
        rest = len(left.log) - length
        nonsense = CHANCE.choice([bytes(rest), CHANCE.randbytes(rest), left.log[:rest]])
        machine.put(left.main, left.log[:length] + nonsense)
        assert machine.go_on() == 3 + left.committed(length), f"nonsense from byte {length} on"


def checkpointed(left: Crash, machine: Machine) -> bytes:
    """Return the main file as a checkpoint would have left it in the end."""
    machine.put(left.main, left.log)
    with closing(sqlite3.connect(machine.path)) as db:
        db.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        return machine.path.read_bytes()


def torn(before: bytes, after: bytes) -> Iterator[tuple[int, bytes]]:
    """Every different file that a checkpoint leaves when it stops at a byte: new up to there, old behind."""
    yield 0, before
    for at in range(1, len(after) + 1):
        if at > len(before) or after[at - 1] != before[at - 1]:
            yield at, after[:at] + before[at:]


def test_a_checkpoint_that_was_cut_at_any_byte_loses_nothing(tmp_path: Path, machine: Machine) -> None:
    left = crash(tmp_path, appends=2, page_size=512, before=1)
    after = checkpointed(left, machine)
    machine.put(left.main, left.log)
    different = list(torn(left.main, after))
    assert len(different) > 1000
    for at, main in different:
        machine.path.write_bytes(main)
        assert machine.read() == 3, f"cut at byte {at}"


def test_a_checkpoint_whose_sectors_came_in_any_order_loses_nothing(tmp_path: Path, machine: Machine) -> None:
    left = crash(tmp_path, appends=30, page_size=4096, before=10)
    after = checkpointed(left, machine)
    for _ in range(40):
        main = bytearray(left.main.ljust(len(after), b"\0"))
        for sector in range(0, len(after), 512):
            if CHANCE.random() < 0.5:
                main[sector : sector + 512] = after[sector : sector + 512]
        machine.put(bytes(main), left.log)
        assert machine.go_on() == 40


WRITE_WITHOUT_END = """
import sys
from pathlib import Path
from dataclasses import replace
from edge_agent.journal.journal_capacity import JournalLimits
from tests.unit.edge_agent.test_outbox import SCALE, Outbox, draft
outbox = Outbox(Path(sys.argv[1]), limits=JournalLimits(max_entries=150))
outbox._db.execute("PRAGMA wal_autocheckpoint = 10")
journal_id = outbox.journal(SCALE).journal_id
while True:
    made = outbox.append([replace(draft(), voids_last=True), draft(), draft()])
    for weighing in made:
        if weighing is not None:
            print(weighing.seq, weighing.prev, flush=True)
    outbox.receipted(journal_id, made[-1].seq - 20)
"""


def test_what_was_said_to_be_recorded_is_there_however_often_the_writer_is_killed(tmp_path: Path) -> None:
    """Killed at any moment: while it appends, checkpoints, notes receipts and prunes."""
    path = tmp_path / "outbox.sqlite"
    said: dict[int, str] = {}
    for _round in range(4):
        said |= written_until_killed(path, CHANCE.uniform(0.0, 0.25))
        assert_all_there(path, said)
    assert max(said) > 150, "it pruned too"


def written_until_killed(path: Path, after_s: float) -> dict[int, str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE_WITHOUT_END, str(path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert child.stdout is not None
    first = [child.stdout.readline() for _ in range(40)]
    time.sleep(after_s)  # only to be somewhere else each time
    child.send_signal(signal.SIGKILL)
    lines = [line.decode() for line in (*first, *child.stdout.readlines()) if line.endswith(b"\n")]
    child.wait()
    child.stdout.close()
    return {int(seq): prev for seq, _space, prev in (line.rstrip("\n").partition(" ") for line in lines)}


def assert_all_there(path: Path, said: dict[int, str]) -> None:
    outbox = Outbox(path)
    assert outbox._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    pruned_seq, before = outbox._db.execute("SELECT pruned_seq, pruned_digest FROM journals").fetchone()
    bodies = [body for (body,) in outbox._db.execute("SELECT body FROM entries ORDER BY seq")]
    for seq, body in enumerate(bodies, start=pruned_seq + 1):
        weighing = decode_weighing(body)
        assert (weighing.seq, weighing.prev) == (seq, before)
        assert said.get(seq, before) == before
        before = prev_of(body)
    assert outbox.journal(SCALE).last_seq == pruned_seq + len(bodies) >= max(said)
    outbox.close()
