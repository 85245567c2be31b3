"""Health as a status tells it: bounded, and news only when something changed that does not just count on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from domain.ids import AgentId, MarketId, ScaleId
from edge_agent.clock.clock_offset import ClockOffset
from edge_agent.journal.journal_capacity import Capacity
from edge_agent.link.health import LastHour, ScaleHealth, memory_kib
from edge_agent.link.status import StatusBoard
from edge_agent.weighing.readings import Identity
from messages.status import decode_agent_status, decode_scale_status

SCALE, OTHER = ScaleId("SC-001"), ScaleId("SC-002")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def board() -> StatusBoard:
    made = StatusBoard(market_id=MarketId("m"), agent_id=AgentId("a"), scales=(SCALE, OTHER), brokers=("b:1883",))
    told(made)
    return made


def told(made: StatusBoard, offset: ClockOffset | None = None) -> list[bytes]:
    return [payload for _topic, payload in made.untold_scales(NOW, lambda _scale: 7, offset, Capacity.NEARLY_FULL)]


def test_health_is_told_once_and_what_only_counts_on_with_the_next_status() -> None:
    made = board()
    health = ScaleHealth(
        port_open=True,
        identity=Identity(serial="S" * 500, model="XK3190"),
        battery_percent=80,
        caps_version="2026-11-22/1",
    )
    assert made.health_is(SCALE, health)
    (payload,) = told(made, ClockOffset(offset_ms=-1500, error_ms=20))
    status = decode_scale_status(payload)
    assert (status.port_open, status.journal, status.battery_percent, status.caps_version) == (
        True,
        "nearly_full",
        80,
        "2026-11-22/1",
    )
    assert (status.serial_number, status.model, status.firmware) == ("S" * 120, "XK3190", None)
    assert (status.clock_offset_ms, status.clock_error_ms, status.outbox_depth) == (-1500, 20, 7)
    counted_on = ScaleHealth(
        port_open=True,
        identity=health.identity,
        battery_percent=80,
        caps_version="2026-11-22/1",
        last_weighing_at=NOW,
        garbage_last_hour={"scale_bad_checksum": 3},
    )
    assert not made.health_is(SCALE, counted_on)
    assert told(made) == []
    made.tell_all()
    status = decode_scale_status(told(made)[0])
    assert (status.last_weighing_at, status.garbage_last_hour) == (NOW, {"scale_bad_checksum": 3})


def test_an_agent_says_how_it_is() -> None:
    _topic, payload = board().agent(
        "online", NOW, broker="b:1883", uptime_s=61.9, offset=ClockOffset(offset_ms=5, error_ms=2)
    )
    status = decode_agent_status(payload)
    assert (status.broker, status.brokers, status.uptime_s, status.clock_offset_ms) == ("b:1883", ["b:1883"], 61, 5)
    assert status.memory_kib == memory_kib() or (status.memory_kib or 0) > 1000


def test_a_status_of_an_older_agent_is_still_read() -> None:
    status = decode_scale_status(b'{"v":1,"state":"online","at":"2026-11-22T02:00:00Z","outbox_depth":3}')
    assert (status.outbox_depth, status.journal, status.garbage_last_hour) == (3, None, None)


def test_the_last_hour_forgets_what_was_before_it() -> None:
    hour, totals = LastHour(), Counter[str]()
    grown: dict[str, int] = {}
    for minute in range(181):
        totals["bad"] += 1
        grown = hour.grown(totals, minute * 60.0)
        assert 0 < grown["bad"] <= 66
    assert 60 <= grown["bad"] <= 66
    later = hour.grown(totals, 181 * 60.0 + timedelta(hours=2).total_seconds())
    assert later.get("bad", 0) <= 5
    assert len(hour._seen) <= 15
