"""The Debian folder: PostgreSQL 17 with TimescaleDB, built by `scripts/timescale-folder` and run under chroot."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import local, memory
from tests.databases.postmaster import TIMESCALE_SETTINGS, Installation, run_privately, sweep
from tests.databases.server import Server

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "timescale-folder"
BIN_DIR = Path("/usr/lib/postgresql/17/bin")
# Made by the script, and owned by the folder's own `postgres` user.
DATA_PARENT = Path("/var/lib/steelyard")


def folder() -> Path:
    """Where the script keeps it: the same rule in two languages, held together by a test."""
    given = os.environ.get("STEELYARD_TIMESCALE_FOLDER")
    if given:
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME") or f"{os.environ['HOME']}/.cache"
    return Path(cache) / "steelyard" / "timescale-trixie"


def find() -> Server | None:
    """The built folder, or None; only root may chroot into it."""
    if os.geteuid() != 0 or not (folder() / "usr/lib/postgresql/17/bin/postgres").exists():
        return None
    timescale = local.timescale_in(
        folder() / "usr/share/postgresql/17/extension", folder() / "usr/lib/postgresql/17/lib"
    )
    version = in_folder(str(BIN_DIR / "postgres"), "--version").split()[2]
    return Server(kind="Debian folder", version=version, timescale=timescale, run=run)


def in_folder(*command: str) -> str:
    done = subprocess.run(["chroot", folder(), *command], capture_output=True, text=True, check=True, cwd="/")
    return done.stdout


def can_be_built() -> bool:
    return os.geteuid() == 0 and shutil.which("debootstrap") is not None


def build() -> str | None:
    """Build it where it is missing; return what went wrong, if anything did."""
    done = subprocess.run([SCRIPT], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


def why_not() -> str | None:
    """None when the folder is there, or can be built now."""
    if find() is not None:
        return None
    if not can_be_built():
        return "needs the Debian folder, which only root with debootstrap can build"
    problem = build()
    return None if problem is None else f"the Debian folder could not be built: {problem}"


@contextmanager
def run() -> Iterator[str]:
    data_parent = folder() / DATA_PARENT.relative_to("/")
    # What a killed run left on disk would otherwise lie hidden under the memory.
    sweep(data_parent)
    with memory.mounted_privately(data_parent) as in_memory:
        run_as = (*in_memory, "chroot", "--userspec=postgres:postgres", str(folder()))
        installation = Installation(bin_dir=BIN_DIR, run_as=run_as, root=folder())
        with run_privately(installation, data_parent=DATA_PARENT, settings=TIMESCALE_SETTINGS) as url:
            yield url
