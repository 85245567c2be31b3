"""The loop: the PLU before the load, one transaction a wake-up, durable before shown."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.errors import Unavailable
from domain.ids import AgentId, MarketId, ScaleId
from domain.units import Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.agent import Agent
from edge_agent.config.agent_config import AgentConfig
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.journal.outbox import Outbox
from edge_agent.weighing.recording import Draft
from edge_agent.weighing.unwritten import MOST_A_SCALE
from messages.receipts import Receipt
from messages.weighings import decode_weighing
from simulators.display import CustomerDisplay
from simulators.ports import PtyLine
from simulators.scales.yaohua_xk3190 import price_frame as frame
from tests.unit.edge_agent.test_outbox import OTHER, draft
from tests.waiting import wait_until

SCALE = ScaleId("SC-001")
LOAD = frame(712, 9000, PriceUnit.KG)


class FailingOutbox(Outbox):
    """A disk that is full a few times."""

    def __init__(self, path: Path, failures: int) -> None:
        super().__init__(path)
        self.failures = failures
        self.batches: list[int] = []

    def append(self, drafts: Sequence[Draft]) -> list[Weighing | None]:
        if self.failures > 0:
            self.failures -= 1
            raise Unavailable("the disk is full")
        self.batches.append(len(drafts))
        return super().append(drafts)


class Clocks:
    """Both clocks as a test sets them. The monotonic one is what `Agent.step` is given."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 11, 8, tzinfo=UTC)
        self.elapsed_s = 0.0

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.elapsed_s += seconds


class Bench:
    """An agent whose link was never started, and the devices of one stall."""

    def __init__(
        self, folder: Path, failures: int = 0, *, clock_synced: bool = False, protocol: str = "yaohua_xk3190"
    ) -> None:
        self.scale, self.keypad = PtyLine(folder / "scale.tty"), PtyLine(folder / "keypad.tty")
        self.outbox = FailingOutbox(folder / "outbox.sqlite", failures)
        scale = ScaleConfig(
            scale_id=SCALE,
            protocol=protocol,
            port=str(folder / "scale.tty"),
            keypad=str(folder / "keypad.tty"),
            goods={},
        )
        config = AgentConfig(
            agent_id=AgentId("agent-1"),
            market_id=MarketId("m"),
            outbox=folder / "outbox.sqlite",
            broker=BrokerAddress(host="127.0.0.1"),
            scales=(scale,),
            clock_synced=clock_synced,
        )
        self.clocks = Clocks()
        self.agent = Agent(config, self.outbox, lambda: self.clocks.now)
        self.display = CustomerDisplay()
        self.agent.step(0.0)

    def step_until_recorded(self) -> list[Weighing]:
        journal_id = self.outbox.journal(SCALE).journal_id
        for n in range(50):
            self.agent.step(float(n))
            self.display.feed(self.keypad.receive())
            entries = self.outbox.pending(journal_id, after_seq=0, limit=100)
            if entries:
                return [decode_weighing(entry.body) for entry in entries]
            assert self.display.total_fen() is None, "shown before it was durable"
        raise AssertionError("nothing was recorded")

    def weigh(self, net_g: int) -> None:
        """Put a load on the pan, and step until it is recorded."""
        journal_id = self.outbox.journal(SCALE).journal_id
        before = self.outbox.last_seq(journal_id)
        self.scale.send(frame(net_g, 9000, PriceUnit.KG) * 3)
        for _ in range(50):
            self.clocks.pass_by(0.1)
            self.agent.step(self.clocks.elapsed_s)
            if self.outbox.last_seq(journal_id) > before:
                return
        raise AssertionError("nothing was recorded")

    def both_lines_wait(self) -> bool:
        return len(self.agent._selector.select(0)) == 2

    def close(self) -> None:
        self.agent.close()
        self.outbox.close()
        self.scale.close()
        self.keypad.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_plu_that_waits_beside_the_load_belongs_to_it(bench: Bench) -> None:
    bench.scale.send(LOAD * 3)
    bench.keypad.send(b"2001\r")
    wait_until(bench.both_lines_wait, what="both are there to be read")  # a pty takes its time to hand over
    (weighing,) = bench.step_until_recorded()
    assert weighing.plu == "2001"
    assert bench.display.total_fen() == 6408


