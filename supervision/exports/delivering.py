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

from db import export_deliveries, export_destinations, export_trials
from db.export_deliveries import Batch
from db.export_trials import Trial
from domain.export import BatchState, DeliveryState, DestinationAction
from domain.notice import LetterState, NewHappening, NoticeKind
from supervision.alerts.handling import SYSTEM
from supervision.exports.answers import judge
from supervision.exports.batching import JSON
from supervision.exports.destinations import By, note
from supervision.exports.policy import ExportsPolicy
from supervision.exports.sending import Sending, trial_body
from supervision.notices.failing import why_switched_off
from supervision.notices.retrying import Outcome, after, one_line
from supervision.notices.telling import tell

_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class DeliveringExports:
    """One courier of several, each a duty of its own: a slow receiver holds up one of them, and no other receiver.

    A destination is sent to by one courier at a time, since only its oldest batch is. `only_well`: this one sends
    no trials, and nothing to who did not answer the last time: however many are dead, the others are sent to.
    """

    policy: ExportsPolicy
    number: int = 1
    only_well: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = field(default=random.random)

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        return f"delivering_exports_{self.number}"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Send a trial message, or the batch that waited longest of those that are due; return when to come back."""
        trial = None if self.only_well else export_trials.take(conn, now)
        if trial is not None:
            self._try_out(conn, trial)
            return now
        claimed = export_deliveries.claim(conn, now=now, lease=self.policy.lease, limit=1, only_well=self.only_well)
        for batch in claimed:
            self._settle(conn, batch, self._post(conn, batch))
        return now if claimed else export_deliveries.next_due(conn, only_well=self.only_well)

    def _try_out(self, conn: Connection, trial: Trial) -> None:
        known, key = export_destinations.secrets_of(conn, trial.destination_id), trial.idempotency_key
        outcome = Sending(self.policy, self.clock).post(known, key, trial_body(key), JSON)
        said, error = one_line(outcome.said[:_KEPT]), outcome.error or judge(outcome, ()).error
        export_trials.answer(conn, trial.trial_id, status=outcome.status, said=said, error=error, now=self.clock())

    def _post(self, conn: Connection, batch: Batch) -> Outcome:
        known = export_destinations.secrets_of(conn, batch.destination_id)
        return Sending(self.policy, self.clock).post(known, batch.idempotency_key, batch.body, batch.media_type)

    def _settle(self, conn: Connection, batch: Batch, outcome: Outcome) -> None:
        now = self.clock()
        lines = {(one.record_id, one.version): one for one in export_deliveries.of_batch(conn, batch.batch_id)}
        judged = judge(outcome, lines)
        tries = batch.attempts - batch.attempts_before
        became = after(Outcome(status=outcome.status, error=judged.error), tries, self.policy.retry, now, self.chance())
        state = _STATES[became.state]
        with conn.transaction():
            # As whoever switches it on: its destination first, then its batches.
            export_destinations.lock_destination(conn, batch.destination_id)
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
            self._draw_what_follows(conn, batch.destination_id, outcome, judged.error, now)

    def _draw_what_follows(
        self, conn: Connection, destination_id: int, outcome: Outcome, error: str, now: datetime
    ) -> None:
        """Keep in mind since when a destination takes nothing, and switch it off when that is too long."""
        if not error:
            export_destinations.went_well(conn, destination_id)
            return
        since = export_destinations.went_wrong(conn, destination_id, now)
        because = why_switched_off(outcome, error, since, now, self.policy.disabled_after)
        if because and export_destinations.switch(conn, destination_id, off_at=now, because=because):
            note(conn, destination_id, DestinationAction.DISABLED, By(username=SYSTEM, origin="", at=now), because)
            tell(
                conn,
                NewHappening(
                    kind=NoticeKind.DESTINATION_DISABLED,
                    market_id=None,
                    alert_id=None,
                    at=now,
                    note=f"destination={destination_id}",
                ),
            )


_STATES: Final = {
    LetterState.DELIVERED: BatchState.ANSWERED,
    LetterState.WAITING: BatchState.WAITING,
    LetterState.GIVEN_UP: BatchState.GIVEN_UP,
}
