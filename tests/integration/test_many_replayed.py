"""Everything that is held for some reason, asked for at once: marked in slices, each with its own trail, counted."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from db import quarantine, quarantine_pages, quarantine_replays, quarantine_steps
from db.quarantine import HeldMessage
from db.quarantine_pages import Where
from db.quarantine_replays import ManyReplayed
from domain.ids import MarketId, ScaleId
from domain.quarantine import CONFLICT, HeldState, HeldStep, ReplayOutcome
from ingest.batch import Taken, take_batch, take_read
from ingest.reading import Read
from ingest.replay_watcher import ReplayWatcher
from ingest.replaying import Replayer
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, delivery, message, place, put_market, topic, weighing
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")
LATER = NOW + timedelta(days=3)
OTHER = MarketId("sanya-2")
LATE = ScaleId("S-3")  # registered by put_market for none


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    put_market(conn, market_id=OTHER, scales=1, with_caps=False)
    conn.commit()
    return conn


def hold(conn: Connection, n: int, **fields: object) -> int:
    """A message that is refused whenever it is read."""
    values = {"reason": "not_json", "market_id": MARKET, "scale_id": "S-1", "received_at": NOW} | fields
    held = HeldMessage(topic=topic(), payload=b"no json %d" % n, explanation="e", **values)  # type: ignore[arg-type]
    quarantine.hold(conn, held)
    row = conn.execute("SELECT quarantine_id FROM quarantine WHERE identity = %s", [held.identity]).fetchone()
    conn.commit()
    return int(row[0]) if row else 0


def hold_of_unknown_scale(conn: Connection, seqs: Sequence[int], *, batch: int = 500) -> None:
    """Weighings, each in a message of its own, of a scale that nobody registered."""
    for start in range(0, len(seqs), batch):
        sent = [delivery(message(weighing(seq)), scale=LATE) for seq in seqs[start : start + batch]]
        take_batch(conn, sent, books=BookKeeper(), policy=POLICY, now=NOW)
        conn.commit()


def ask(conn: Connection, where: Where, actor: str = "ayu") -> int:
    up_to = quarantine_replays.newest(conn)
    expected = sum(quarantine_replays.meant(conn, where, up_to).values())
    replay_id = quarantine_replays.ask(conn, where, up_to=up_to, expected=expected, actor=actor, now=NOW)
    conn.commit()
    return replay_id


def far(conn: Connection, replay_id: int) -> ManyReplayed:
    found = quarantine_replays.one(conn, replay_id)
    conn.commit()
    assert found is not None
    return found


def marked(conn: Connection) -> list[int]:
    return [quarantine_id for quarantine_id, _ in quarantine_steps.requested(conn)]


@pytest.fixture
def watcher(database_url: str) -> Iterator[list[ReplayOutcome]]:
    """A worker's watcher at work; what it told, in order."""
    told: list[ReplayOutcome] = []
    watching = ReplayWatcher(database_url, POLICY, lambda: LATER, told.append, look_every_s=0.05)
    watching.start()
    yield told
    watching.stop()


