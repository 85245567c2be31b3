"""The outbox: durable, in order, chained over restarts, and emptied by receipts only."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import Unavailable
from domain.ids import JournalId, ScaleId
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.outbox import Draft, Outbox
from messages.chain import prev_of
from messages.weighings import decode_weighing

NOW = datetime(2026, 11, 22, 2, 11, 8, 412_000, tzinfo=UTC)
SCALE, OTHER = ScaleId("SC-001"), ScaleId("SC-002")
REPOSITORY = Path(__file__).parents[3]


def draft(scale_id: ScaleId = SCALE, net_g: int = 712, at: datetime = NOW) -> Draft:
    weighing = Weighing(
        seq=0,
        weighed_at=at,
        net_g=Grams(net_g),
        unit_price_fen=Fen(9000),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(6408),
        paid_fen=Fen(6408),
    )
    return Draft(scale_id=scale_id, weighing=weighing)


def assert_chained(outbox: Outbox, scale_id: ScaleId, count: int) -> None:
    journal = outbox.journal(scale_id)
    before: bytes | None = None
    entries = outbox.pending(journal.journal_id, after_seq=0, limit=count + 1)
    assert [entry.seq for entry in entries] == list(range(1, count + 1))
    for entry in entries:
        assert decode_weighing(entry.body).prev == prev_of(before)
        before = entry.body
    assert journal.next_prev == prev_of(before)


def test_a_batch_gets_its_places_and_its_chain_scale_by_scale(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    made = outbox.append([draft(), draft(OTHER), draft()])
    assert [weighing.seq for weighing in made] == [1, 1, 2]
    assert_chained(outbox, SCALE, 2)
    assert_chained(outbox, OTHER, 1)
    outbox.close()


def test_a_restart_goes_on_with_the_journal_its_numbers_and_its_chain(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    first.append([draft(net_g=500)])
    journal = first.journal(SCALE)
    first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    assert second.journal(SCALE) == journal
    assert journal.last_net_g == 500
    second.append([draft()])
    assert_chained(second, SCALE, 2)
    second.close()


def test_the_chain_goes_on_over_what_was_receipted(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    journal_id = outbox.journal(SCALE).journal_id
    (first,) = outbox.pending(journal_id, after_seq=0, limit=1)
    assert outbox.receipted(journal_id, 1) == 1
    (second,) = outbox.append([draft()])
    assert (second.seq, second.prev) == (2, prev_of(first.body))
    outbox.close()


def test_time_never_goes_back_within_a_journal(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    (back,) = outbox.append([draft(at=NOW - timedelta(hours=1))])
    (on,) = outbox.append([draft(at=NOW + timedelta(milliseconds=1))])
    assert (back.weighed_at, on.weighed_at) == (NOW, NOW + timedelta(milliseconds=1))
    outbox.close()


@pytest.mark.parametrize(("committed", "left"), [(0, 3), (1, 2), (3, 0), (4, 3)])
def test_a_receipt_takes_what_it_names_and_one_beyond_the_journal_takes_nothing(
    tmp_path: Path, committed: int, left: int
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft(), draft(), draft(), draft(OTHER)])
    journal_id = outbox.journal(SCALE).journal_id
    assert outbox.receipted(journal_id, committed) == 3 - left
    assert outbox.depth(journal_id) == left
    assert outbox.committed(journal_id) == 3 - left
    assert outbox.depth(outbox.journal(OTHER).journal_id) == 1
    outbox.close()


def test_a_receipt_for_an_unknown_journal_takes_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    assert outbox.receipted(JournalId("nobody"), 5) == 0
    assert outbox.depth(JournalId("nobody")) == 0
    assert outbox.depth(outbox.journal(SCALE).journal_id) == 1
    outbox.close()


def test_a_batch_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    with pytest.raises(AttributeError):
        outbox.append([draft(), None])  # type: ignore[list-item]
    assert outbox.journal(SCALE).last_seq == 0
    outbox.append([draft()])
    assert_chained(outbox, SCALE, 1)
    outbox.close()


def test_an_outbox_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the outbox cannot be used"):
        Outbox(tmp_path / "nowhere" / "outbox.sqlite")


APPEND_WITHOUT_END = """
import sys
from pathlib import Path
from tests.unit.edge_agent.test_outbox import Outbox, draft
outbox = Outbox(Path(sys.argv[1]))
while True:
    for weighing in outbox.append([draft(), draft(), draft()]):
        print(weighing.seq, flush=True)
"""


def test_what_was_reported_as_appended_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", APPEND_WITHOUT_END, str(path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert child.stdout is not None
    reported = [int(child.stdout.readline()) for _ in range(50)]
    child.send_signal(signal.SIGKILL)
    reported += [int(line) for line in child.stdout.read().split(b"\n")[:-1] if line]
    child.wait()
    child.stdout.close()
    outbox = Outbox(path)
    last_seq = outbox.journal(SCALE).last_seq
    assert reported == list(range(1, len(reported) + 1))
    assert last_seq >= len(reported)
    assert_chained(outbox, SCALE, last_seq)
    outbox.close()
