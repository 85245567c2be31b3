"""One batch, one transaction: what is stored, judged, raised, held and receipted."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from db import alerts, quarantine_pages
from db.journals import JournalKey
from db.quarantine_pages import Where
from domain.alert import Alert, AlertKind, AlertState
from domain.ids import JournalId, ScaleId
from domain.quarantine import HeldState
from ingest.batch import Taken, take_batch
from ingest.reading import Delivery
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import (
    MARKET,
    NOW,
    delivery,
    message,
    over,
    place,
    publish_caps,
    put_market,
    topic,
    weighing,
)

POLICY = read_rules_policy(policy_directory() / "rules.toml")
BOOKS = BookKeeper()


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def take(conn: Connection, *deliveries: Delivery, books: BookKeeper | None = None) -> Taken:
    return take_batch(conn, deliveries, books=books or BookKeeper(), policy=POLICY, now=NOW)


def rows(conn: Connection, columns: str, tail: str = "") -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT {columns} FROM weighings {tail}".encode()).fetchall()


def awaiting(conn: Connection) -> list[Alert]:
    return alerts.visible(conn, MARKET, {AlertState.OPEN, AlertState.ACKNOWLEDGED})


def held(conn: Connection) -> list[tuple[str, str, int]]:
    found = quarantine_pages.listed(conn, Where(), {HeldState.HELD})
    return [(one.reason, one.explanation, one.times_received) for one in found]


def key(scale: str = "S-1", journal: str = "j1") -> JournalKey:
    return JournalKey(MARKET, ScaleId(scale), JournalId(journal))


def test_a_weighing_is_stored_with_its_bytes_judged_and_bound_to_whose_the_scale_is(market: Connection) -> None:
    body = weighing(1, temperature=21.5)
    taken = take(market, delivery(message(body)))
    assert (taken.stored, taken.committed) == (1, {key(): 1})
    assert rows(market, "vendor_id, stall_id, verdict, paid_verdict, cap_fen, body, business_day::text") == [
        ("V-1", "A-1", "within", "within", 23000, body, "2026-11-22")
    ]
    assert awaiting(market) == []


def test_one_fen_over_the_cap_is_one_open_alert_a_vendor_species_and_day(market: Connection) -> None:
    take(market, delivery(message(weighing(1, unit_price_fen=11501), over(2), over(3, net_g=500))))
    take(market, delivery(message(over(1, unit_price_fen=23000)), scale="S-2"), delivery(message(over(4))))
    first, second = (one for one in awaiting(market) if one.kind is AlertKind.PRICE_OVER_CAP)
    assert (first.vendor_id, first.worst_excess_permille, first.occurrences, first.overcharge_fen) == (
        "V-2",
        1000,
        1,
        23000,
    )
    assert (second.vendor_id, second.kind, second.occurrences) == ("V-1", AlertKind.PRICE_OVER_CAP, 4)
    assert (second.worst_excess_fen, second.overcharge_fen) == (200, 2 + 200 + 100 + 200)


def test_what_was_paid_is_judged_too(market: Connection) -> None:
    take(market, delivery(message(weighing(1, paid_fen=23001))))
    (alert,) = awaiting(market)
    assert (alert.kind, alert.overcharge_fen) == (AlertKind.EFFECTIVE_PRICE_OVER_CAP, 1)
    assert rows(market, "verdict, paid_verdict") == [("within", "over")]


@pytest.mark.parametrize(
    ("paid_fen", "verdicts", "overcharges"),
    [
        (0, ("unlisted", "unlisted"), []),
        (23000, ("unlisted", "within"), []),
        (23001, ("unlisted", "over"), [(AlertKind.EFFECTIVE_PRICE_OVER_CAP, 1)]),
    ],
    ids=["nothing is known", "paid at the cap", "paid over it"],
)
def test_a_sale_whose_price_the_scale_did_not_know_is_judged_by_what_was_paid_and_never_within(
    market: Connection, paid_fen: int, verdicts: tuple[str, str], overcharges: list[tuple[AlertKind, int]]
) -> None:
    take(market, delivery(message(weighing(1, unit_price_fen=0, amount_fen=0, paid_fen=paid_fen))))
    assert rows(market, "verdict, paid_verdict") == [verdicts]
    assert [(alert.kind, alert.overcharge_fen) for alert in awaiting(market)] == overcharges


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"species": "X01"}, "uncapped"),
        ({"species": "F02"}, "out_of_stock"),
        ({"species": "Z99", "name": "大白鲨"}, "unlisted"),
        ({"species": None, "name": None}, "unlisted"),
        ({"species": None, "name": "东星斑鱼"}, "within"),
        ({"weighed_at": (NOW - timedelta(hours=13)).isoformat()}, "no_list"),
    ],
    ids=["uncapped", "out of stock", "unknown species", "no species", "known by its name", "before the list"],
)
def test_each_has_its_own_verdict(market: Connection, fields: dict[str, Any], verdict: str) -> None:
    take(market, delivery(message(weighing(1, **fields))))
    assert rows(market, "verdict, paid_verdict") == [(verdict, verdict)]
    assert awaiting(market) == []


def test_the_list_in_force_at_the_moment_of_weighing_judges(market: Connection) -> None:
    books = BookKeeper()
    take(market, delivery(message(over(1))), books=books)
    publish_caps(market, cap_fen=30000, effective_from=NOW + timedelta(seconds=3))
    market.commit()
    take(market, delivery(message(over(2), over(3))), books=books)
    assert rows(market, "seq, verdict, cap_fen", "ORDER BY seq") == [
        (1, "over", 23000),
        (2, "over", 23000),
        (3, "within", 30000),
    ]


def test_the_binding_at_the_moment_of_weighing_says_whose_it_was(market: Connection) -> None:
    place(market, 1, vendor="V-9", since=NOW + timedelta(seconds=2))
    market.commit()
    take(market, delivery(message(weighing(1), weighing(2))))
    assert rows(market, "seq, vendor_id", "ORDER BY seq") == [(1, "V-1"), (2, "V-9")]


def test_the_payload_is_never_believed_about_who(market: Connection) -> None:
    take(market, delivery(message(weighing(1, vendor_id="V-2", stall_id="A-2", market_id="elsewhere"))))
    assert rows(market, "market_id, vendor_id, stall_id") == [(MARKET, "V-1", "A-1")]


def test_the_same_again_leaves_no_trace(market: Connection) -> None:
    first = delivery(message(over(1), over(2)))
    take(market, first)
    before = (rows(market, "*"), awaiting(market), held(market))
    taken = take(market, first, delivery(message(over(2), over(1))), first)
    assert (taken.stored, taken.redelivered, taken.held, taken.alerts) == (0, 6, 0, 0)
    assert (rows(market, "*"), awaiting(market), held(market)) == before
    assert taken.committed == {key(): 2}


def test_the_same_twice_in_one_batch_is_stored_once(market: Connection) -> None:
    taken = take(market, delivery(message(over(1), over(1))), delivery(message(over(1))))
    assert (taken.stored, taken.redelivered) == (1, 2)
    assert awaiting(market)[0].occurrences == 1


@pytest.mark.parametrize(
    "other",
    [{"net_g": 999}, {"weighed_at": (NOW + timedelta(minutes=1)).isoformat()}],
    ids=["other content", "other time"],
)
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_same_key_with_other_content_is_held_and_raises_an_alert(
    market: Connection, other: dict[str, Any], in_one_batch: bool
) -> None:
    good, bad = delivery(message(weighing(1))), delivery(message(weighing(1, **other)))
    if in_one_batch:
        take(market, good, bad)
    else:
        take(market, good)
        take(market, bad)
    assert rows(market, "net_g") == [(1000,)]
    ((reason, explanation, times),) = held(market)
    assert (reason, times) == ("conflict", 1)
    assert explanation.startswith("seq is 1; expected the content that journal j1 sent with this seq before")
    (alert,) = awaiting(market)
    assert (alert.kind, alert.vendor_id, alert.occurrences) == (AlertKind.SEQUENCE_CONFLICT, "V-1", 1)
    take(market, bad, good, bad)
    assert awaiting(market)[0].occurrences == 1
    assert len(rows(market, "1")) == 1


BAD_MESSAGES = [
    (delivery(b"not json at all"), "not_json", "expected UTF-8 JSON"),
    (delivery(b"\xff\xfe\x00"), "not_utf8", "expected UTF-8 text"),
    (delivery(message()), "bad_field", "weighings is []; expected `array` of length >= 1"),
    (delivery(message(*[weighing(n) for n in range(1, 502)])), "bad_field", "`array` of length <= 500"),
    (delivery(message(weighing(1, note="x" * 300_000))), "too_large", "expected at most 262144"),
    (delivery(message(weighing(1, net_g="712"))), "bad_field", "net_g is '712'; expected `int`, got `str`"),
    (delivery(message(weighing(1, net_g=-712))), "bad_field", "net_g is -712; expected `int` >= 0"),
    (delivery(message(weighing(1, net_g=10**15))), "bad_field", "expected `int` <= 10000000"),
    (delivery(message(weighing(1, unit_price_fen=-1))), "bad_field", "unit_price_fen is -1"),
    (delivery(message(weighing(1, weighed_at="2031-01-01T00:00:00Z"))), "unbelievable_time", "weighed_at is 2031"),
    (delivery(message(weighing(1, weighed_at="1999-01-01T00:00:00Z"))), "unbelievable_time", "weighed_at is 1999"),
    (delivery(message(weighing(1, weighed_at="0001-01-01T00:00:00+14:00"))), "unbelievable_time", "weighed_at is 0001"),
    (delivery(message(weighing(1, weighed_at="9999-12-31T23:59:59-14:00"))), "unbelievable_time", "weighed_at is 9999"),
    (delivery(message(weighing(1)), scale="S-999"), "unknown_scale", "topic scale_id is 'S-999'"),
    (delivery(message(weighing(1)), market="nowhere"), "unknown_scale", "registered in market 'nowhere'"),
    (delivery(message(weighing(1)), on="steelyard/v1/sanya-1/weighings"), "bad_topic", "expected steelyard/v1/"),
    (delivery(message(weighing(1)), on=topic(channel="status")), "bad_topic", "topic channel is 'status'"),
    (delivery(message(weighing(1)), on="steelyard/v1/sanya-1/秤/weighings"), "bad_topic", "topic scale_id is '秤'"),
]


@pytest.mark.parametrize(
    ("bad", "reason", "says"), BAD_MESSAGES, ids=[f"{n}-{one[1]}" for n, one in enumerate(BAD_MESSAGES)]
)
def test_what_cannot_be_taken_is_held_with_a_reason_and_the_rest_goes_on(
    market: Connection, bad: Delivery, reason: str, says: str
) -> None:
    good = delivery(message(weighing(1), journal="good"))
    taken = take(market, bad, good)
    assert (taken.stored, taken.held) == (1, 1)
    ((held_for, explanation, times),) = held(market)
    assert (held_for, times) == (reason, 1)
    assert says in explanation
    assert take(market, bad, good).redelivered == 2
    assert [times for _, _, times in held(market)] == [2]


def test_a_bad_weighing_is_held_alone_and_its_place_in_the_journal_is_accounted_for(market: Connection) -> None:
    taken = take(market, delivery(message(weighing(1), weighing(2, net_g="x"), weighing(3))))
    assert (taken.stored, taken.held, taken.committed) == (2, 1, {key(): 3})
    assert quarantine_pages.listed(market, Where(market_id=MARKET), {HeldState.HELD})[0].seq == 2


def test_receipts_stop_at_the_first_gap_and_go_on_when_it_is_filled(market: Connection) -> None:
    assert take(market, delivery(message(weighing(2), weighing(4)))).committed == {key(): 0}
    assert take(market, delivery(message(weighing(1)))).committed == {key(): 2}
    assert take(market, delivery(message(weighing(3)))).committed == {key(): 4}


def test_a_scale_without_a_vendor_is_stored_and_says_so(market: Connection) -> None:
    market.execute("UPDATE scale_bindings SET valid = tstzrange(lower(valid), %s) WHERE scale_id = 'S-2'", [NOW])
    market.commit()
    take(market, delivery(message(weighing(1), over(2)), scale="S-2"))
    kinds = {alert.kind: (alert.vendor_id, alert.scale_id, alert.occurrences) for alert in awaiting(market)}
    assert kinds == {AlertKind.UNBOUND_SCALE: (None, "S-2", 2), AlertKind.PRICE_OVER_CAP: (None, "S-2", 1)}


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_record_that_voids_another_is_no_sale_and_is_not_judged(market: Connection, in_one_batch: bool) -> None:
    sale, void = over(1), over(2, voids_seq=1)
    for part in [[sale, void]] if in_one_batch else [[sale], [void]]:
        take(market, delivery(message(*part)))
    assert rows(market, "seq, verdict", "ORDER BY seq") == [(1, "over"), (2, None)]
    assert awaiting(market)[0].occurrences == 1


@pytest.mark.parametrize(
    "record",
    [
        {"voids_seq": 999},
        {"voids_seq": 2},
        {"voids_seq": 3},
        {"voids_seq": 1, "net_g": 900},
        {"voids_seq": 1, "unit_price_fen": 11700},
    ],
    ids=["nothing there", "itself", "a later one", "other weight", "other amount"],
)
def test_a_record_that_only_says_it_voids_another_is_judged(market: Connection, record: dict[str, Any]) -> None:
    take(market, delivery(message(over(1), over(2, **record), over(3))))
    assert rows(market, "seq, verdict", "ORDER BY seq") == [(1, "over"), (2, "over"), (3, "over")]


def test_a_sale_is_voided_once_and_a_void_cannot_be_voided(market: Connection) -> None:
    take(market, delivery(message(over(1), over(2, voids_seq=1), over(3, voids_seq=1), over(4, voids_seq=2))))
    take(market, delivery(message(over(5, voids_seq=1))))
    judged = [(1, "over"), (2, None), (3, "over"), (4, "over"), (5, "over")]
    assert rows(market, "seq, verdict", "ORDER BY seq") == judged


def test_weighings_of_a_scale_that_is_registered_late_arrive_when_they_are_sent_again(market: Connection) -> None:
    early = delivery(message(weighing(1), weighing(2)), scale="S-3")
    assert take(market, early).committed == {}
    place(market, 3)
    market.commit()
    taken = take(market, early)
    assert (taken.stored, taken.committed) == (2, {key("S-3"): 2})


def test_a_message_that_our_own_code_stumbles_over_is_held_and_the_rest_goes_on(
    market: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(payload: bytes) -> None:
        raise ZeroDivisionError(payload)

    good = delivery(message(weighing(1)))
    take(market, good)
    monkeypatch.setattr("ingest.reading.decode_envelope", stumble)
    taken = take(market, delivery(b"whatever"))
    ((reason, explanation, _),) = held(market)
    assert (taken.held, reason) == (1, "our_bug")
    assert "ZeroDivisionError" in explanation


def test_absurd_numbers_that_the_contract_allows_are_stored_and_judged(market: Connection) -> None:
    take(market, delivery(message(weighing(1, net_g=1, paid_fen=10**11), weighing(2, net_g=2, amount_fen=10**11))))
    (paid,) = (one for one in awaiting(market) if one.kind is AlertKind.EFFECTIVE_PRICE_OVER_CAP)
    assert paid.worst_excess_permille == 4347826085957


def test_a_topic_of_any_length_is_held(market: Connection) -> None:
    long = f"steelyard/v1/{'m' * 60_000}/S-1/weighings"
    assert take(market, delivery(message(weighing(1)), on=long)).held == 1
    assert take(market, delivery(message(weighing(1)), on=long)).redelivered == 1


def test_after_a_decision_the_next_occurrence_opens_a_new_alert(market: Connection) -> None:
    take(market, delivery(message(over(1))))
    market.execute("UPDATE alerts SET state = 'confirmed', is_counting = false, decided_at = now(), decided_by = 'm'")
    market.commit()
    take(market, delivery(message(over(2))))
    assert [(alert.state, alert.occurrences) for alert in awaiting(market)] == [(AlertState.OPEN, 1)]


def test_nothing_of_a_batch_is_kept_when_the_transaction_fails(market: Connection) -> None:
    market.execute("ALTER TABLE alerts ADD CONSTRAINT one_only CHECK (occurrences < 2)")
    market.commit()
    with pytest.raises(Exception, match="one_only"):
        take(market, delivery(message(over(1), over(2), weighing(3, net_g="x"))))
    assert (rows(market, "1"), held(market)) == ([], [])
    assert market.execute("SELECT count(*) FROM journals").fetchone() == (0,)