def test_what_is_meant_is_what_the_filter_shows_up_to_what_was_looked_at(market: Connection) -> None:
    hour = timedelta(hours=1)
    first = hold(market, 1)
    second = hold(market, 2, reason="bad_field", received_at=NOW + hour)
    third = hold(market, 3, market_id=OTHER, received_at=NOW + 2 * hour)
    nobodys = hold(market, 4, market_id=None, scale_id=None, reason="bad_topic", received_at=NOW + 3 * hour)
    hold(market, 5, reason=CONFLICT)
    quarantine_steps.settle(market, hold(market, 6), "noise", "a", NOW)
    end = quarantine_replays.newest(market)
    hold(market, 7)
    cases = [
        (Where(), {"not_json": 2, "bad_field": 1, "bad_topic": 1}, [first, second, third, nobodys]),
        (Where(reason="not_json"), {"not_json": 2}, [first, third]),
        (Where(market_id=MARKET), {"not_json": 1, "bad_field": 1}, [first, second]),
        (Where(scale_id=ScaleId("S-1")), {"not_json": 2, "bad_field": 1}, [first, second, third]),
        (Where(scale_id=ScaleId("S-1"), market_id=OTHER), {"not_json": 1}, [third]),
        (Where(since=NOW + hour), {"not_json": 1, "bad_field": 1, "bad_topic": 1}, [second, third, nobodys]),
        (Where(since=NOW + hour, until=NOW + 2 * hour), {"bad_field": 1}, [second]),
        (Where(until=NOW + 2 * hour, reason="not_json"), {"not_json": 1}, [first]),
        (Where(reason=CONFLICT), {}, []),
    ]
    for where, meant, ids in cases:
        assert quarantine_replays.meant(market, where, end) == meant, where
        if not meant:
            continue
        with market.transaction(force_rollback=True):
            replay_id = quarantine_replays.ask(
                market, where, up_to=end, expected=sum(meant.values()), actor="ayu", now=NOW
            )
            quarantine_replays.mark_slice(market, replay_id, LATER)
            assert marked(market) == ids, where


def test_each_is_asked_for_as_if_it_was_by_itself_and_none_twice(market: Connection) -> None:
    ids = [hold(market, n) for n in range(7)]
    by_herself = ids[3]
    quarantine_steps.request_replay(market, by_herself, "lin", NOW)
    replay_id = ask(market, Where())
    assert ask(market, Where(), actor="somebody") == replay_id
    for reached in (3, 5, 6):
        quarantine_replays.mark_slice(market, replay_id, LATER, limit=3)
        assert far(market, replay_id).marked == reached
    assert sorted(marked(market)) == ids
    done = far(market, replay_id)
    assert (done.all_marked_at, done.expected, done.marked, done.waiting, done.left_out) == (LATER, 7, 6, 6, 1)
    for quarantine_id in ids:
        held = quarantine_pages.one(market, quarantine_id)
        assert held is not None
        who = "lin" if quarantine_id == by_herself else "ayu"
        assert held.replay_requested_by == who
        steps = quarantine_pages.events_of(market, quarantine_id)
        assert [(one.step, one.actor) for one in steps] == [(HeldStep.REPLAY_REQUESTED, who)]
    quarantine_replays.mark_slice(market, replay_id, LATER)
    assert far(market, replay_id) == done


def test_a_slice_looks_at_no_more_numbers_than_it_may_however_rare_they_are(market: Connection) -> None:
    hold(market, 1)
    market.execute("SELECT setval(pg_get_serial_sequence('quarantine', 'quarantine_id'), 1000)")
    hold(market, 2)
    replay_id = ask(market, Where())
    slices = 0
    while not far(market, replay_id).all_marked_at:
        quarantine_replays.mark_slice(market, replay_id, LATER, span=300)
        slices += 1
    assert (slices, far(market, replay_id).marked) == (4, 2)


def test_what_a_person_or_another_does_meanwhile_is_counted_as_what_it_was(market: Connection) -> None:
    ids = [hold(market, n) for n in range(5)]
    replay_id = ask(market, Where())
    quarantine_steps.settle(market, ids[4], "noise", "lin", NOW)  # before it was reached
    quarantine_replays.mark_slice(market, replay_id, LATER)
    quarantine_steps.settle(market, ids[0], "noise", "lin", NOW)
    quarantine_steps.end_replayed(market, ids[1], ReplayOutcome.STORED, "lin", NOW)
    quarantine_steps.refuse_again(market, ids[2], "not_json", "no", "lin", NOW)
    now = far(market, replay_id)
    assert (now.expected, now.marked, now.settled, now.replayed, now.refused) == (5, 4, 1, 1, 1)
    assert (now.waiting, now.left_out, now.is_going_on) == (1, 1, True)
    quarantine_steps.refuse_again(market, ids[3], "not_json", "no", "lin", NOW)
    assert not far(market, replay_id).is_going_on
    # What is refused again and asked for once more is no more this one's.
    quarantine_steps.request_replay(market, ids[3], "lin", NOW)
    quarantine_steps.refuse_again(market, ids[3], "not_json", "no", "lin", NOW)
    assert far(market, replay_id).refused == 2


