"""`steelyard scale journal`: reading a journal back, as a person does."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadFile
from domain.units import Grams
from edge_agent.journal.head_keeping import HeadKeeper, heads_path
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.signing_key import load_or_make_signing_key
from edge_agent.weighing.recording import Draft
from messages.chain import prev_of
from steelyard.cli import app
from steelyard.journal_lines import Layout
from steelyard.journal_readback import Wanted
from steelyard.journal_readback import read_back as journal_is_sound
from tests.unit.edge_agent.test_journal_file import SCHEMA_OF_0_1, overwrite
from tests.unit.edge_agent.test_journal_heads import empty
from tests.unit.edge_agent.test_journal_voids import VOID
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, draft
from tests.unit.steelyard.test_cli import steelyard


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two journals: SC-001 with four entries, the third voided and two receipted; SC-002 with one."""
    made = tmp_path / "outbox.sqlite"
    outbox = Outbox(made)
    key = load_or_make_signing_key(made)
    fish = replace(draft().weighing, plu="2006", name="东星斑鱼", gross_g=Grams(742), tare_g=Grams(30))
    outbox.append([Draft(scale_id=SCALE, weighing=fish), draft(net_g=501), draft(OTHER)])
    outbox.append([draft(net_g=502, at=NOW + timedelta(minutes=5)), VOID])
    outbox.receipted(outbox.journal(SCALE).journal_id, 2)
    outbox.sign_checkpoints(key, NOW)
    outbox.close()
    return made


def read_back(*words: str | Path, status: int = 0) -> tuple[list[str], str]:
    ran = CliRunner().invoke(app, ["scale", "journal", *map(str, words)])
    assert ran.exit_code == status, ran.output
    return ran.stdout.splitlines(), ran.stderr


def test_a_journal_is_a_table_with_its_marks_and_its_verdict(path: Path) -> None:
    lines, said = read_back(path, "--scale", SCALE)
    assert [line.split() for line in lines[2:]] == [
        ["1", "2026-11-22", "02:11:08", "742", "30", "712", "90.00/kg", "64.08", "2006", "东星斑鱼", "[receipted]"],
        ["2", "2026-11-22", "02:11:08", "-", "-", "501", "90.00/kg", "64.08", "[receipted]"],
        ["3", "2026-11-22", "02:16:08", "-", "-", "502", "90.00/kg", "64.08", "[voided", "by", "4,", "waiting]"],
        ["4", "2026-11-22", "02:11:08?", "-", "-", "502", "90.00/kg", "64.08", "[voids", "3,", "waiting]"],
    ]
    assert "intact: scale SC-001" in said
    assert "entries 1 to 4; 2 waiting for a receipt; signed up to 4, checked against the agent's key" in said


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ((), ["1", "2", "3", "4"]),
        (("--last", "1"), ["4"]),
        (("--from", "3"), ["3", "4"]),
        (("--from", "9"), []),
        (("--from", "2026-11-22T10:12:00+08:00"), ["3", "4"]),
        (("--from", "2027-01-01T00:00:00Z"), []),
        (("--from", "1", "--last", "2"), ["3", "4"]),
        (("--verify",), []),
    ],
)
def test_what_is_asked_for_is_shown(path: Path, words: tuple[str, ...], seqs: list[str]) -> None:
    lines, said = read_back(path, "--scale", SCALE, *words)
    assert [line.split()[0] for line in lines[2:]] == seqs
    assert "intact" in said


def test_programs_get_the_text_as_recorded(path: Path) -> None:
    lines, _said = read_back(path, "--json", "--scale", SCALE)
    records = [json.loads(line) for line in lines]
    assert [(one["seq"], one["receipted"], one["voided_by"]) for one in records] == [
        (1, True, None),
        (2, True, None),
        (3, False, 4),
        (4, False, None),
    ]
    before = None
    for one in records:
        assert json.loads(one["recorded"])["prev"] == prev_of(before)
        before = one["recorded"].encode()


