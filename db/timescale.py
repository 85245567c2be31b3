"""TimescaleDB where it is there: hypertables on every edition. Plain PostgreSQL is enough without it."""

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection, errors

from db.queries import load

#: A day of a large market (domain notes: 40 000 weighings a day in one) per chunk; indexes of one day stay in memory.
CHUNK_INTERVAL = timedelta(days=1)

_SQL = load("timescale")


@dataclass(frozen=True, slots=True)
class Engine:
    """Which database this is. `timescale_license` is 'timescale' or 'apache'; None without the extension."""

    server_version: str
    timescale_version: str | None
    timescale_license: str | None

    def __str__(self) -> str:
        if self.timescale_version is None:
            return f"PostgreSQL {self.server_version}, without TimescaleDB"
        edition = "Timescale licence" if self.timescale_license == "timescale" else "Apache edition"
        return f"TimescaleDB {self.timescale_version} ({edition}) on PostgreSQL {self.server_version}"


def detect(conn: Connection) -> Engine:
    """Say which database this is."""
    version, timescale, licence = conn.execute(_SQL["detect_engine"]).fetchone() or ("?", None, None)
    return Engine(str(version), timescale, licence)


def apply(conn: Connection) -> Engine:
    """Create the extension and the hypertables where the server offers them; repeating it changes nothing.

    `conn` must be in autocommit: the extension has to be the first thing its session does.
    """
    if not conn.execute(_SQL["is_offered"]).fetchone():
        return detect(conn)
    try:
        conn.execute(_SQL["create_extension"])
    except errors.InsufficientPrivilege:
        # A managed server may offer the extension to its owner only: the product runs without it and says so.
        return detect(conn)
    conn.execute(_SQL["create_hypertable"], {"interval": CHUNK_INTERVAL})
    return detect(conn)