def test_stopped_it_reaches_no_further(market: Connection) -> None:
    for n in range(5):
        hold(market, n)
    replay_id = ask(market, Where())
    quarantine_replays.mark_slice(market, replay_id, LATER, limit=2)
    assert quarantine_replays.stop(market, replay_id, "lin", LATER)
    assert not quarantine_replays.stop(market, replay_id, "lin", LATER)
    quarantine_replays.mark_slice(market, replay_id, LATER)
    stopped = far(market, replay_id)
    assert (stopped.marked, stopped.waiting, stopped.left_out, stopped.stopped_by) == (2, 2, 3, "lin")
    assert quarantine_replays.going_on(market) == []
    assert ask(market, Where()) != replay_id


def test_a_scale_is_registered_and_all_that_was_held_of_it_is_stored_with_what_came_from_elsewhere_untouched(
    market: Connection, watcher: list[ReplayOutcome]
) -> None:
    hold_of_unknown_scale(market, range(1, 121))
    garbage = hold(market, 1, scale_id=LATE)
    elsewhere = hold(market, 2)
    place(market, 3)
    market.commit()
    replay_id = ask(market, Where(scale_id=LATE, market_id=MARKET))
    assert far(market, replay_id).expected == 121
    wait_until(lambda: not far(market, replay_id).is_going_on, what="all are read", within_s=120)
    done = far(market, replay_id)
    assert (done.marked, done.replayed, done.refused, done.waiting, done.left_out) == (121, 120, 1, 0, 0)
    assert market.execute("SELECT count(*), count(DISTINCT seq) FROM weighings").fetchone() == (120, 120)
    trails = market.execute(
        "SELECT steps, count(*)"
        " FROM (SELECT string_agg(step || ' ' || actor, ', ' ORDER BY quarantine_event_id) AS steps"
        " FROM quarantine_events GROUP BY quarantine_id) AS trails GROUP BY steps ORDER BY count(*)"
    ).fetchall()
    assert trails == [
        ("replay_requested ayu, refused_again ayu", 1),
        ("replay_requested ayu, replayed ayu", 120),
    ]
    untouched, refused = quarantine_pages.one(market, elsewhere), quarantine_pages.one(market, garbage)
    assert untouched is not None
    assert refused is not None
    assert (untouched.tries, refused.tries) == (0, 1)
    assert len(watcher) == 121


def test_a_watcher_that_is_cut_off_in_the_middle_is_followed_by_another_that_goes_on(
    market: Connection, database_url: str, watcher: list[ReplayOutcome]
) -> None:
    hold_of_unknown_scale(market, range(1, 121))
    place(market, 3)
    market.commit()
    replay_id = ask(market, Where())
    for reached in (5, 40):
        wait_until(lambda reached=reached: far(market, replay_id).replayed >= reached, what="some", within_s=120)  # type: ignore[misc]
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
    wait_until(lambda: not far(market, replay_id).is_going_on, what="all are read", within_s=120)
    done = far(market, replay_id)
    assert (done.expected, done.marked, done.replayed, done.refused) == (120, 120, 120, 0)
    assert market.execute("SELECT count(*), count(DISTINCT seq) FROM weighings").fetchone() == (120, 120)


def test_who_asks_for_one_message_does_not_wait_for_the_end_of_many(
    market: Connection, watcher: list[ReplayOutcome]
) -> None:
    hold_of_unknown_scale(market, range(1, 301))
    single = hold(market, 1)
    place(market, 3)
    market.commit()
    replay_id = ask(market, Where(reason="unknown_scale"))
    wait_until(lambda: far(market, replay_id).replayed > 0, what="it is going on", within_s=120)
    assert quarantine_steps.request_replay(market, single, "lin", LATER)
    market.commit()
    wait_until(lambda: ReplayOutcome.REFUSED in watcher, what="it is read", within_s=120)
    assert far(market, replay_id).waiting > 0
    quarantine_replays.stop(market, replay_id, "lin", LATER)
    market.commit()
    wait_until(lambda: not far(market, replay_id).is_going_on, what="it has stopped", within_s=60)


