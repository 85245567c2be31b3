"""A duty: batches are sent, sent again with the same key until they are answered, and given up in the end, visibly.

An attempt is committed before it is made. Whoever dies in between leaves an attempt without an answer, and after the
lease the same bytes are sent under the same key: the receiver knows them again.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog
from psycopg import Connection

from db import export_deliveries
from db.export_deliveries import Batch, Secrets
from domain.export import BatchState, DeliveryState
from domain.notice import LetterState
from supervision.exports.answers import judge
from supervision.exports.batching import fill
from supervision.exports.policy import ExportsPolicy
from supervision.notices.addresses import parse_target
from supervision.notices.http_post import HttpPost
from supervision.notices.retrying import Outcome, after, one_line
from supervision.notices.signing import headers_of, keys_of

_AGENT: Final = "steelyard-export/1"
_AT_ONCE: Final = 4
_KEPT: Final = 500
#: An answer that names every record of the largest batch, with its reason.
_READ_BYTES: Final = 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DeliveringExports:
    """See the module."""

    policy: ExportsPolicy
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = field(default=random.random)

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return "delivering_exports"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Put a batch of what is new into each ledger and send some of what is due; return when to come back.

        One round only: a clerk that is told to stop stops, and its metrics see a long queue being worked off.
        """
        filled = [
            fill(conn, destination, form, limit=self.policy.batch_records, now=now)
            for destination in export_deliveries.destinations(conn)
            if destination.url and destination.disabled_at is None
            for form in sorted(destination.forms)
        ]
        claimed = export_deliveries.claim(conn, now=now, lease=self.policy.lease, limit=_AT_ONCE)
        if claimed:
            self._send(conn, claimed)
        return export_deliveries.next_due(conn) if all(one is None for one in filled) else now

    def _send(self, conn: Connection, claimed: list[Batch]) -> None:
        with ThreadPoolExecutor(len(claimed), thread_name_prefix=self.name) as pool:
            under_way = {}
            for batch in claimed:
                known = export_deliveries.secrets_of(conn, batch.destination_id)
                under_way[pool.submit(self._post, batch, known)] = batch
            failed: list[Exception] = []
            for done in as_completed(under_way):
                # What cannot be written down of one receiver keeps no other's answer from being.
                try:
                    self._settle(conn, under_way[done], done.result())
                except Exception as error:
                    log.exception("answer not noted, its batch is sent again", batch=under_way[done].batch_id)
                    failed.append(error)
        if failed:
            raise failed[0]

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
