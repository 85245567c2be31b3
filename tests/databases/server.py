"""What a database server is to a test: a name for the header, and a way to have it running."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A server that can be started; nothing runs until `run()` is entered."""

    kind: str
    version: str
    #: Version and licence of TimescaleDB, or None where there is none.
    timescale: str | None
    #: Yields the URL of its `postgres` database, as a superuser.
    run: Callable[[], AbstractContextManager[str]]

    def __str__(self) -> str:
        return f"{self.kind}: PostgreSQL {self.version}, {self.timescale or 'no TimescaleDB'}"


def url_of_database(server_url: str, name: str) -> str:
    """The same server and login, another database."""
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"/{name}"))