def test_lines_of_which_not_the_same_becomes_are_told_apart(market: Connection, watcher: list[ReplayOutcome]) -> None:
    hold_of_unknown_scale(market, range(1, 21))
    other_content = delivery(message(weighing(5, net_g=999, gross_g=1029)), scale=LATE)
    take_batch(market, [other_content], books=BookKeeper(), policy=POLICY, now=NOW)
    place(market, 3)
    by_itself = [delivery(message(weighing(seq)), scale=LATE) for seq in (7, 8)]
    take_batch(market, by_itself, books=BookKeeper(), policy=POLICY, now=NOW)
    take_batch(market, [delivery(message(weighing(1, net_g="x")))], books=BookKeeper(), policy=POLICY, now=NOW)
    market.commit()
    replay_id = ask(market, Where())
    wait_until(lambda: not far(market, replay_id).is_going_on, what="all are read", within_s=120)
    outcomes = market.execute("SELECT seq, outcome, reason FROM quarantine WHERE scale_id = %s", [LATE]).fetchall()
    expected: list[tuple[int, str | None, str]] = [
        (seq, "arrived_meanwhile" if seq in (7, 8) else "stored", "unknown_scale") for seq in range(1, 21)
    ]
    assert sorted(outcomes, key=str) == sorted([*expected, (5, None, "conflict")], key=str)
    kept = market.execute("SELECT count(*), max(net_g) FILTER (WHERE seq = 5) FROM weighings").fetchone()
    assert kept == (20, 1000)
    done = far(market, replay_id)
    assert (done.marked, done.replayed, done.refused) == (22, 20, 2)
    assert len(watcher) == 22


def test_read_together_they_are_all_or_none(market: Connection) -> None:
    hold_of_unknown_scale(market, range(1, 6))
    garbage = hold(market, 1)
    place(market, 3)
    market.commit()
    replayer = Replayer(POLICY)
    lines = [one.quarantine_id for one in quarantine_pages.listed(market, Where(reason="unknown_scale"), {*HeldState})]
    assert replayer.replay_together(market, [*lines, garbage], actor="a", now=LATER) is None
    assert market.execute("SELECT count(*) FROM weighings").fetchone() == (0,)
    assert replayer.replay_together(market, lines[:2], actor="a", now=LATER) is ReplayOutcome.STORED
    assert replayer.replay_together(market, lines, actor="a", now=LATER) is None
    assert replayer.replay_together(market, lines[2:], actor="a", now=LATER) is ReplayOutcome.STORED
    assert market.execute("SELECT count(*), count(DISTINCT seq) FROM weighings").fetchone() == (5, 5)


def test_what_our_code_stumbles_over_together_is_read_line_by_line(
    market: Connection, watcher: list[ReplayOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    stumbled = []

    def take_but_not_together(conn: Connection, read: Read, **of: Any) -> Taken:
        taken = take_read(conn, read, **of)
        if len(read.columns) > 1:
            stumbled.append(len(read.columns))
            raise ZeroDivisionError("a mistake of ours, after it was stored")
        return taken

    monkeypatch.setattr("ingest.replaying.take_read", take_but_not_together)
    hold_of_unknown_scale(market, range(1, 6))
    place(market, 3)
    market.commit()
    replay_id = ask(market, Where())
    wait_until(lambda: not far(market, replay_id).is_going_on, what="all are read", within_s=120)
    assert stumbled
    assert (far(market, replay_id).replayed, watcher) == (5, [ReplayOutcome.STORED] * 5)
    assert market.execute("SELECT count(*), count(DISTINCT seq) FROM weighings").fetchone() == (5, 5)
