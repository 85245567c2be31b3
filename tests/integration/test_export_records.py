"""What is exported: a version of each change, and nothing twice; as files too."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import Connection, errors

from credit.exporting import RecordingExports
from db import export_deliveries, export_destinations, export_records, publicity
from domain.export import BatchState, DeliveryState, DestinationAction, ExportForm
from domain.publicity import TakenOffWhy
from supervision.exports import files
from tests.commands import Ran, run_here
from tests.export_acts import OPEN, RECORDING, by, charge, lines, penalise, record, register
from tests.export_rig import Exporting
from tests.notice_rig import clerk_connection
from tests.web_world import ELSEWHERE, furnish
from tests.webhook_receiver import receiving


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        yield conn


def made(conn: Connection, form: ExportForm = ExportForm.CREDIT_RECORD) -> list[Any]:
    return export_records.since(conn, form, 0, market_ids=(), limit=100)


def test_each_change_of_a_vendors_credit_is_a_version_that_tells_what_is_new(world: Connection) -> None:
    record(world)
    record(world)
    first = made(world)
    assert {(one.record_id, one.version) for one in first} == {("first/V001", 1), ("hongsha/V666", 1)}
    charge(world)
    record(world)
    charge(world, -7)
    record(world)
    *_, second, third = made(world)
    assert (second.version, second.body["events"][0]["points"], len(third.body["events"])) == (2, -5, 1)
    assert third.body["events"][0]["points"] == -7
    with pytest.raises(errors.RestrictViolation):
        world.execute("UPDATE export_records SET version = 9")


def test_a_run_is_one_round_and_says_that_there_is_more(world: Connection) -> None:
    charge(world)
    now, recording = datetime.now(UTC), RecordingExports(RECORDING.shipped, at_once=1)
    counts = []
    while recording.run_once(world, now) == now:
        counts.append(len(made(world)))
    assert (counts[0], counts[-1]) == (1, 2)
    with receiving() as receiver:
        register(world, receiver.url)
        duty = Exporting(msgspec.structs.replace(OPEN, batch_records=1))
        received = []
        while duty.run_once(world, datetime.now(UTC)) is not None:
            received.append(len(receiver.received))
    assert received[:2] == [1, 2]


def test_a_name_that_changes_is_a_version_and_rules_that_change_are_one_of_every_vendor(world: Connection) -> None:
    record(world)
    world.execute("UPDATE vendors SET name = '阿海' WHERE vendor_id = 'V001'")
    record(world)
    assert made(world)[-1].body["vendor_name"] == "阿海"
    other = RecordingExports(msgspec.structs.replace(RECORDING.shipped, version="another"))
    other.run_once(world, datetime.now(UTC))
    assert [one.body["rules_version"] for one in made(world)].count("another") == 2


def test_a_penalty_that_comes_off_is_a_version_that_says_why(world: Connection) -> None:
    entry_id = penalise(world)
    record(world)
    publicity.take_off(world, entry_id, TakenOffWhy.REPAIRED, datetime.now(UTC))
    record(world)
    on, off = made(world, ExportForm.PENALTY)
    assert (on.version, on.body["taken_off_why"]) == (1, None)
    assert (off.version, off.body["taken_off_why"], off.record_id) == (2, "repaired", on.record_id)


def test_a_file_is_written_once_and_again_after_a_crash_with_the_same_bytes(world: Connection, tmp_path: Path) -> None:
    record(world)
    made_one = register(world, "", market_ids=(ELSEWHERE,))

    def write(folder: Path, after: int = 0) -> list[files.WrittenFile]:
        return files.write(
            world,
            made_one.destination_id,
            ExportForm.CREDIT_RECORD,
            folder,
            kind="csv",
            after=after,
            limit=10,
            by=by(),
        )

    with pytest.raises(Exception, match="cannot be written"):
        write(tmp_path / "missing")
    waiting = lines(world)[0]
    (written,) = write(tmp_path)
    assert written.batch.batch_id == waiting.batch_id
    assert written.path.read_bytes() == written.batch.body
    assert "V666" in written.path.read_text(encoding="utf-8-sig")
    assert write(tmp_path) == []
    assert (lines(world)[0].state, lines(world)[0].answer) == (DeliveryState.WRITTEN, written.path.name)
    stored = export_deliveries.batch(world, waiting.batch_id)
    assert stored is not None
    assert stored.state is BatchState.WRITTEN
    step, _ = export_destinations.steps(world, made_one.destination_id)
    assert (step.action, step.actor, step.note) == (DestinationAction.WRITTEN, "regulator", written.path.name)
    # Nothing up to a revision means now and ever, also where nothing is beyond it yet.
    world.execute("UPDATE vendors SET name = '阿山' WHERE vendor_id = 'V666'")
    record(world)
    assert write(tmp_path, after=made(world)[-1].revision) == []
    assert write(tmp_path) == []


def test_the_command_that_writes_files_asks_who_does_it(world: Connection, database_url: str, tmp_path: Path) -> None:
    made_one = register(world, "")

    def run(who: str) -> Ran:
        words = ("exports", "write", "--form", "credit_record", "--destination", str(made_one.destination_id))
        where = ("--folder", str(tmp_path), "--as", who)
        return run_here(*words, *where, environment={"STEELYARD_DATABASE_URL": database_url})

    refused = run("manager")
    assert (refused.returncode, "who may not manage exports" in refused.stderr) == (2, True)
    assert lines(world) == []
    assert run("regulator").returncode == 0
    assert export_destinations.steps(world, made_one.destination_id)[0].actor == "regulator"
