"""What is asked for is read again by a worker's watcher, and held messages are listed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from db import quarantine_counts, quarantine_pages, quarantine_steps
from db.quarantine_pages import Where
from domain.errors import NotFound
from domain.ids import MarketId, ScaleId
from domain.quarantine import HeldState, HeldStep, ReplayOutcome
from ingest.replay_watcher import ReplayWatcher
from tests.factories import MARKET, NOW, delivery, message, over, place, put_market, weighing
from tests.replay_acts import LATER, POLICY, by_reason, everything, only_held, replay, take
from tests.waiting import wait_until


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_twice_is_once(market: Connection) -> None:
    take(market, delivery(message(over(1)), scale="S-3"))
    place(market, 3)
    market.commit()
    quarantine_id = only_held(market).quarantine_id
    replay(market, quarantine_id)
    before = everything(market)
    assert replay(market, quarantine_id).outcome is ReplayOutcome.ENDED_BEFORE
    assert everything(market) == before


def test_a_trial_says_what_would_be_and_changes_nothing(market: Connection) -> None:
    take(market, delivery(message(over(1)), scale="S-3"), delivery(message(weighing(1, net_g="x"))))
    place(market, 3)
    market.commit()
    before = everything(market)
    ids = [one.quarantine_id for one in by_reason(market)]
    outcomes = [replay(market, quarantine_id, is_trial=True).outcome for quarantine_id in ids]
    assert outcomes == [ReplayOutcome.REFUSED, ReplayOutcome.STORED]
    assert everything(market) == before


def test_what_a_person_settled_is_not_read_again_and_stays_with_its_words(market: Connection) -> None:
    take(market, delivery(message(over(1)), scale="S-3"))
    place(market, 3)
    held = only_held(market)
    assert quarantine_steps.settle(market, held.quarantine_id, "a scale on trial", "hand", NOW)
    assert not quarantine_steps.settle(market, held.quarantine_id, "again", "hand", NOW)
    assert replay(market, held.quarantine_id).outcome is ReplayOutcome.ENDED_BEFORE
    assert (only_held(market).state, only_held(market).payload) == (HeldState.SETTLED, over(1))
    assert [(one.step, one.note) for one in quarantine_pages.events_of(market, held.quarantine_id)] == [
        (HeldStep.SETTLED, "a scale on trial")
    ]
    for change in (b"UPDATE quarantine_events SET note = ''", b"DELETE FROM quarantine_events"):
        with pytest.raises(errors.RestrictViolation):
            market.execute(change)
        market.rollback()


def test_who_is_not_there_is_not_found(market: Connection) -> None:
    with pytest.raises(NotFound, match="there is no held message 7"):
        replay(market, 7)


@pytest.fixture
def watcher(database_url: str) -> Iterator[list[ReplayOutcome]]:
    told: list[ReplayOutcome] = []
    running = ReplayWatcher(database_url, POLICY, lambda: LATER, told.append, look_every_s=0.05)
    running.start()
    yield told
    running.stop()
    assert not running.is_alive()


def test_what_is_asked_for_is_read_again_in_the_name_of_who_asked(
    market: Connection, watcher: list[ReplayOutcome]
) -> None:
    take(market, delivery(message(over(1)), scale="S-3"), delivery(message(weighing(1, net_g="x"))))
    place(market, 3)
    market.commit()
    for held in by_reason(market):
        assert quarantine_steps.request_replay(market, held.quarantine_id, "ayu", NOW)
        assert not quarantine_steps.request_replay(market, held.quarantine_id, "somebody", NOW)
    market.commit()
    wait_until(lambda: len(watcher) == 2, what="both are read again")
    assert set(watcher) == {ReplayOutcome.STORED, ReplayOutcome.REFUSED}
    bad, good = by_reason(market)
    assert (good.state, good.ended_by, bad.state, bad.tries) == (HeldState.REPLAYED, "ayu", HeldState.HELD, 1)
    assert (good.replay_requested_at, bad.replay_requested_by) == (None, None)
    steps = [one.step for one in quarantine_pages.events_of(market, good.quarantine_id)]
    assert steps == [HeldStep.REPLAY_REQUESTED, HeldStep.REPLAYED]


def test_messages_are_listed_and_counted_by_reason_market_scale_and_state(market: Connection) -> None:
    put_market(market, market_id=MarketId("sanya-2"), scales=1, with_caps=False)
    for n in range(1, 4):
        take(market, delivery(message(weighing(n, net_g="x")), at=NOW + timedelta(hours=n)))
    take(market, delivery(b"?"), delivery(b"?", market="sanya-2"), delivery(b"?", on="elsewhere"))
    newest, *rest = quarantine_pages.listed(market, Where(), {HeldState.HELD})
    assert (newest.topic, newest.market_id, len(rest)) == ("elsewhere", None, 5)
    quarantine_steps.settle(market, newest.quarantine_id, "noise", "hand", NOW)

    def ids(**asked: Any) -> list[int]:
        where = Where(**{name: asked.pop(name) for name in Where.__slots__ if name in asked})
        states = asked.pop("states", {HeldState.HELD})
        return [one.quarantine_id for one in quarantine_pages.listed(market, where, states, **asked)]

    first = rest[-1].quarantine_id
    assert ids() == [one.quarantine_id for one in rest]
    assert ids(reason="bad_field") == [first + 2, first + 1, first]
    assert ids(reason="bad_field", before=first + 2, limit=1) == [first + 1]
    assert ids(since=NOW + timedelta(hours=2), reason="bad_field") == [first + 2, first + 1]
    assert ids(until=NOW + timedelta(hours=2), reason="bad_field") == [first]
    assert ids(since=NOW + timedelta(hours=2), until=NOW + timedelta(hours=3)) == [first + 1]
    assert ids(since=NOW + timedelta(days=9)) == []
    assert len(ids(market_id=MARKET)) == 4
    assert len(ids(market_id=MARKET, reason="not_json")) == 1
    assert len(ids(scale_id=ScaleId("S-1"))) == 5
    assert len(ids(scale_id=ScaleId("S-1"), market_id=MarketId("sanya-2"))) == 1
    assert ids(states={HeldState.SETTLED}) == [newest.quarantine_id]
    counts = quarantine_pages.counts_up_to(market, Where(until=LATER), 2)
    assert counts == {
        (HeldState.HELD, "bad_field"): 2,
        (HeldState.HELD, "not_json"): 2,
        (HeldState.SETTLED, "bad_topic"): 1,
    }
    two_hours = Where(market_id=MARKET, until=NOW + timedelta(hours=3))
    assert quarantine_pages.counts_up_to(market, two_hours, 9)[HeldState.HELD, "bad_field"] == 2
    assert quarantine_pages.counts_up_to(market, Where(scale_id=ScaleId("S-2")), 9) == {}
    assert quarantine_counts.counts(market, Where())[HeldState.HELD, "not_json"] == 2
    [most, *_] = quarantine_counts.tally(market, None)
    assert (most.reason, most.scale_id, most.messages, most.first_at, most.last_at) == (
        *("bad_field", "S-1", 3, NOW + timedelta(hours=1), NOW + timedelta(hours=3)),
    )
    assert list(quarantine_steps.replayable(market, Where(reason="bad_field"))) == [first, first + 1, first + 2]
