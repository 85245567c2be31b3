"""What is watched beside a scale's bytes: whether it is there, its case, its seal and its calibration counter."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.device_event import EventKind
from domain.units import Grams
from edge_agent.config.contact_config import ContactConfig
from edge_agent.guard import Guard
from edge_agent.journal.outbox import Outbox
from edge_agent.weighing.device_watch import DeviceWatch
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.readings import Reading
from tests.unit.edge_agent.test_outbox import SCALE

MOMENT = Moment(now=datetime(2026, 11, 22, 2, 11, 8, tzinfo=UTC), clock_synced=True, elapsed_s=0.0)


def looks(guard: Guard, *, is_heard: bool = False) -> list[tuple[EventKind, dict[str, Any]]]:
    return [(event.kind, dict(event.detail)) for event in guard.look(MOMENT, is_heard=is_heard)]


def test_a_scale_that_falls_silent_and_speaks_again_is_told_and_one_that_never_spoke_is_not() -> None:
    guard = Guard(())
    assert [looks(guard, is_heard=heard) for heard in (False, False, True, True)] == [[], [], [], []]
    assert looks(guard, is_heard=False) == [(EventKind.POWER_OFF, {"seen_by": "silence"})]
    assert looks(guard, is_heard=False) == []
    assert looks(guard, is_heard=True) == [(EventKind.POWER_ON, {"seen_by": "heard again"})]


@pytest.mark.parametrize("kind", [EventKind.CASE_OPEN, EventKind.SEAL_BROKEN])
def test_a_switch_is_an_event_each_time_it_opens(tmp_path: Path, kind: EventKind) -> None:
    file = tmp_path / "value"
    file.write_text("0\n")
    guard = Guard([ContactConfig(event=kind, file=file, active="1")])
    assert looks(guard) == []
    file.write_text("1\n")
    assert looks(guard) == [(kind, {"contact": "value"})]
    assert looks(guard) == [], "it is open still"
    for content in ("0\n", "1\n"):
        file.write_text(content)
    assert looks(guard) == []
    file.write_text("0\n")
    assert looks(guard) == []
    file.write_text("1\n")
    assert looks(guard) == [(kind, {"contact": "value"})]


def test_a_case_that_is_open_when_the_agent_starts_is_told(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("1")
    guard = Guard([ContactConfig(event=EventKind.CASE_OPEN, file=tmp_path / "value", active="1")])
    assert looks(guard) == [(EventKind.CASE_OPEN, {"contact": "value"})]


def test_a_calibration_counter_is_told_when_it_is_another_than_before_also_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "calibrations"
    contact = ContactConfig(event=EventKind.CALIBRATION_CHANGED, file=file, active=None)
    file.write_text("11\n")
    first = Guard([contact])
    assert looks(first) == [(EventKind.CALIBRATION_CHANGED, {"value": "11"})]
    assert looks(first) == []
    assert looks(Guard([contact], lambda _kind: "11")) == []
    file.write_text("12\n")
    changed = [(EventKind.CALIBRATION_CHANGED, {"value": "12", "before": "11"})]
    assert looks(first) == changed
    assert looks(Guard([contact], lambda _kind: "11")) == changed


def test_a_contact_that_cannot_be_read_is_told_once_and_is_no_event(tmp_path: Path) -> None:
    guard = Guard([ContactConfig(event=EventKind.SEAL_BROKEN, file=tmp_path / "gone", active="1")])
    with capture_logs() as logs:
        assert [looks(guard), looks(guard)] == [[], []]
    assert [entry["event"] for entry in logs] == ["contact_not_readable"]
    (tmp_path / "gone").write_text("1")
    assert looks(guard) == [(EventKind.SEAL_BROKEN, {"contact": "gone"})]


def test_what_was_told_last_of_a_kind_is_found_in_the_journal(tmp_path: Path) -> None:
    file = tmp_path / "calibrations"
    file.write_text("11")
    outbox = Outbox(tmp_path / "outbox.sqlite")
    guard = Guard([ContactConfig(event=EventKind.CALIBRATION_CHANGED, file=file, active=None)])
    assert outbox.last_event(SCALE, EventKind.CALIBRATION_CHANGED) is None
    outbox.add_events(SCALE, guard.look(MOMENT, is_heard=False))
    file.write_text("12")
    outbox.add_events(SCALE, guard.look(MOMENT, is_heard=True) + guard.look(MOMENT, is_heard=False))
    last = outbox.last_event(SCALE, EventKind.CALIBRATION_CHANGED)
    assert last is not None
    assert last.detail["value"] == "12"
    outbox.close()


def test_another_tare_in_a_scales_frames_is_an_event_and_one_in_motion_is_not() -> None:
    watch = DeviceWatch()

    def see(tare_g: int | None, *, stable: bool = True) -> list[dict[str, Any]]:
        reading = Reading(net_g=Grams(500), stable=stable, tare_g=None if tare_g is None else Grams(tare_g))
        return [dict(event.detail) for event in watch.see(reading, MOMENT)]

    assert [see(0), see(0), see(None), see(30, stable=False)] == [[], [], [], []]
    assert see(30) == [{"grams": 30}]
    assert see(0) == [{"grams": 0}]
