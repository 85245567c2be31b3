"""Reading a journal back where nothing can be written."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.errors import BadFile
from edge_agent.journal.journal_reading import open_for_reading
from edge_agent.journal.outbox import Outbox
from tests.unit.edge_agent.test_outbox import NOW, SCALE, draft

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike pytest's."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)
        Path(made).chmod(0o755)


def last_seq(path: Path) -> int:
    with open_for_reading(path) as reader:
        (journal,) = reader.journals(SCALE)
        assert [entry.seq for entry in reader.entries(journal.journal_id)] == list(range(1, journal.last_seq + 1))
        return journal.last_seq


def test_a_copy_in_a_folder_that_cannot_be_written_is_read(folder: Path) -> None:
    outbox = Outbox(folder / "outbox.sqlite")
    outbox.append([draft(), draft()])
    outbox.close()
    (folder / "outbox.sqlite").chmod(0o444)
    folder.chmod(0o555)
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        try:
            os._exit(last_seq(folder / "outbox.sqlite"))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2


def test_a_reader_sees_one_moment_and_holds_nobody_up(folder: Path) -> None:
    outbox = Outbox(folder / "outbox.sqlite")
    outbox.append([draft()])
    with open_for_reading(folder / "outbox.sqlite") as reader:
        (before,) = reader.journals()
        outbox.append([draft(), draft()])
        assert reader.journals() == [before]
        assert len(list(reader.entries(before.journal_id))) == 1
    assert last_seq(folder / "outbox.sqlite") == 3
    outbox.close()


def test_a_reader_writes_nothing(folder: Path) -> None:
    outbox = Outbox(folder / "outbox.sqlite")
    outbox.append([draft()])
    outbox.close()
    content = (folder / "outbox.sqlite").read_bytes()
    with (
        open_for_reading(folder / "outbox.sqlite") as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
        closing(reader._db.execute("CREATE TABLE mine (x)")),
    ):
        pass
    assert (folder / "outbox.sqlite").read_bytes() == content
    assert (folder / "outbox.sqlite-wal").stat().st_size == 0, (
        "SQLite's, and the file's owner's; the agent goes on with it"
    )


@pytest.mark.parametrize("name", ["nowhere.sqlite", "."])
def test_what_is_no_file_is_named(folder: Path, name: str) -> None:
    with pytest.raises(BadFile, match="is not there; expected a journal"), open_for_reading(folder / name):
        pass


def test_an_empty_file_is_no_journal(folder: Path) -> None:
    (folder / "empty").touch()
    with pytest.raises(BadFile, match="expected a journal"), open_for_reading(folder / "empty"):
        pass


def test_a_name_with_odd_characters_is_opened(folder: Path) -> None:
    path = folder / "海鲜 #1?mode=rw.sqlite"
    outbox = Outbox(path)
    outbox.append([draft(at=NOW)])
    outbox.close()
    assert last_seq(path) == 1
