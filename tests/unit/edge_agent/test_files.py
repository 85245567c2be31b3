"""The files of a configuration: each that cannot be used is named, and none is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.config.files import outbox_problem
from edge_agent.journal.outbox import Outbox
from tests.unit.edge_agent.test_outbox import draft


def test_an_outbox_may_be_missing_empty_or_one_that_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    assert outbox_problem(path) is None
    assert not path.exists()
    path.touch()
    assert outbox_problem(path) is None
    outbox = Outbox(path)
    assert outbox_problem(path) is None
    outbox.close()
    assert sorted(tmp_path.iterdir()) == [path]
    assert outbox_problem(path) is None
    assert sorted(tmp_path.iterdir()) == [path], "looking at it left something beside it"


def test_the_outbox_that_is_held_open_keeps_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    (tmp_path / "link").symlink_to(path)
    outbox = Outbox(path)
    outbox.append([draft()])
    assert outbox_problem(tmp_path / "link", held=path) is None
    other = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT * FROM entries'); db.close()"
    subprocess.run([sys.executable, "-c", other, str(path)], check=True)
    assert path.with_name("outbox.sqlite-wal").exists(), "another program believed to be the last to use it"
    outbox.close()
    gone = tmp_path / "gone.sqlite"
    assert outbox_problem(path, held=gone) is None


def test_an_outbox_without_a_folder_is_named(tmp_path: Path) -> None:
    problem = outbox_problem(tmp_path / "nowhere" / "outbox.sqlite")
    assert problem == f"there is no folder {tmp_path / 'nowhere'}; expected one for the outbox outbox.sqlite"


@pytest.mark.parametrize(
    "content", [b"x", b"SQLite format 3", b"agent_id = 'a'\n" * 1000], ids=["short", "cut", "text"]
)
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(content)
    assert outbox_problem(path) == f"{path} is no SQLite file; expected an outbox, or nothing yet"
    assert path.read_bytes() == content


def test_what_is_no_file_cannot_be_the_outbox(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    for path in (tmp_path, tmp_path / "pipe"):
        assert outbox_problem(path) == f"{path} is no file; expected an outbox, or nothing yet"
    too_long = outbox_problem(tmp_path / ("秤" * 100))
    assert too_long is not None
    assert too_long.endswith("cannot be read: File name too long")
