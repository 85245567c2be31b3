"""Records are put into ledgers and sent by hand, at moments that a test chooses."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection

from supervision.exports.delivering import DeliveringExports
from supervision.exports.filling import FillingLedgers
from supervision.exports.policy import ExportsPolicy


@dataclass(frozen=True)
class Exporting:
    """What a clerk does with records that were made, by one courier."""

    policy: ExportsPolicy
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random
    courier: type[DeliveringExports] = DeliveringExports

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Put what is new into the ledgers and send one batch; return when to come back."""
        more = FillingLedgers(self.policy).run_once(conn, now)
        sent = self.courier(self.policy, clock=self.clock, chance=self.chance).run_once(conn, now)
        return more or sent
