"""Device events that somebody changed, and a file that was opened for it, say so."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from domain.device_event import DeviceEvent, EventKind
from edge_agent.journal.event_check import check_events, check_guards, check_numbers
from edge_agent.journal.journal_check import Flaw
from edge_agent.journal.journal_file import FORMAT, GUARDS, WITHOUT_EVENT_CHAIN
from edge_agent.journal.journal_reading import open_for_reading
from edge_agent.journal.outbox import Outbox
from tests.unit.edge_agent.test_journal_file import old_file
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, draft

EVENTS = 6  # of the fixture's first scale, with that of its journal's beginning


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of two scales; on the first a case was opened."""
    made = tmp_path / "outbox.sqlite"
    outbox = Outbox(made, clock=lambda: NOW)
    for kind in (EventKind.TARE, EventKind.CASE_OPEN, EventKind.ZERO):
        outbox.add_events(SCALE, [DeviceEvent(kind=kind, at=NOW, detail={"n": 1})])
    outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.ZERO, at=NOW + timedelta(days=80))] * 2)
    outbox.append([draft(), draft(OTHER)])
    outbox.close()
    return made


def tamper(path: Path, *statements: str) -> None:
    """As somebody would who puts the triggers back behind him."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for name in GUARDS:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement
        for statement in GUARDS.values():
            db.execute(statement)


def flaws(path: Path) -> list[tuple[Flaw, int]]:
    with open_for_reading(path) as reader:
        found = [*check_guards(GUARDS, reader.guards()), *check_numbers(reader.numbers())]
        for journal in reader.journals():
            kept = reader.kept_events(journal.journal_id)
            assert kept is not None
            found += check_events(journal, kept, reader.events(journal.journal_id))
        return [(finding.flaw, finding.seq) for finding in found]


def test_what_nobody_changed_is_sound(path: Path) -> None:
    assert flaws(path) == []


CASE_OPEN_BECOMES_ZERO = (
    "UPDATE events SET body = CAST(replace(CAST(body AS TEXT), 'case_open', 'zero') AS BLOB) WHERE event_no = 3"
)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((CASE_OPEN_BECOMES_ZERO,), (Flaw.ALTERED, EVENTS)),
        (("UPDATE events SET body = x'00' WHERE event_no = 3",), (Flaw.ALTERED, 3)),
        (("UPDATE events SET at_us = at_us + 1 WHERE event_no = 3",), (Flaw.ALTERED, 3)),
        (("DELETE FROM events WHERE event_no = 3",), (Flaw.MISSING, 3)),
        (("DELETE FROM events WHERE event_no > 4",), (Flaw.MISSING, 5)),
        (("DELETE FROM events WHERE event_no = 1 AND journal = 1",), (Flaw.MISSING, 1)),
        (
            ("DELETE FROM events WHERE event_no = 3", "UPDATE events SET event_no = event_no - 1 WHERE event_no > 3"),
            (Flaw.REORDERED, 3),
        ),
        (("UPDATE journals SET scale_id = 'SC-999' WHERE number = 1",), (Flaw.ALTERED, 0)),
        (
            (
                "DELETE FROM events WHERE journal = 1", "DELETE FROM entries WHERE journal = 1",
                "DELETE FROM journals WHERE number = 1",
            ),
            (Flaw.MISSING, 0),
        ),
    ],
    ids=[
        "another kind", "an unreadable body", "a time", "one deleted", "the tail deleted", "the first deleted",
        "deleted and renumbered", "the journal given to another scale", "a whole journal deleted",
    ],
)  # fmt: skip
def test_every_change_shows(path: Path, statements: tuple[str, ...], expected: tuple[Flaw, int]) -> None:
    tamper(path, *statements)
    assert expected in flaws(path)


def test_journals_whose_scales_were_exchanged_both_show(path: Path) -> None:
    tamper(
        path,
        "UPDATE journals SET scale_id = 'x' WHERE number = 1",
        f"UPDATE journals SET scale_id = '{SCALE}' WHERE number = 2",
        f"UPDATE journals SET scale_id = '{OTHER}' WHERE number = 1",
    )
    assert flaws(path) == [(Flaw.ALTERED, 0)] * 2


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER events_never_change",
        "CREATE TRIGGER mine AFTER INSERT ON events BEGIN DELETE FROM events WHERE number < 0; END",
    ],
)
def test_a_guard_that_is_gone_or_strange_shows(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
    assert flaws(path) == [(Flaw.UNGUARDED, 0)]


def test_what_leaves_the_file_leaves_a_chain_that_goes_on(path: Path) -> None:
    outbox = Outbox(path, clock=lambda: NOW)
    outbox.event_delivered(outbox.journal(SCALE).journal_id, EVENTS)
    assert outbox.prune(NOW + timedelta(days=91)) == EVENTS - 2
    outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.ZERO, at=NOW)])
    outbox.close()
    assert flaws(path) == []
    tamper(path, f"DELETE FROM events WHERE event_no = {EVENTS}")
    assert flaws(path) == [(Flaw.MISSING, EVENTS)]


def without_event_chain(path: Path) -> None:
    """Make it the file that a product of before would have left."""
    tamper(path, "UPDATE journals SET pruned_event_no = 0")
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE journals DROP COLUMN events_digest")
        db.execute("ALTER TABLE journals DROP COLUMN pruned_events_digest")
        db.execute(f"PRAGMA user_version = {WITHOUT_EVENT_CHAIN}")


def test_a_file_of_before_is_read_as_it_is_and_chained_at_the_next_start(path: Path) -> None:
    without_event_chain(path)
    with open_for_reading(path) as reader:
        (journal, _other) = reader.journals()
        assert reader.kept_events(journal.journal_id) is None
        assert len(list(reader.events(journal.journal_id))) == EVENTS
    outbox = Outbox(path)
    assert outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.ZERO, at=NOW)]) == [EVENTS + 1]
    outbox.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    assert flaws(path) == []
    tamper(path, CASE_OPEN_BECOMES_ZERO)
    assert flaws(path) == [(Flaw.ALTERED, EVENTS + 1)]


def test_an_outbox_of_0_1_has_a_chain_from_its_first_event_on(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    old_file(path, 3, 1)
    outbox = Outbox(path)
    outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.ZERO, at=NOW)])
    outbox.close()
    assert flaws(path) == []
