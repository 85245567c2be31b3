"""The embedded PostgreSQL where the way to it is not plain: closed folders, a tight umask, no start."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Unavailable
from steelyard.embedded import postgres
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.stopping import Stopped

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user to run PostgreSQL")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody gets to, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="steelyard-embedded-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def closed_state(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that nobody but root gets to; root's home for such is in `open_folder`."""
    monkeypatch.setattr(postgres, "ROOT_HOME", open_folder / "home" / "steelyard")
    state = open_folder / "closed" / "state"
    state.mkdir(parents=True)
    state.parent.chmod(0o700)
    return state


@pytest.fixture
def tight_umask() -> Iterator[None]:
    before = os.umask(0o027)
    try:
        yield
    finally:
        os.umask(before)


@as_root
def test_what_was_never_started_can_be_removed(closed_state: Path) -> None:
    EmbeddedPostgres.at(closed_state).remove()


@as_root
@pytest.mark.usefixtures("tight_umask")
def test_a_tight_umask_of_root_keeps_the_server_from_nothing(closed_state: Path, open_folder: Path) -> None:
    server = EmbeddedPostgres.at(closed_state)
    home = server.data.parent
    server.start()
    try:
        assert home.is_relative_to(open_folder / "home")
        assert [folder.stat().st_mode & 0o777 for folder in (home, home.parent, home.parent.parent)] == [0o711] * 3
        assert [folder.stat().st_mode & 0o777 for folder in (server.data, server.sockets)] == [0o700, 0o700]
        assert closed_state.parent.stat().st_mode & 0o777 == 0o700
    finally:
        server.remove()
    assert not home.exists()


@as_root
def test_a_folder_of_somebody_else_stays_closed_and_is_named(closed_state: Path, open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o750)
    with pytest.raises(Unavailable, match=rf"nobody.* may not enter {home}: chmod"):
        EmbeddedPostgres.at(closed_state).start()
    assert home.stat().st_mode & 0o777 == 0o750


def test_a_server_that_will_not_start_says_so_at_once_with_the_end_of_its_log(open_folder: Path) -> None:
    server = EmbeddedPostgres.at(open_folder)
    server.settings = ("no_such_setting=1",)
    started = time.monotonic()
    try:
        with pytest.raises(Unavailable, match=r'ends as soon as it is started(.|\n)*parameter "no_such_setting"'):
            server.start()
        assert time.monotonic() - started < 30
    finally:
        server.remove()


def test_a_server_whose_folder_another_one_still_holds_is_waited_for(open_folder: Path) -> None:
    leaving, coming = EmbeddedPostgres.at(open_folder), EmbeddedPostgres.at(open_folder)
    leaving.start()
    end = threading.Timer(3.0, leaving.stop)  # longer than three launches in vain
    end.start()
    try:
        coming.start()
    finally:
        end.join()
        coming.remove()


def test_whoever_asks_for_the_end_need_not_wait_for_the_start(open_folder: Path) -> None:
    server = EmbeddedPostgres.at(open_folder)
    stop = threading.Event()
    stop.set()
    try:
        with pytest.raises(Stopped):
            server.start(stop)
    finally:
        server.remove()
