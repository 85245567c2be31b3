"""TimescaleDB where it is there: hypertables on every edition. Plain PostgreSQL is enough without it."""

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection, errors

from db.queries import load

#: Chosen by measurement (docs/timescale.md).
CHUNK_INTERVAL = timedelta(days=7)

_SQL = load("timescale")


@dataclass(frozen=True, slots=True)
class Engine:
    """Which database this is. `timescale_license` is 'timescale' or 'apache'; None without the extension."""

    server_version: str
    timescale_version: str | None
    timescale_license: str | None

    @property
    def has_licence(self) -> bool:
        """Whether compression and jobs may be used: the Timescale licence, which the Apache edition is not under."""
        return self.timescale_version is not None and self.timescale_license == "timescale"

    def __str__(self) -> str:
        if self.timescale_version is None:
            return f"PostgreSQL {self.server_version}, without TimescaleDB"
        edition = "Timescale licence" if self.has_licence else "Apache edition"
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
    conn.execute(_SQL["set_chunk_interval"], {"interval": CHUNK_INTERVAL})
    conn.execute(_SQL["use_time_bucket"])
    return detect(conn)


def apply_licensed(conn: Connection, compress_after: timedelta | None) -> None:
    """Have TimescaleDB compress old chunks (None: none) and let old weighings go, as jobs of its own.

    Only for an `Engine` that has the licence. Repeating it changes nothing. `conn` must be in autocommit.
    """
    if not _first(conn, "is_compression_on"):
        conn.execute(_SQL["turn_compression_on"])
    conn.execute(_SQL["lift_decompression_limit"])
    if _first(conn, "compression_job") != compress_after:
        conn.execute(_SQL["drop_compression_job"])
        if compress_after is not None:
            conn.execute(_SQL["add_compression_job"], {"after": compress_after})
    if not _first(conn, "has_keeping_job"):
        conn.execute(_SQL["add_keeping_job"])


def _first(conn: Connection, statement: str) -> object:
    row = conn.execute(_SQL[statement]).fetchone()
    return row[0] if row else None
