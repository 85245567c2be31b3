"""Held messages read again after a fix: stored once, judged as of then, or refused with the reason of today."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import Connection, errors

from db import alerts, quarantine_pages, quarantine_steps
from domain.alert import AlertKind, AlertState
from domain.quarantine import HeldState, HeldStep, ReplayOutcome
from ingest.continuity_look import look
from ingest.replaying import Replayer
from tests.factories import MARKET, NOW, chained, delivery, message, over, place, publish_caps, put_market, weighing
from tests.replay_acts import LATER, POLICY, all_held, by_reason, everything, only_held, replay, take

#: Too old for the policy as it is shipped, and not for one that is more patient.
OLD = NOW - POLICY.acceptance.oldest - timedelta(days=1)


MORE_DAYS = replace(POLICY.acceptance, oldest_days=POLICY.acceptance.oldest_days + 9)


PATIENT = replace(POLICY, acceptance=MORE_DAYS)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def stored(conn: Connection, columns: str = "seq") -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT {columns} FROM weighings ORDER BY seq".encode()).fetchall()


def test_after_its_scale_is_registered_a_weighing_is_stored_as_of_when_it_arrived(market: Connection) -> None:
    take(market, delivery(message(over(1)), scale="S-3"))
    place(market, 3)
    publish_caps(market, cap_fen=90_000, effective_from=NOW + timedelta(hours=1))
    market.commit()
    held = only_held(market)
    replayed = replay(market, held.quarantine_id)
    assert (replayed.outcome, replayed.stored, replayed.alerts) == (ReplayOutcome.STORED, 1, 1)
    assert stored(market, "received_at, vendor_id, verdict, cap_fen, body") == [(NOW, "V-3", "over", 23000, over(1))]
    (alert,) = alerts.visible(market, MARKET, {AlertState.OPEN})
    assert (alert.kind, alert.vendor_id, alert.overcharge_fen) == (AlertKind.PRICE_OVER_CAP, "V-3", 200)
    ended = only_held(market)
    assert (ended.state, ended.outcome, ended.ended_by, ended.ended_at) == ("replayed", "stored", "hand", LATER)
    assert ended.payload == held.payload
    assert take(market, delivery(message(over(1)), scale="S-3")).redelivered == 1


def test_after_the_policy_changed_a_weighing_that_was_accounted_for_is_stored_and_no_gap_or_break(
    market: Connection,
) -> None:
    journal = chained([{}, {"weighed_at": OLD.isoformat(), "unit_price_fen": 11600}, {}])
    take(market, delivery(message(*journal)))
    look(market, timedelta(0), NOW)
    held = only_held(market)
    assert (held.reason, held.seq, stored(market)) == ("unbelievable_time", 2, [(1,), (3,)])
    assert replay(market, held.quarantine_id).outcome is ReplayOutcome.REFUSED
    assert replay(market, held.quarantine_id, PATIENT).outcome is ReplayOutcome.STORED
    assert stored(market) == [(1,), (2,), (3,)]
    # Judged as of then: no list was in force so long ago.
    assert stored(market, "seq, verdict")[1] == (2, "no_list")
    look(market, timedelta(0), LATER)
    assert market.execute("SELECT count(*) FROM journal_gaps").fetchone() == (0,)
    assert market.execute("SELECT count(*) FROM chain_breaks").fetchone() == (0,)
    assert take(market, delivery(message(*journal)), policy=PATIENT).redelivered == 3


def test_the_bounds_lie_around_the_original_arrival(market: Connection) -> None:
    """What was fresh when it came is not too old because somebody takes a year to mend the fault."""
    take(market, delivery(message(weighing(1)), scale="S-3"))
    place(market, 3)
    market.commit()
    in_two_years = NOW + 2 * POLICY.acceptance.oldest
    replayed = Replayer(POLICY).replay(market, only_held(market).quarantine_id, actor="hand", now=in_two_years)
    assert replayed.outcome is ReplayOutcome.STORED


def test_what_came_by_itself_meanwhile_is_a_redelivery(market: Connection) -> None:
    early = delivery(message(over(1)), scale="S-3")
    take(market, early)
    place(market, 3)
    market.commit()
    assert take(market, early).stored == 1
    assert replay(market, only_held(market).quarantine_id).outcome is ReplayOutcome.ARRIVED_MEANWHILE
    assert (len(stored(market)), only_held(market).outcome) == (1, "arrived_meanwhile")
    assert alerts.visible(market, MARKET, {AlertState.OPEN})[0].occurrences == 1


@pytest.mark.parametrize("round_", range(3))
def test_at_the_same_moment_as_the_weighing_itself_it_is_stored_once(
    market: Connection, database_url: str, round_: int
) -> None:
    early = delivery(message(*[over(seq) for seq in range(1, 9)]), scale="S-3")
    take(market, early)
    place(market, 3)
    market.commit()
    ids = [one.quarantine_id for one in all_held(market)]
    start = threading.Barrier(3)
    outcomes: list[ReplayOutcome] = []

    def replays() -> None:
        with psycopg.connect(database_url) as conn:
            start.wait(30)
            outcomes.extend(replay(conn, quarantine_id).outcome for quarantine_id in ids)

    def arrives() -> None:
        with psycopg.connect(database_url) as conn:
            start.wait(30)
            take(conn, early)

    threads = [threading.Thread(target=work) for work in (replays, replays, arrives)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 16
    assert outcomes.count(ReplayOutcome.ENDED_BEFORE) == 8
    assert stored(market) == [(seq,) for seq in range(1, 9)]
    assert alerts.visible(market, MARKET, {AlertState.OPEN})[0].occurrences == 8
    assert {one.state for one in all_held(market)} == {HeldState.REPLAYED}
    assert market.execute("SELECT count(*) FROM quarantine_events").fetchone() == (8,)


def test_refused_again_it_stays_held_with_the_reason_of_today_and_leaves_no_trace(market: Connection) -> None:
    take(market, delivery(message(weighing(1), weighing(2, net_g="x"))), delivery(message(over(1)), scale="S-9"))
    bad, unknown = by_reason(market)
    before = everything(market)
    for held in (bad, unknown):
        assert replay(market, held.quarantine_id).outcome is ReplayOutcome.REFUSED
    assert [(one.state, one.tries, one.tried_at, one.times_received) for one in all_held(market)] == [
        (HeldState.HELD, 1, LATER, 1)
    ] * 2
    assert everything(market)[:4] == before[:4]
    market.execute("UPDATE quarantine SET reason = 'our_bug', explanation = 'a fault' WHERE seq = 2")
    replayed = replay(market, bad.quarantine_id)
    assert (replayed.reason, "net_g is 'x'" in replayed.explanation) == ("bad_field", True)
    event = quarantine_pages.events_of(market, bad.quarantine_id)[-1]
    assert (event.step, event.actor, event.reason, event.was_reason, event.was_note) == (
        *(HeldStep.REFUSED_AGAIN, "hand", "bad_field", "our_bug", "a fault"),
    )


def test_a_conflict_is_never_stored_even_when_the_record_is_gone(market: Connection) -> None:
    take(market, delivery(message(weighing(1))), delivery(message(weighing(1, net_g=999))))
    held = only_held(market)
    assert replay(market, held.quarantine_id).outcome is ReplayOutcome.CONFLICT
    market.execute("DELETE FROM weighings")
    assert replay(market, held.quarantine_id).outcome is ReplayOutcome.CONFLICT
    assert (stored(market), only_held(market).state) == ([], HeldState.HELD)
    assert not quarantine_steps.request_replay(market, held.quarantine_id, "hand", NOW)
    with pytest.raises(errors.CheckViolation, match="quarantine_conflict_is_not_replayed"):
        quarantine_steps.end_replayed(market, held.quarantine_id, ReplayOutcome.STORED, "hand", NOW)


@pytest.mark.parametrize("first_replayed", [0, 1], ids=["the first", "the second"])
def test_of_two_contents_under_one_number_only_the_one_held_first_may_be_stored(
    market: Connection, first_replayed: int
) -> None:
    bodies = [weighing(1, weighed_at=(OLD + timedelta(hours=n)).isoformat()) for n in range(2)]
    for body in bodies:
        take(market, delivery(message(body)))
    ids = [one.quarantine_id for one in all_held(market)]
    outcomes = {n: replay(market, ids[n], PATIENT).outcome for n in (first_replayed, 1 - first_replayed)}
    assert outcomes == {0: ReplayOutcome.STORED, 1: ReplayOutcome.CONFLICT}
    assert stored(market, "body") == [(bodies[0],)]
    assert [one.reason for one in all_held(market)] == ["unbelievable_time", "conflict"]


def test_a_message_held_whole_is_taken_apart_when_it_can_be_read(
    market: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_: bytes) -> None:
        raise ZeroDivisionError

    whole = message(weighing(1), weighing(2, net_g="x"), over(3))
    with monkeypatch.context() as patched:
        patched.setattr("ingest.reading.decode_envelope", stumble)
        take(market, delivery(whole))
        assert replay(market, only_held(market).quarantine_id).outcome is ReplayOutcome.REFUSED
    held = only_held(market)
    assert (held.reason, held.tries) == ("our_bug", 1)
    replayed = replay(market, held.quarantine_id)
    assert (replayed.outcome, replayed.stored) == (ReplayOutcome.IN_PIECES, 2)
    assert [(one.reason, one.state, one.seq) for one in all_held(market)] == [
        ("our_bug", HeldState.REPLAYED, None),
        ("bad_field", HeldState.HELD, 2),
    ]
    assert stored(market) == [(1,), (3,)]


def test_whatever_our_code_or_the_database_says_it_stays_held_and_goes_on(
    market: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(market, delivery(message(over(1)), scale="S-3"))
    place(market, 3)
    market.execute("ALTER TABLE weighings ADD CONSTRAINT none_of_it CHECK (net_g < 1)")
    market.commit()
    quarantine_id = only_held(market).quarantine_id
    assert replay(market, quarantine_id).reason == "not_storable"
    market.execute("ALTER TABLE weighings DROP CONSTRAINT none_of_it")

    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("ingest.batch.judge_batch", stumble)
        assert replay(market, quarantine_id).reason == "our_bug"
    assert (only_held(market).tries, stored(market)) == (2, [])
    assert replay(market, quarantine_id).outcome is ReplayOutcome.STORED


@pytest.mark.parametrize("quoted", ["\0", "\ud800", "x" * 3_000], ids=["NUL", "half a pair", "long"])
def test_whatever_is_quoted_by_what_goes_wrong_the_reason_has_a_place(
    market: Connection, monkeypatch: pytest.MonkeyPatch, quoted: str
) -> None:
    def stumble(*_: object) -> None:
        raise ValueError(f"over {quoted}")

    take(market, delivery(message(over(1)), scale="S-3"))
    place(market, 3)
    monkeypatch.setattr("ingest.batch.judge_batch", stumble)
    assert replay(market, only_held(market).quarantine_id).outcome is ReplayOutcome.REFUSED
    held = only_held(market)
    assert (held.reason, held.tries, "ValueError: over " in held.explanation) == ("our_bug", 1, True)
    assert held.explanation.isprintable()
    assert len(held.explanation) <= 2_000