def test_what_is_stable_in_one_wake_up_is_one_transaction(bench: Bench) -> None:
    empty = frame(0, 9000, PriceUnit.KG)
    bench.scale.send(LOAD * 3 + empty * 3 + LOAD * 3)
    assert len(bench.step_until_recorded()) == 2
    assert bench.outbox.batches == [2]


def test_a_void_without_a_sale_records_and_shows_nothing(bench: Bench) -> None:
    bench.agent._unwritten.add([replace(draft(), voids_last=True)])
    bench.agent._record(0.0)
    assert len(bench.agent._unwritten) == 0
    assert bench.outbox.journal(SCALE).last_seq == 0
    bench.scale.send(LOAD * 3)
    assert [weighing.seq for weighing in bench.step_until_recorded()] == [1]
    assert bench.display.total_fen() == 6408


def test_what_the_disk_refuses_is_not_shown_and_recorded_when_it_can_be(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=3)
    made.scale.send(LOAD * 3)
    assert [weighing.net_g for weighing in made.step_until_recorded()] == [712]
    assert made.outbox.failures == 0
    assert made.display.total_fen() == 6408
    made.close()


def test_a_clock_that_leaps_a_year_ahead_for_one_weighing_is_taken_and_marked(tmp_path: Path) -> None:
    made = Bench(tmp_path, clock_synced=True)
    clock = []
    for net_g, leap in ((500, 0), (700, 365), (500, -365), (700, 0)):
        made.clocks.now += timedelta(days=leap)
        made.weigh(net_g)
        clock.append(made.clocks.now)
    entries = made.outbox.pending(made.outbox.journal(SCALE).journal_id, after_seq=0, limit=9)
    weighings = [decode_weighing(entry.body) for entry in entries]
    assert [weighing.weighed_at for weighing in weighings] == clock
    assert [weighing.clock_synced for weighing in weighings] == [True, False, False, True]
    made.close()


def test_a_clock_that_receipts_show_to_be_wrong_is_marked_and_its_times_are_kept(tmp_path: Path) -> None:
    made = Bench(tmp_path, clock_synced=True)
    journal_id, clock = made.outbox.journal(SCALE).journal_id, []
    for net_g, behind_s in ((500, 0), (700, 30), (500, 0)):
        made.agent._watch.first_sent(journal_id, net_g, made.clocks.elapsed_s)
        sent = made.clocks.now + timedelta(seconds=behind_s)
        made.agent._watch.receipted(Receipt(journal_id, net_g, sent), made.clocks.elapsed_s)
        made.weigh(net_g)
        clock.append(made.clocks.now)
    entries = made.outbox.pending(journal_id, after_seq=0, limit=9)
    weighings = [decode_weighing(entry.body) for entry in entries]
    assert [weighing.clock_synced for weighing in weighings] == [True, False, True]
    assert [weighing.weighed_at for weighing in weighings] == clock
    made.close()


def test_weighings_of_a_removed_scale_are_told_in_the_log(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft(OTHER), draft(OTHER)])
    outbox.close()
    with capture_logs() as logs:
        Bench(tmp_path).close()
    told = [entry for entry in logs if entry["event"] == "delivering_for_removed_scale"]
    assert [(entry["scale_id"], entry["weighings"]) for entry in told] == [(OTHER, 2)]


def test_a_lost_line_is_opened_again_and_the_agent_goes_on(bench: Bench, tmp_path: Path) -> None:
    bench.scale.close()
    for now in (1.0, 1.1):
        bench.agent.step(now)
    bench.scale = PtyLine(tmp_path / "scale.tty")
    bench.agent.step(60.0)
    bench.scale.send(LOAD * 3)
    assert len(bench.step_until_recorded()) == 1


SOLD = (Path(__file__).parents[2] / "frames" / "dp401_sale.bin").read_bytes()
PRINTED = b'P"' + SOLD.replace(b"06:00:27", b"06:00:29")


def heard_by_the_scale(made: Bench, enough: bytes) -> bytes:
    """What the scale heard, once that is so much, or after a while."""
    heard = b""
    for _ in range(50 if enough else 15):
        if enough and heard.startswith(enough):
            break
        made.clocks.pass_by(0.1)
        made.agent.step(made.clocks.elapsed_s)
        heard += made.scale.receive()
    return heard


