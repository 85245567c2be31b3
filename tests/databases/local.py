"""A PostgreSQL with TimescaleDB that is installed on this machine; its own clusters are never touched."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.databases.memory import fastest_folder
from tests.databases.postmaster import TIMESCALE_SETTINGS, Installation, run_privately
from tests.databases.server import Server

# Debian's, the usual ones of other systems, and whatever is on PATH.
BIN_DIRS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


def find() -> Server | None:
    for bin_dir in bin_dirs():
        timescale = timescale_of(bin_dir)
        if timescale and can_run_as_server_user():
            return Server(
                kind=f"local ({bin_dir})",
                version=ask(bin_dir, "--version").split()[1],
                timescale=timescale,
                run=partial(run, bin_dir),
            )
    return None


def why_not() -> str | None:
    """Why no installed PostgreSQL can be started here, or None."""
    if not bin_dirs():
        return "needs an installed PostgreSQL, and there is none (Debian: apt install postgresql)"
    if not can_run_as_server_user():
        return "needs a PostgreSQL that tests may start: as root, setpriv and a user postgres"
    return None


def bin_dirs() -> list[Path]:
    """Newest version first."""
    found = [path for pattern in BIN_DIRS for path in Path("/").glob(pattern.lstrip("/"))]
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    usable = [path for path in found if (path / "initdb").exists() and (path / "pg_config").exists()]
    return sorted(set(usable), key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))], reverse=True)


def ask(bin_dir: Path, option: str) -> str:
    done = subprocess.run([bin_dir / "pg_config", option], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def timescale_of(bin_dir: Path) -> str | None:
    return timescale_in(Path(ask(bin_dir, "--sharedir")) / "extension", Path(ask(bin_dir, "--pkglibdir")))


def timescale_in(extensions: Path, libraries: Path) -> str | None:
    """Version and licence, from the files: the Timescale-licensed part is a library of its own."""
    control = extensions / "timescaledb.control"
    if not control.exists():
        return None
    version = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text(encoding="utf-8"))
    licence = "timescale" if any(libraries.glob("timescaledb-tsl-*.so")) else "apache"
    return f"TimescaleDB {version.group(1) if version else 'unknown'} ({licence} licence)"


def can_run_as_server_user() -> bool:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    if os.geteuid() != 0:
        return True
    return shutil.which("setpriv") is not None and Path("/etc/passwd").read_text().find("\npostgres:") >= 0


@contextmanager
def run(bin_dir: Path, settings: tuple[str, ...] = TIMESCALE_SETTINGS) -> Iterator[str]:
    run_as: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory(prefix="steelyard-tests-", dir=fastest_folder()) as folder:
        if os.geteuid() == 0:
            run_as = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups")
            shutil.chown(folder, user="postgres")
        installation = Installation(bin_dir=bin_dir, run_as=run_as)
        with run_privately(installation, data_parent=Path(folder), settings=settings) as url:
            yield url
