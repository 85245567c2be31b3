"""The limit, as the design defines it: binary COPY into a staging table plus INSERT … ON CONFLICT DO NOTHING RETURNING
into the same hypertable on the same server, with rows that ingest stored and nothing else to do.
"""

import time
from dataclasses import dataclass
from typing import Final

from db import bench
from db.pool import connect

#: As many rows in a transaction as ingest puts into its largest; smaller ones would lower the limit.
ROWS_IN_A_BATCH: Final = 10_000


@dataclass(slots=True)
class Limit:
    """Best of a few rounds: what disturbs a round is not the server's limit."""

    rounds: int = 3
    rows_per_s: float = 0.0

    def measure(self, database_url: str) -> None:
        """Take what is stored there out, and store it anew, `rounds` times."""
        with connect(database_url) as conn:
            conn.autocommit = True
            pieces = bench.copied_out(conn, ROWS_IN_A_BATCH)
            for _ in range(self.rounds):
                bench.truncate(conn)
                started = time.monotonic()
                stored = bench.store_pieces(conn, pieces)
                self.rows_per_s = max(self.rows_per_s, stored / (time.monotonic() - started))
