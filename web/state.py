"""What the running service holds, and how a request gets at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, Request
from psycopg import Connection, DataError
from psycopg_pool import ConnectionPool

from db.pool import translate_absence
from domain.errors import RuleViolation
from web.config import WebConfig
from web.day_counts import DayCounts
from web.drawn import DrawnKept
from web.hub import Hub
from web.rendering import Renderer


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The parts of the running service."""

    config: WebConfig
    pool: ConnectionPool
    #: Who is told of alerts, who of what scales hold, and which person of a notice.
    hub: Hub
    scales_hub: Hub
    notices_hub: Hub
    renderer: Renderer
    day_counts: DayCounts
    drawn: DrawnKept


def service(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast("Service", request.app.state.service)


def connection(running: Annotated[Service, Depends(service)]) -> Iterator[Connection]:
    """Lend one connection for the length of the endpoint: committed before the answer is sent, or rolled back."""
    with translate_absence(), running.pool.connection() as conn:
        try:
            yield conn
        except DataError as error:
            # A text with a NUL, a number that no column holds: theirs, not ours.
            raise RuleViolation(f"the database cannot take a value: {error.diag.message_primary or error}") from error


def moment() -> datetime:
    """Return the time of the request."""
    return datetime.now(UTC)


Running = Annotated[Service, Depends(service)]
#: "function": the transaction ends before the answer leaves, so "done" is never said of something not committed.
Db = Annotated[Connection, Depends(connection, scope="function")]
Now = Annotated[datetime, Depends(moment)]
