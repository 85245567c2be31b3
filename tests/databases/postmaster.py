"""Running installed PostgreSQL programs privately: own data folder, own loopback port, gone with the tests."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

START_WITHIN_S = 60.0
START_ATTEMPTS = 3
#: Below what the system gives to outgoing connections: one of those could take the port before its server listens, or
#: while a broker is killed and started again.
PORTS = range(10_000, 32_000)

# Tests lose nothing in a power cut, and are several times faster without waiting for the disk.
WITHOUT_DURABILITY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")

TIMESCALE_SETTINGS = (
    "shared_preload_libraries=timescaledb",
    "timescaledb.telemetry_level=off",
    # A background worker in the template database would keep it from being copied.
    "timescaledb.max_background_workers=0",
)


class ServerDidNotStart(Exception):
    """The log's last lines are in the message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """Where PostgreSQL's programs are, and what makes them run as somebody who is not root."""

    #: As the server itself sees it, that is: inside `root`.
    bin_dir: Path
    #: Command words put before each program, for example `chroot --userspec=postgres FOLDER`.
    run_as: tuple[str, ...] = ()
    root: Path = Path("/")


def free_port() -> int:
    """A loopback port that nobody has. By chance that no test can seed: another process of the tests chooses too."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def run_privately(installation: Installation, *, data_parent: Path, settings: tuple[str, ...]) -> Iterator[str]:
    """A new, empty server for as long as the block lasts. `data_parent` is as the server sees it, and belongs to it."""
    parent = installation.root / data_parent.relative_to("/")
    sweep(parent)
    name = f"tests-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        initialise(installation, data_parent / name)
        with tempfile.TemporaryFile() as log:
            process, port = start(installation, data_parent / name, settings, log)
            try:
                yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
            finally:
                stop(process)
    finally:
        shutil.rmtree(parent / name, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove the data folders of test runs that were killed before they could."""
    for folder in parent.glob("tests-*-*"):
        pid = int(folder.name.split("-")[1])
        if not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def initialise(installation: Installation, data: Path) -> None:
    program = [*installation.run_as, str(installation.bin_dir / "initdb")]
    options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--username=postgres", "--no-sync"]
    done = subprocess.run(
        [*program, "-D", str(data), *options], env=environment(), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ServerDidNotStart(f"initdb: {done.stderr.strip()}")


def start(
    installation: Installation, data: Path, settings: tuple[str, ...], log: IO[bytes]
) -> tuple[subprocess.Popen[bytes], int]:
    """Another program may take the free port first, so there is more than one attempt."""
    for attempt in range(1, START_ATTEMPTS + 1):
        port = free_port()
        process = launch(installation, data, (*settings, f"port={port}"), log)
        try:
            wait_until_ready(process, port, log)
        except ServerDidNotStart as problem:
            stop(process)
            if attempt == START_ATTEMPTS or "Address already in use" not in str(problem):
                raise
        except BaseException:
            stop(process)
            raise
        else:
            return process, port
    raise AssertionError("unreachable: the last attempt returns or raises")


def launch(
    installation: Installation, data: Path, settings: tuple[str, ...], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    private = (
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        # A chroot's /dev/shm is an ordinary folder, which need not be writable.
        "dynamic_shared_memory_type=mmap",
        "log_min_messages=warning",
        *WITHOUT_DURABILITY,
    )
    options = [word for setting in (*private, *settings) for word in ("-c", setting)]
    return subprocess.Popen(
        [*installation.run_as, *DIES_WITH_PARENT, str(installation.bin_dir / "postgres"), "-D", str(data), *options],
        env=environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C is for pytest, which then stops the server in order.
        start_new_session=True,
    )


# Where util-linux is there, even `kill -9` of pytest leaves no server behind: the kernel sends it SIGINT.
DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "INT") if shutil.which("setpriv") else ()


def environment() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerDidNotStart(f"postgres ended with {process.returncode}: {tail(log)}")
        with suppress(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres").close()
            return
        time.sleep(0.05)
    raise ServerDidNotStart(f"postgres is not ready after {START_WITHIN_S} s: {tail(log)}")


def tail(log: IO[bytes], size: int = 4000) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - size))
    return log.read().decode(errors="replace")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then an immediate one, then by force."""
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(order)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