def test_a_scale_is_told_that_its_sale_was_taken_only_when_it_is_durable(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=1_000_000, protocol="dp401")
    made.scale.send(SOLD + b"KONTROLLU AKTAR OK?")
    assert heard_by_the_scale(made, b"") == b""
    assert made.outbox.failures < 1_000_000, "the sale never came as far as the disk"
    made.outbox.failures = 0
    assert heard_by_the_scale(made, b"OK\nOK\n") == b"OK\nOK\n"
    assert made.outbox.journal(SCALE).last_seq == 1
    made.close()


@pytest.mark.parametrize(
    ("protocol", "said", "quiet_s", "is_online"),
    [
        ("yaohua_xk3190", LOAD, 4.9, True),
        ("yaohua_xk3190", LOAD, 6.0, False),
        ("dp401", b"HB", 60.0, True),  # it says so much every 30 s
        ("dp401", b"HB", 66.0, False),
        ("dialog06", b"\x06", 3600.0, True),  # nobody asked it anything
    ],
)
def test_a_scale_is_online_as_long_as_its_protocol_may_be_quiet(
    tmp_path: Path, protocol: str, said: bytes, quiet_s: float, is_online: bool
) -> None:
    made = Bench(tmp_path, protocol=protocol)
    made.scale.send(said)
    desk, now = made.agent._desks[SCALE], 0.0
    while not desk.is_heard(now):
        now += 0.1
        assert now < 10.0, "it was never heard"
        made.agent.step(now)
    assert desk.is_heard(now + quiet_s) == is_online
    made.close()


def test_a_label_printed_after_the_agent_began_anew_is_no_second_sale(tmp_path: Path) -> None:
    made = Bench(tmp_path, protocol="dp401")
    made.scale.send(SOLD)
    assert heard_by_the_scale(made, b"OK\n") == b"OK\n"
    made.close()
    again = Bench(tmp_path, protocol="dp401")
    again.scale.send(PRINTED)
    assert heard_by_the_scale(again, b"OK\n") == b"OK\n"
    assert again.outbox.journal(SCALE).last_seq == 1
    assert again.agent.stats().garbage == {"scale_sale_sent_again": 1}
    again.close()


def test_after_a_reload_the_clock_is_still_watched_by_receipts(tmp_path: Path) -> None:
    """The link that hears the receipts stays: so must what it tells."""
    made = Bench(tmp_path, clock_synced=True)
    config = made.agent._config
    made.agent.reconfigure(replace(config, scales=(replace(config.scales[0], tare_g=Grams(5)),)))
    journal_id = made.outbox.journal(SCALE).journal_id
    made.agent.link._watch.first_sent(journal_id, 1, made.clocks.elapsed_s)
    receipt = Receipt(journal_id, 1, made.clocks.now + timedelta(seconds=30))
    made.agent.link._watch.receipted(receipt, made.clocks.elapsed_s)
    made.weigh(500)
    (entry,) = made.outbox.pending(journal_id, after_seq=0, limit=9)
    assert decode_weighing(entry.body).clock_synced is False
    made.close()


def test_a_disk_that_stays_full_is_not_asked_with_every_reading_and_does_not_end_the_agent(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=10**6)
    with capture_logs() as logs:
        for n in range(240):  # two minutes
            made.scale.send((LOAD * 3 + frame(0, 9000, PriceUnit.KG) * 3) * 2)
            made.agent.step(n / 2)
    asked = 10**6 - made.outbox.failures
    assert 100 <= asked <= 125
    told = [entry for entry in logs if entry["event"] == "weighings_not_recorded"]
    assert [entry["log_level"] for entry in told] == ["critical", "critical"]
    waiting = len(made.agent._unwritten)
    assert waiting == MOST_A_SCALE
    made.outbox.failures = 0
    made.agent.step(121.0)
    assert made.outbox.journal(SCALE).last_seq == waiting
    made.close()


def test_what_waits_for_the_disk_at_the_end_is_written_or_told_as_lost(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=10**6)
    made.agent._unwritten.add([draft(SCALE)])
    made.agent._record(0.0)
    with capture_logs() as logs:
        made.close()
    assert [entry["weighings"] for entry in logs if entry["event"] == "lost_at_the_end"] == [1]


def test_what_waits_of_a_scale_that_was_taken_away_is_recorded_all_the_same(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=1)
    made.agent._unwritten.add([draft(OTHER)])
    made.agent._record(0.0)
    made.agent._record(5.0)
    assert made.outbox.journal(OTHER).last_seq == 1
    made.close()
