"""A duty: batches are sent, sent again with the same key until they are answered, and given up in the end, visibly.

An attempt is committed before it is made. Whoever dies in between leaves an attempt without an answer, and after the
lease the same bytes are sent under the same key: the receiver knows them again.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from psycopg import Connection

from db import export_deliveries
from db.export_deliveries import Batch, Secrets
from domain.export import BatchState, DeliveryState
from domain.notice import LetterState
from supervision.exports.answers import judge
from supervision.exports.policy import ExportsPolicy
from supervision.notices.addresses import parse_target
from supervision.notices.http_post import HttpPost
from supervision.notices.retrying import Outcome, after, one_line
from supervision.notices.signing import headers_of, keys_of

_AGENT: Final = "steelyard-export/1"
_KEPT: Final = 500
#: An answer that names every record of the largest batch, with its reason.
_READ_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DeliveringExports:
    """One courier of several, each a duty of its own: a slow receiver holds up one of them, and no other receiver.

    A destination is sent to by one courier at a time, since only its oldest batch is.
    """

    policy: ExportsPolicy
    number: int = 1
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = field(default=random.random)

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return f"delivering_exports_{self.number}"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Send the batch that waited longest of those that are due; return when to come back."""
        claimed = export_deliveries.claim(conn, now=now, lease=self.policy.lease, limit=1)
        for batch in claimed:
            known = export_deliveries.secrets_of(conn, batch.destination_id)
            self._settle(conn, batch, self._post(batch, known))
        return now if claimed else export_deliveries.next_due(conn)

    def _post(self, batch: Batch, known: Secrets) -> Outcome:
        now = self.clock()
        headers = {
            "Content-Type": batch.media_type,
            "User-Agent": _AGENT,
            "Idempotency-Key": batch.idempotency_key,
            **headers_of(batch.idempotency_key, now, batch.body, keys_of(known, now)),
        }
        post = HttpPost(self.policy.timeout_s, self.policy.allow_private, read_bytes=_READ_BYTES)
        return post.send(parse_target(known.url), batch.body, headers)

    def _settle(self, conn: Connection, batch: Batch, outcome: Outcome) -> None:
        now = self.clock()
        lines = {(one.record_id, one.version): one for one in export_deliveries.of_batch(conn, batch.batch_id)}
        judged = judge(outcome, lines)
        tries = batch.attempts - batch.attempts_before
        became = after(Outcome(status=outcome.status, error=judged.error), tries, self.policy.retry, now, self.chance())
        state = _STATES[became.state]
        with conn.transaction():
            export_deliveries.add_answer(
                conn,
                batch.batch_id,
                batch.attempts,
                status=outcome.status,
                said=one_line(outcome.said[:_KEPT]),
                error=judged.error or (outcome.error if judged.is_refused_whole else ""),
                now=now,
            )
            if not export_deliveries.settle(
                conn, batch.batch_id, batch.attempts, state, next_attempt_at=became.at, now=now
            ):
                return
            if state is BatchState.GIVEN_UP:
                export_deliveries.settle_all(conn, batch.batch_id, DeliveryState.GIVEN_UP, judged.error, now)
            elif state is BatchState.ANSWERED:
                answered = [(one, *judged.state_of(key)) for key, one in lines.items()]
                export_deliveries.settle_records(conn, answered, now)


_STATES: Final = {
    LetterState.DELIVERED: BatchState.ANSWERED,
    LetterState.WAITING: BatchState.WAITING,
    LetterState.GIVEN_UP: BatchState.GIVEN_UP,
}