def test_a_spreadsheet_gets_every_journal(path: Path) -> None:
    lines, _said = read_back(path, "--csv")
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [(row["scale_id"], row["seq"], row["net_g"], row["receipted"]) for row in rows] == [
        ("SC-001", "1", "712", "True"),
        ("SC-001", "2", "501", "True"),
        ("SC-001", "3", "502", "False"),
        ("SC-001", "4", "502", "False"),
        ("SC-002", "1", "712", "False"),
    ]
    assert rows[0]["name"] == "东星斑鱼"


def test_reading_back_leaves_the_files_alone_also_while_an_agent_writes(path: Path) -> None:
    outbox = Outbox(path)
    outbox.append([draft()])
    beside = {one.name: one.stat().st_size for one in path.parent.iterdir()}
    lines, said = read_back(path, "--scale", SCALE)
    assert [line.split()[0] for line in lines[2:]] == ["1", "2", "3", "4", "5"]
    assert "intact" in said
    assert {one.name: one.stat().st_size for one in path.parent.iterdir()} == beside
    outbox.append([draft()])
    outbox.close()


def test_a_changed_journal_is_loud_and_status_1(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER entries_leave_when_pruned")
        db.execute("DELETE FROM entries WHERE journal = 1 AND seq = 2")
        db.commit()
    lines, said = read_back(path, status=1)
    assert [line.split()[0] for line in lines[2:5]] == ["1", "3", "4"]
    assert "TAMPERED: scale SC-001: entry 2 is missing (missing)" in said
    assert "NOT what was recorded: scale SC-001" in said
    assert "intact: scale SC-002" in said


def checkpoint_file(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as db:
        (body,) = db.execute("SELECT body FROM checkpoints ORDER BY number LIMIT 1").fetchone()
    made = path.with_name("checkpoint.json")
    made.write_bytes(body)
    return made


def test_a_checkpoint_from_elsewhere_tells_of_an_old_copy_and_of_another_journal(path: Path) -> None:
    checkpoint = checkpoint_file(path)
    _lines, said = read_back(path, "--checkpoint", checkpoint)
    assert "intact: scale SC-001" in said
    other = Outbox(path.with_name("other.sqlite"))
    other.append([draft()])
    other.close()
    _lines, said = read_back(path.with_name("other.sqlite"), "--checkpoint", checkpoint, status=1)
    assert "TAMPERED: entry 4 of journal" in said
    assert "which is not in this file" in said


def test_without_the_key_the_verdict_says_so_and_a_wrong_key_shows(path: Path) -> None:
    load_or_make_signing_key(path.with_name("other"))
    path.with_name("outbox.sqlite.key").unlink()
    _lines, said = read_back(path, "--verify")
    assert "give --public-key to be sure whose it is" in said
    _lines, said = read_back(path, "--verify", "--public-key", "A" * 43 + "=", status=1)
    assert "the checkpoint of entry 4 is not signed by the agent's key" in said


def test_a_damaged_file_is_read_as_far_as_it_can_be(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(path, b"\x00" * 100)
    lines, said = read_back(path, status=1)
    assert "DAMAGED" in said
    assert "entries 1 to 4, chained to each other" in said
    assert [line.split()[0] for line in lines if line.split()[0].isdigit()] == ["1", "2", "3", "4", "1"]


def test_a_command_of_its_own_ends_with_the_status() -> None:
    ran = steelyard("scale", "journal", "nowhere.sqlite")
    assert ran.returncode == 2
    assert "is not there; expected a journal" in ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--scale", "SC-009"), "has no journal of scale 'SC-009'"),
        (("--from", "noon"), "is 'noon'; expected a seq, or a time with its offset"),
        (("--from", "2026-11-22T00:00:00"), "expected a seq, or a time with its offset"),
        (("--json", "--csv"), "goes without --csv"),
        (("--public-key", "x"), "expected base64 of 32 bytes"),
        (("--checkpoint", "nowhere.json"), "cannot be read: No such file"),
    ],
)
def test_what_cannot_be_done_is_told(path: Path, words: tuple[str, ...], says: str) -> None:
    ran = CliRunner().invoke(app, ["scale", "journal", str(path), *words])
    assert isinstance(ran.exception, BadFile)
    assert says in str(ran.exception)


def test_an_outbox_of_version_0_1_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as db:
        db.executescript(SCHEMA_OF_0_1)
    ran = CliRunner().invoke(app, ["scale", "journal", str(tmp_path / "old.sqlite")])
    assert "is an outbox of version 0.1; expected a journal: start the agent once" in str(ran.exception)


@pytest.fixture
def with_events(path: Path) -> Path:
    """The same file, on whose first scale a case was opened five minutes later."""
    outbox = Outbox(path, clock=lambda: NOW)
    opened = DeviceEvent(
        kind=EventKind.CASE_OPEN, at=NOW + timedelta(minutes=5), clock_synced=True, detail={"contact": "value"}
    )
    outbox.add_events(SCALE, [opened])
    outbox.close()
    return path


def test_events_are_shown_in_place_of_weighings(with_events: Path) -> None:
    lines, said = read_back(with_events, "--events", "--scale", SCALE)
    assert lines[-1] == "       2  2026-11-22 02:16:08   case_open  (contact value)"
    assert lines[-2].split()[0] == "1"
    assert "journal_begun" in lines[-2]
    assert "intact" in said
    (header, row) = csv.reader(read_back(with_events, "--events", "--csv", "--scale", SCALE, "--from", "2")[0])
    assert dict(zip(header, row, strict=True)) | {"journal_id": ""} == {
        "scale_id": SCALE, "journal_id": "", "event_no": "2", "at": "2026-11-22T02:16:08.412000+00:00",
        "clock_synced": "True", "kind": "case_open", "detail": '{"contact": "value"}',
    }  # fmt: skip


def test_events_since_a_time_and_the_last_ones(with_events: Path) -> None:
    since = read_back(with_events, "--events", "--json", "--from", "2026-11-22T02:16:00+00:00")[0]
    last = read_back(with_events, "--events", "--json", "--scale", SCALE, "--last", "1")[0]
    kinds = [[json.loads(json.loads(line)["recorded"])["kind"] for line in lines] for lines in (since, last)]
    assert kinds[1] == ["case_open"]
    assert "case_open" in kinds[0]


def test_an_event_that_was_unwritten_is_loud_and_status_1(with_events: Path) -> None:
    with closing(sqlite3.connect(with_events)) as db:
        db.execute("DROP TRIGGER events_never_change")
        db.execute("UPDATE events SET body = x'00' WHERE journal = 1 AND event_no = 2")
        db.commit()
    lines, said = read_back(with_events, "--events", "--scale", SCALE, status=1)
    assert "cannot be read" in lines[-1]
    assert "TAMPERED: what keeps the file append-only was taken out of it or altered: events_never_change" in said
    assert f"TAMPERED: scale {SCALE}: event 2 cannot be read" in said


@pytest.fixture
def with_heads(path: Path) -> Path:
    """The same file, whose heads an agent noted."""
    outbox = Outbox(path, clock=lambda: NOW)
    HeadKeeper(outbox, heads_path(path), load_or_make_signing_key(path), lambda: NOW).note()
    outbox.close()
    return path


def test_the_verdict_says_what_the_end_was_held_against(with_heads: Path) -> None:
    assert "its end held against outbox.sqlite.heads, up to 4" in read_back(with_heads, "--scale", SCALE)[1]
    heads_path(with_heads).unlink()
    said = read_back(with_heads, "--scale", SCALE)[1]
    assert "its end held against nothing: outbox.sqlite.heads is not there" in said
    ran = CliRunner().invoke(app, ["scale", "journal", str(with_heads), "--heads", "nowhere"])
    assert "nowhere is not there; expected what an agent noted" in str(ran.exception)


def test_a_journal_that_was_emptied_whole_and_set_back_says_what_is_missing_from_where(with_heads: Path) -> None:
    empty(with_heads)
    lines, said = read_back(with_heads, "--scale", SCALE, status=1)
    assert lines[2:] == []
    assert "TAMPERED: scale SC-001: entries 1 to 4 are missing: entry 4 was signed at 2026-11-22T02:11:08" in said
    assert "(outbox.sqlite.heads), and the journal ends at 0: it was emptied or its end was cut off" in said
    assert "TAMPERED: scale SC-001: event 1 is missing: it had come to entry 4 and event 1" in said
    assert "NOT what was recorded: scale SC-001" in said
    kept_elsewhere = heads_path(with_heads).rename(with_heads.with_name("copy"))
    assert "intact: scale SC-001" in read_back(with_heads, "--scale", SCALE)[1], "by itself it is sound"
    assert "entries 1 to 4 are missing" in read_back(with_heads, "--heads", kept_elsewhere, status=1)[1]


def test_what_was_recorded_anew_over_an_emptied_journal_is_not_what_was_noted(with_heads: Path) -> None:
    empty(with_heads)
    outbox = Outbox(with_heads, clock=lambda: NOW)
    outbox.append([draft() for _ in range(6)])
    outbox.close()
    said = read_back(with_heads, "--scale", SCALE, "--verify", status=1)[1]
    assert "entry 4, or one before it, is not what was signed at 2026-11-22T02:11:08" in said


def test_entries_that_left_by_the_door_for_old_ones_before_their_time_are_missed(with_heads: Path) -> None:
    """No guard refuses it: `receipted_seq` and `pruned_seq` may go up."""
    with closing(sqlite3.connect(with_heads, isolation_level=None)) as db:
        db.execute("UPDATE journals SET receipted_seq = 4, pruned_seq = 4, pruned_digest = next_prev WHERE number = 1")
        db.execute("DELETE FROM entries WHERE journal = 1")
    wanted = (
        "entry 4 has left the file, though it was weighed at 2026-11-22T02:11:08.412000+00:00 (outbox.sqlite.heads)"
    )
    assert wanted in read_back_at(with_heads, NOW + timedelta(days=1))
    assert wanted not in read_back_at(with_heads, NOW + timedelta(days=91))


def read_back_at(path: Path, now: datetime) -> str:
    said: list[str] = []
    wanted = Wanted(
        scale_id=SCALE, from_seq=None, since=None, last=None, layout=Layout.TABLE, is_shown=False, checkpoints=(),
        public_key=None, heads=heads_path(path), now=now,
    )  # fmt: skip
    journal_is_sound(path, wanted, show=said.append, tell=said.append)
    return "\n".join(said)


def test_a_journal_that_is_not_in_the_file_is_named_and_others_are_not(with_heads: Path) -> None:
    with_heads.unlink()
    other = Outbox(with_heads)
    other.append([draft()])
    other.close()
    said = read_back(with_heads, status=1)[1]
    assert said.count("is not in this file, and it had come to") == 2
    assert "of scale SC-002 is not in this file, and it had come to entry 1 and event 1" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda content: content.replace(b'"seq":4', b'"seq":3'), "is not signed by the agent's key, or was altered"),
        (lambda _content: b"\x00", "outbox.sqlite.heads cannot be used"),
        (lambda _content: b"", "outbox.sqlite.heads cannot be used"),
    ],
    ids=["a number", "no heads", "emptied"],
)
def test_heads_that_were_altered_are_told(with_heads: Path, change: Callable[[bytes], bytes], says: str) -> None:
    heads_path(with_heads).write_bytes(change(heads_path(with_heads).read_bytes()))
    assert says in read_back(with_heads, "--verify", status=1)[1]


def test_of_a_damaged_file_the_heads_say_how_much_there_was(with_heads: Path) -> None:
    with closing(sqlite3.connect(with_heads)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(with_heads, b"\x00" * 100)
    said = read_back(with_heads, "--verify", status=1)[1]
    assert "scale SC-001, journal " in said
    assert "outbox.sqlite.heads says that it had come to entry 4" in said
