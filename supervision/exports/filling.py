"""A duty: records that were made go into the ledger of everybody who is to get them."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import export_destinations
from supervision.exports.batching import fill
from supervision.exports.policy import ExportsPolicy


@dataclass(frozen=True, slots=True)
class FillingLedgers:
    """See the module. It sends nothing, so no receiver, however slow, keeps it from its work."""

    policy: ExportsPolicy

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return "filling_export_ledgers"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Put a batch of what is new into each ledger; return `now` where there may be more.

        One round only: a clerk that is told to stop stops, and its metrics see a long queue being worked off.
        """
        filled = [
            fill(conn, destination, form, limit=self.policy.batch_records, now=now)
            for destination in export_destinations.destinations(conn)
            if destination.url and destination.disabled_at is None
            for form in sorted(destination.forms)
        ]
        return None if all(one is None for one in filled) else now
