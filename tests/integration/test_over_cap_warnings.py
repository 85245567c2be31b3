"""A sale above the cap is told to its scale right after the commit: a real worker, broker and database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from psycopg import Connection

from db import scale_caps
from domain.ids import MarketId
from ingest.batch import take_batch
from messages.notices import OverCapNotice, decode_notice
from messages.topics import ScaleChannel, every_scale
from pricing.price_book import BookKeeper
from tests.brokers import RealBroker
from tests.factories import CAP, MARKET, NOW, delivery, message, over, put_market, topic, weighing
from tests.integration.test_ingest_worker import POLICY, running_worker, start_of_run, today
from tests.waiting import wait_until

#: 99 of 100 warnings reach the scale within this (issue 6: within 1 s).
MOST_S = 1.0


class Scale:
    """Sends its sales and hears what it is told, with the moment of each."""

    def __init__(self, broker: RealBroker) -> None:
        self.told: list[tuple[str, OverCapNotice, float]] = []
        self._ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="scale", protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._take
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        self.client.subscribe(every_scale(ScaleChannel.NOTICES), qos=1)
        assert self._ready.wait(10)

    def _take(self, _client: Client, _data: object, got: MQTTMessage) -> None:
        notice = decode_notice(bytes(got.payload))
        assert isinstance(notice, OverCapNotice)
        self.told.append((got.topic, notice, time.monotonic()))

    def send(self, payload: bytes, on: str = topic()) -> None:
        self.client.publish(on, payload, qos=1).wait_for_publish(10)

    def heard(self, seq: int) -> bool:
        return bool(self.told) and self.told[-1][1].seq == seq

    def seqs(self) -> list[int]:
        return [notice.seq for _, notice, _ in self.told]


@contextmanager
def selling(broker: RealBroker, database_url: str, conn: Connection) -> Iterator[Scale]:
    start_of_run(conn)
    conn.commit()
    scale = Scale(broker)
    try:
        with running_worker(broker, database_url):
            yield scale
    finally:
        scale.client.disconnect()
        scale.client.loop_stop()


def stored(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM weighings").fetchone()
    conn.rollback()
    return int(row[0]) if row else 0


def test_the_scale_hears_what_was_wrong_and_no_other_scale_does(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    with selling(broker, database_url, conn) as scale:
        scale_caps.note_announced(conn, MARKET, "7-abc", list_in_force(conn), datetime.now(UTC))
        conn.commit()
        scale.send(message(today(1), today(2, over, grade="大"), today(3)))
        wait_until(lambda: scale.told, what="the warning")
        wait_until(lambda: stored(conn) == 3, what="all three are stored")
    [(where, notice, _)] = scale.told
    assert where == f"steelyard/v1/{MARKET}/S-1/notices"
    assert (notice.journal_id, notice.seq, notice.species, notice.grade) == ("j1", 2, "F01", "大")
    assert (notice.unit_price_fen, notice.price_unit, notice.cap_fen_per_kg) == (11600, "500g", CAP)
    assert (notice.name, notice.list_version) == ("东星斑", "7-abc")


def list_in_force(conn: Connection) -> int:
    row = conn.execute("SELECT cap_list_id FROM cap_lists WHERE status = 'published'").fetchone()
    assert row is not None
    return int(row[0])


def test_a_sale_that_comes_again_is_not_warned_of_again(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    with selling(broker, database_url, conn) as scale:
        sale = message(today(1, over))
        scale.send(sale)
        wait_until(lambda: scale.seqs() == [1], what="the warning")
        scale.send(sale)
        scale.send(message(today(2, over)))
        wait_until(lambda: 2 in scale.seqs(), what="the later sale is warned of")
    assert scale.seqs() == [1, 2]


def test_what_an_outage_kept_is_an_alert_and_no_warning(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    old = datetime.now(UTC) - POLICY.warnings.fresh - timedelta(seconds=5)
    with selling(broker, database_url, conn) as scale:
        scale.send(message(over(1, weighed_at=old.isoformat())))
        scale.send(message(today(2, over)))
        wait_until(lambda: scale.told, what="the fresh one")
    assert scale.seqs() == [2]
    assert conn.execute("SELECT sum(occurrences) FROM alerts").fetchall() == [(2,)]  # of two days round midnight


def test_warnings_are_there_in_time(broker: RealBroker, database_url: str, conn: Connection) -> None:
    sent: dict[int, float] = {}
    with selling(broker, database_url, conn) as scale:
        for seq in range(1, 201):
            sent[seq] = time.monotonic()
            scale.send(message(today(seq, over)))
            wait_until(partial(scale.heard, seq), what=f"warning {seq}", every_s=0.001)
    took = sorted(at - sent[notice.seq] for _, notice, at in scale.told)
    print(f"\nwarning after a sale: p50 {took[100] * 1000:.1f} ms, p99 {took[198] * 1000:.1f} ms, {len(took)} sales")
    assert took[198] < MOST_S


def warned_of(conn: Connection, *payloads: bytes, at: datetime = NOW) -> list[int]:
    taken = take_batch(
        conn, [delivery(payload, at=at) for payload in payloads], books=BookKeeper(), policy=POLICY, now=at
    )
    return [one.notice.seq for one in taken.warnings]


def test_of_several_sales_that_come_together_the_last_is_warned_of(conn: Connection) -> None:
    put_market(conn)
    now = NOW + timedelta(seconds=10)
    assert warned_of(conn, message(over(1), over(2)), message(over(4)), message(over(3)), at=now) == [4]
    assert warned_of(conn, message(over(1), journal="j2"), message(over(5)), at=now) == [1, 5]


def test_nobody_is_warned_of_what_is_legal_or_has_no_cap_to_name(conn: Connection) -> None:
    put_market(conn)
    now = NOW + timedelta(seconds=10)
    assert warned_of(conn, message(weighing(1), weighing(2, species="X01", unit_price_fen=99999)), at=now) == []


@pytest.mark.parametrize(("age_s", "is_warned"), [(59, True), (60, True), (61, False)])
def test_how_old_a_sale_may_be(conn: Connection, age_s: int, is_warned: bool) -> None:
    put_market(conn)
    at = NOW + timedelta(seconds=1 + age_s)
    assert warned_of(conn, message(over(1)), at=at) == ([1] if is_warned else [])


def test_of_what_was_paid_over_the_scale_is_warned_too(conn: Connection) -> None:
    put_market(conn)
    assert warned_of(conn, message(weighing(1, paid_fen=99_000, amount_fen=99_000)), at=NOW + timedelta(seconds=2)) == [
        1
    ]


def test_a_list_of_another_market_gives_no_version(conn: Connection) -> None:
    put_market(conn)
    scale_caps.note_announced(conn, MARKET, "1-a", 1, NOW)
    scale_caps.note_announced(conn, MARKET, "2-b", 2, NOW)
    asked = {(MARKET, 1), (MARKET, 2), (MarketId("elsewhere"), 2)}
    assert scale_caps.versions_of(conn, asked) == {(MARKET, 2): "2-b"}
