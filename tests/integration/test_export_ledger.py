"""The delivery ledger against a model: whatever is killed, nothing is given twice, nothing is lost, order is kept.

Clerks and people are killed at any exchange with the database, receivers are busy, hang up or refuse, and time passes.
Receivers are real ones that do what docs/exports.md asks of them: they know a key again and repeat their answer to it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import count
from typing import Any, Final

import msgspec
import psycopg
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from psycopg import Connection

from db import export_deliveries, export_destinations, export_records
from db.export_deliveries import Delivery
from db.export_destinations import NewDestination
from domain.errors import IllegalTransition
from domain.export import BatchState, DeliveryState, ExportForm
from supervision.exports import destinations
from supervision.exports.delivering import DeliveringExports
from supervision.exports.filling import FillingLedgers
from supervision.notices.policy import Retry
from tests.export_acts import OPEN, by
from tests.mortal import killed_on_the_way
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, furnish
from tests.webhook_receiver import Received, Receiver, receiving

POLICY: Final = msgspec.structs.replace(
    OPEN,
    batch_records=2,
    timeout_s=20,
    disabled_after_s=3600,
    retry=Retry(attempts=2, first_retry_s=10, longest_retry_s=10),
)
PLACES: Final = ((HERE, VENDOR), (ELSEWHERE, HOSTILE_VENDOR))
#: Beyond the last exchange of anything that is done here: then nobody is killed.
EXCHANGES: Final = 60
DEATHS: Final = st.one_of(st.integers(0, 45), st.just(EXCHANGES))
#: Of what is done in fewer exchanges.
SOON: Final = st.one_of(st.integers(0, 20), st.just(EXCHANGES))
#: Not made smaller where it fails: that takes longer than a test may.
MANY: Final = settings(
    max_examples=25, stateful_step_count=50, phases=(Phase.reuse, Phase.generate), report_multiple_bugs=False
)
_examples = count(1)
_TOO_MANY: Final = 500

Version = tuple[str, int]


class Mood(StrEnum):
    """How a receiver takes what it does not know yet. `HANGS_UP`: it keeps it and does not say so."""

    TAKES = "takes"
    HANGS_UP = "hangs_up"
    BUSY = "busy"
    REFUSES_ONE = "refuses_one"
    REFUSES_ALL = "refuses_all"
    GONE = "gone"


@dataclass
class Department:
    """A receiver that keeps what it takes, knows keys again, and answers the same to the same."""

    mood: Mood = Mood.TAKES
    bodies: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: set[Version] = field(default_factory=set)
    #: Versions as they were taken, each with the key it came under.
    taken: list[tuple[Version, str]] = field(default_factory=list)

    def decide(self, request: Received) -> tuple[int, str] | None:
        """Answer a request; None: hang up."""
        key = request.headers["idempotency-key"]
        assert self.bodies.setdefault(key, request.body) == request.body
        if self.mood in (Mood.BUSY, Mood.GONE):
            return (503, "") if self.mood is Mood.BUSY else (410, "")
        if key not in self.answers:
            self.answers[key] = self._take(key, request.body)
        return None if self.mood is Mood.HANGS_UP else self.answers[key]

    def _take(self, key: str, body: bytes) -> tuple[int, str]:
        sent = [(one["record_id"], one["version"]) for one in json.loads(body)["records"]]
        refused = {Mood.REFUSES_ALL: sent, Mood.REFUSES_ONE: sent[:1]}.get(self.mood, [])
        self.refused |= set(refused)
        if self.mood is Mood.REFUSES_ALL:
            return 422, "not like this"
        self.taken += [(version, key) for version in sent if version not in refused]
        named = [{"record_id": record_id, "version": version, "reason": "no"} for record_id, version in refused]
        return 200, json.dumps({"refused": named})


@dataclass(frozen=True)
class Given:
    """A destination of the model: who it is, and which records it is to be given."""

    destination_id: int
    department: Department
    forms: frozenset[ExportForm]
    market_ids: tuple[str, ...]


class Ledgers(RuleBasedStateMachine):
    """Two destinations, of which one gets everything and one the credit records of a market."""

    def __init__(self, database_url: str, conn: Connection, receivers: Sequence[Receiver]) -> None:
        super().__init__()
        self.url, self.conn = database_url, conn
        self.now, self.example = datetime.now(UTC), next(_examples)
        #: Every record there is: its form, market, revision and which version of what it is.
        self.made: list[tuple[ExportForm, str, int, Version]] = []
        #: What was given up for each destination: its place in the order is gone, and a person may have it sent again.
        self.ended: defaultdict[int, set[Version]] = defaultdict(set)
        everything, here = frozenset(ExportForm), frozenset({ExportForm.CREDIT_RECORD})
        self.given = [self._register(receivers[0], everything, ()), self._register(receivers[1], here, (HERE,))]

    def _register(self, receiver: Receiver, forms: frozenset[ExportForm], market_ids: tuple[str, ...]) -> Given:
        department = Department()
        receiver.decide = department.decide
        name = f"{len(market_ids)} in {self.example}"
        new = NewDestination(name=name, url=receiver.url, forms=forms, market_ids=market_ids)
        made = destinations.register(self.conn, new, POLICY, by=by())
        row = self.conn.execute("SELECT coalesce(max(revision), 0) FROM export_records").fetchone()
        assert row is not None
        for form in forms:
            # What earlier examples made is nothing to these.
            export_deliveries.move_position(self.conn, made.destination_id, form, row[0])
        return Given(made.destination_id, department, forms, market_ids)

    @rule(
        form=st.sampled_from(ExportForm),
        place=st.sampled_from(PLACES),
        numbers=st.lists(st.integers(1, 2), min_size=1, max_size=4),
    )
    def make(self, form: ExportForm, place: tuple[Any, Any], numbers: list[int]) -> None:
        market_id, vendor_id = place
        for number in numbers:
            record_id = f"{self.example}/{form}/{market_id}/{number}"
            version = 1 + sum(one[3][0] == record_id for one in self.made)
            revision = export_records.append(
                self.conn,
                form,
                record_id,
                version,
                market_id=market_id,
                vendor_id=vendor_id,
                made_at=self.now,
                body={"vendor_kind": "", "licence_no": ""},
            )
            self.made.append((form, market_id, revision, (record_id, version)))

    @rule(left=DEATHS, is_heard=st.booleans())
    def fill(self, left: int, is_heard: bool) -> None:
        self._do(lambda conn: FillingLedgers(POLICY).run_once(conn, self.now), left, is_heard=is_heard)

    @rule(left=SOON, is_heard=st.booleans(), only_well=st.booleans())
    def send(self, left: int, is_heard: bool, only_well: bool) -> None:
        oldest = [self._oldest_waiting(one) for one in self.given]
        known = [set(one.department.bodies) for one in self.given]
        courier = DeliveringExports(POLICY, only_well=only_well, clock=lambda: self.now, chance=lambda: 0.5)
        self._do(lambda conn: courier.run_once(conn, self.now), left, is_heard=is_heard)
        for one, key, before in zip(self.given, oldest, known, strict=True):
            assert set(one.department.bodies) - before <= {key}

    @rule(rounds=st.integers(1, 3))
    def go_on(self, rounds: int) -> None:
        for _ in range(rounds):
            self.now += POLICY.lease
            self.fill(EXCHANGES, is_heard=False)
            self.send(EXCHANGES, is_heard=False, only_well=False)

    @rule(which=st.integers(0, 1), mood=st.sampled_from(Mood))
    def change_mood(self, which: int, mood: Mood) -> None:
        self.given[which].department.mood = mood

    @rule(seconds=st.sampled_from([15, 4000]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(which=st.integers(0, 1), on=st.booleans(), left=SOON, is_heard=st.booleans())
    def switch(self, which: int, on: bool, left: int, is_heard: bool) -> None:
        destination_id, who = self.given[which].destination_id, replace(by(), at=self.now)
        if on:
            self._do(lambda conn: destinations.switch_on(conn, destination_id, by=who), left, is_heard=is_heard)
        else:
            self._do(lambda conn: destinations.switch_off(conn, destination_id, "off", by=who), left, is_heard=is_heard)

    @rule(which=st.integers(0, 1), line=st.integers(0, 5), left=SOON, is_heard=st.booleans())
    def send_again(self, which: int, line: int, left: int, is_heard: bool) -> None:
        failed = [one for one in self._ledger(self.given[which]) if one.state in _FAILED]
        if failed:
            batch_id, who = failed[line % len(failed)].batch_id, replace(by(), at=self.now)
            self._do(lambda conn: destinations.send_again(conn, batch_id, "again", by=who), left, is_heard=is_heard)

    @invariant()
    def what_is_in_the_ledger_is_what_was_made_up_to_a_place_each_once(self) -> None:
        for one in self.given:
            lines = self._ledger(one)
            assert len({line.revision for line in lines}) == len(lines)
            for form in one.forms:
                place = export_deliveries.position(self.conn, one.destination_id, form)
                meant = {made[2] for made in self._meant_for(one) if made[0] is form and made[2] <= place}
                assert {line.revision for line in lines if line.form is form} == meant

    @invariant()
    def nothing_is_taken_twice_and_what_is_accepted_was_taken(self) -> None:
        for one in self.given:
            taken = [version for version, _ in one.department.taken]
            assert len(set(taken)) == len(taken)
            for line in self._ledger(one):
                if line.state is DeliveryState.ACCEPTED:
                    assert (line.record_id, line.version) in taken
                if line.state is DeliveryState.REFUSED:
                    assert (line.record_id, line.version) not in taken

    @invariant()
    def no_version_is_taken_before_the_one_it_follows(self) -> None:
        for one in self.given:
            meant, seen = {made[3] for made in self._meant_for(one)}, set[Version]()
            given_up = [line for line in self._ledger(one) if line.state is DeliveryState.GIVEN_UP]
            self.ended[one.destination_id] |= {(line.record_id, line.version) for line in given_up}
            for version, _ in one.department.taken:
                seen.add(version)
                earlier = {(version[0], number) for number in range(1, version[1])} & meant
                assert earlier <= seen | self.ended[one.destination_id] | one.department.refused

    def teardown(self) -> None:
        try:
            self._let_it_run_dry()
        finally:
            for one in self.given:
                export_destinations.switch(self.conn, one.destination_id, off_at=self.now, because="over")

    def _let_it_run_dry(self) -> None:
        """Once everybody is well and nobody is killed, each version that was made has its end, and none waits."""
        for one in self.given:
            one.department.mood = Mood.TAKES
            switching_on = partial(destinations.switch_on, destination_id=one.destination_id, by=by())
            self._do(switching_on, EXCHANGES, is_heard=False)
        for _ in range(_TOO_MANY):
            self.now += POLICY.lease
            more = FillingLedgers(POLICY).run_once(self.conn, self.now)
            courier = DeliveringExports(POLICY, clock=lambda: self.now, chance=lambda: 0.5)
            if courier.run_once(self.conn, self.now) is None and more is None:
                break
        self.what_is_in_the_ledger_is_what_was_made_up_to_a_place_each_once()
        self.nothing_is_taken_twice_and_what_is_accepted_was_taken()
        self.no_version_is_taken_before_the_one_it_follows()
        for one in self.given:
            lines = self._ledger(one)
            assert {line.revision for line in lines} == {made[2] for made in self._meant_for(one)}
            assert {line.state for line in lines} <= {DeliveryState.ACCEPTED, *_FAILED}
            ended = {(line.record_id, line.version): line.state for line in lines}
            for version, _ in one.department.taken:
                # A receiver that hung up until it was given up has it all the same: so a person may ask again.
                assert ended[version] in (DeliveryState.ACCEPTED, DeliveryState.GIVEN_UP)

    def _do(self, act: Callable[[Connection], object], left: int, *, is_heard: bool) -> None:
        def refused_or_done(conn: Connection) -> None:
            try:
                act(conn)
            except IllegalTransition:
                return  # it is so already, or was meanwhile

        if left == EXCHANGES:
            refused_or_done(self.conn)
        else:
            killed_on_the_way(self.url, self.conn, refused_or_done, left, is_heard=is_heard)

    def _meant_for(self, one: Given) -> list[tuple[ExportForm, str, int, Version]]:
        return [
            made for made in self.made if made[0] in one.forms and (not one.market_ids or made[1] in one.market_ids)
        ]

    def _ledger(self, one: Given) -> list[Delivery]:
        found = export_deliveries.ledger(
            self.conn, destination_id=one.destination_id, state=None, before=2**62, limit=_TOO_MANY
        )
        assert len(found) < _TOO_MANY
        return found

    def _oldest_waiting(self, one: Given) -> str | None:
        waiting = {line.batch_id for line in self._ledger(one) if line.state is DeliveryState.WAITING}
        if not waiting:
            return None
        batch = export_deliveries.batch(self.conn, min(waiting))
        assert batch is not None
        assert batch.state is BatchState.WAITING
        return batch.idempotency_key


_FAILED: Final = (DeliveryState.REFUSED, DeliveryState.GIVEN_UP)


def test_nothing_is_given_twice_lost_or_out_of_order_whatever_is_killed_wherever(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn, receiving() as one, receiving() as other:
        furnish(conn)

        class OnThisDatabase(Ledgers):
            def __init__(self) -> None:
                super().__init__(database_url, conn, (one, other))

        run_state_machine_as_test(OnThisDatabase, settings=MANY)
