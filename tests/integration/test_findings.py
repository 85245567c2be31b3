"""What the rules see becomes alerts, end to end: of weighings by the batch, of days and registry by a look."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from db import alerts, scale_facts
from db.cap_lists import NewCapItem, NewCapList
from domain.alert import Alert, AlertKind, AlertState
from domain.errors import NotFound, RuleViolation
from domain.ids import ScaleId, SpeciesCode
from domain.price_cap import CapStatus, CapUnit, Channel, GradeMeaning
from domain.scale import AccuracyClass, ScaleFacts
from domain.units import Fen
from ingest.batch import take_batch
from ingest.findings_look import Looker
from ingest.findings_watcher import FindingsWatcher
from ingest.holding import RegistryKeeper
from ingest.reweighing import reweigh
from pricing import publishing
from pricing.findings.figures import figures_in
from pricing.findings.short_weight import Reweighed
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, delivery, message, place, put_market, topic, weighing
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")
FACTS = ScaleFacts(
    division_g=5,
    max_g=15000,
    accuracy_class=AccuracyClass.MEDIUM,
    usual_tare_g=400,
    verified_until=date(2027, 6, 30),
    seal_no="琼A 0001",
)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def take(conn: Connection, *bodies: bytes, keeper: RegistryKeeper | None = None) -> None:
    take_batch(
        conn,
        [delivery(message(*bodies))],
        books=BookKeeper(),
        policy=POLICY,
        now=NOW,
        keeper=keeper or RegistryKeeper(),
    )


def awaiting(conn: Connection) -> dict[AlertKind, Alert]:
    return {one.kind: one for one in alerts.visible(conn, MARKET, {AlertState.OPEN})}


@pytest.mark.parametrize(
    ("fields", "kind", "figures"),
    [
        ({"amount_fen": 22000}, AlertKind.AMOUNT_MISMATCH, {"amount_fen": 22000, "due_fen": 23000}),
        ({"unit_price_fen": 1150}, AlertKind.PRICE_SCALED, {}),
        ({"unit_price_fen": 5750}, AlertKind.UNIT_CONFUSION, {}),
        ({"stable": False}, AlertKind.UNSTABLE_WEIGHT, {"net_g": 1000}),
        ({"zero_offset_g": 700}, AlertKind.ZERO_ABNORMAL, {"zero_offset_g": 700}),
        (
            {"gross_g": 1000, "tare_g": 0},
            AlertKind.TARE_ABUSE,
            {"tare_g": 0, "usual_tare_g": 400, "gross_g": 1000},
        ),
        ({"net_g": 95}, AlertKind.BELOW_MINIMUM, {"net_g": 95, "least_g": 100}),
    ],
    ids=lambda value: value.value if isinstance(value, AlertKind) else "",
)
def test_what_a_rule_saw_is_one_alert_with_its_figures(
    market: Connection, fields: dict[str, Any], kind: AlertKind, figures: dict[str, int]
) -> None:
    assert scale_facts.put(market, MARKET, ScaleId("S-1"), FACTS)
    take(market, weighing(1, **fields), weighing(2, **fields), weighing(3))
    (alert,) = awaiting(market).values()
    assert (alert.kind, alert.vendor_id, alert.occurrences) == (kind, "V-1", 2)
    assert figures_in(alert.note) == figures
    is_of_cap = kind in (AlertKind.PRICE_SCALED, AlertKind.UNIT_CONFUSION)
    assert (alert.worst_cap_fen, alert.worst_cap_unit) == ((23000, CapUnit.KG) if is_of_cap else (None, None))


def test_rules_that_need_facts_of_the_scale_speak_only_once_they_are_registered(market: Connection) -> None:
    keeper = RegistryKeeper()
    take(market, weighing(1, net_g=95), keeper=keeper)
    assert awaiting(market) == {}
    scale_facts.put(market, MARKET, ScaleId("S-1"), FACTS)
    take(market, weighing(2, net_g=95), keeper=keeper)
    assert set(awaiting(market)) == {AlertKind.BELOW_MINIMUM}


def test_a_redelivery_is_no_second_occurrence(market: Connection) -> None:
    for _ in range(2):
        take(market, weighing(1, amount_fen=25000))
    assert awaiting(market)[AlertKind.AMOUNT_MISMATCH].occurrences == 1


def test_the_facts_of_a_scale_are_kept_and_a_scale_that_is_not_there_has_none(market: Connection) -> None:
    assert scale_facts.put(market, MARKET, ScaleId("S-1"), FACTS)
    assert not scale_facts.put(market, MARKET, ScaleId("S-99"), FACTS)
    assert scale_facts.of_market(market, MARKET)[ScaleId("S-1")] == FACTS
    asked = [(MARKET, ScaleId("S-1")), (MARKET, ScaleId("S-2"))]
    assert scale_facts.of_scales(market, asked) == {(MARKET, ScaleId("S-1")): FACTS}


def test_a_grade_that_the_pieces_do_not_belong_to_is_told_only_above_their_own_cap(market: Connection) -> None:
    publish_graded(market)
    sold = {"species": "X01", "name": "基围虾", "grade": "大", "net_g": 1000, "pieces": 60}
    take(market, weighing(1, **sold, unit_price_fen=1800))
    assert AlertKind.GRADE_UPGRADE not in awaiting(market)
    take(market, weighing(2, **sold, unit_price_fen=4000))
    assert awaiting(market)[AlertKind.GRADE_UPGRADE].worst_cap_fen == 9200


def publish_graded(conn: Connection) -> None:
    """A list with X01 large at 46 yuan/500 g, 12 to 19 pieces, and small at 18, 26 to 35."""
    new = NewCapList(area="sanya", channel=Channel.EATERY, source="a test", effective_from=NOW - timedelta(hours=1))
    graded = (
        ("大", 9200, GradeMeaning(least_pieces_per_500g=12, most_pieces_per_500g=19)),
        ("小", 3600, GradeMeaning(least_pieces_per_500g=26, most_pieces_per_500g=35)),
    )
    items = [
        NewCapItem(
            species=SpeciesCode("X01"),
            grade=grade,
            status=CapStatus.CAPPED,
            unit=CapUnit.KG,
            cap_fen=Fen(cap_fen),
            published_as="as tested",
            meaning=meaning,
        )
        for grade, cap_fen, meaning in graded
    ]
    cap_list_id = publishing.draft(conn, new, items, by="drafter", at=NOW)
    publishing.publish(conn, cap_list_id, by="publisher", at=NOW)


def test_a_vendors_day_is_told_of_once_however_often_it_is_looked_at(market: Connection) -> None:
    voided = [weighing(n, unit_price_fen=11600, net_g=900 + n) for n in (1, 2, 3)]
    voids = [weighing(n + 3, unit_price_fen=11600, net_g=900 + n, voids_seq=n) for n in (1, 2, 3)]
    take(market, *voided, *voids)
    looker = Looker(POLICY.findings)
    later = NOW + timedelta(hours=2)
    assert [looker.look(market, later) for _ in range(3)] == [1, 0, 0]
    alert = awaiting(market)[AlertKind.FREQUENT_VOIDS]
    assert (alert.vendor_id, alert.occurrences, alert.note) == ("V-1", 3, "voids=3")
    assert Looker(POLICY.findings).look(market, later) == 0


def test_what_is_usual_is_read_from_the_days_before(market: Connection) -> None:
    before = [
        weighing(
            n, weighed_at=(NOW - timedelta(hours=20, seconds=-n)).isoformat(), unit_price_fen=10000, net_g=500 + 7 * n
        )
        for n in range(1, 31)
    ]
    today = [weighing(n, unit_price_fen=4000, net_g=500 + 60 * n) for n in range(31, 37)]
    take(market, *before, *today)
    Looker(POLICY.findings).look(market, NOW + timedelta(hours=2))
    seen = awaiting(market)
    assert figures_in(seen[AlertKind.PRICE_OFF_USUAL].note) == {"sales": 6, "usual_fen": 20000, "price_fen": 8000}
    assert figures_in(seen[AlertKind.SPECIES_SUSPECT].note) == {"sales": 6, "median_fen": 8000, "others_fen": 20000}


def test_verifications_unfit_and_unknown_scales_and_a_missing_list_are_told_of(conn: Connection) -> None:
    put_market(conn, scales=2, with_caps=False)
    coarse = ScaleFacts(division_g=10, accuracy_class=AccuracyClass.MEDIUM, verified_until=date(2026, 11, 30))
    scale_facts.put(conn, MARKET, ScaleId("S-1"), coarse)
    scale_facts.put(conn, MARKET, ScaleId("S-2"), ScaleFacts(verified_until=date(2026, 11, 20)))
    take_batch(
        conn,
        [delivery(message(weighing(1))), delivery(message(weighing(1)), scale="S-99")],
        books=BookKeeper(),
        policy=POLICY,
        now=NOW,
    )
    assert Looker(POLICY.findings).look(conn, NOW) == 4
    found = {one.kind: (one.scale_id, one.vendor_id, one.note) for one in awaiting(conn).values()}
    assert found == {
        AlertKind.VERIFICATION_DUE: ("S-1", "V-1", "days=8"),
        AlertKind.VERIFICATION_EXPIRED: ("S-2", "V-2", "days=2"),
        AlertKind.SCALE_UNREGISTERED: ("S-99", None, "messages=1"),
        AlertKind.CAP_LIST_MISSING: ("", None, "hour=12"),
    }
    assert Looker(POLICY.findings).look(conn, NOW + timedelta(hours=1)) == 0
    week_later = Looker(POLICY.findings).look(conn, NOW + timedelta(days=6))
    assert week_later == 3, "a list is missing on another day, S-1 comes to its last week, S-2 is a week overdue"


def test_silence_is_counted_only_once_what_was_late_could_have_come(market: Connection) -> None:
    for n in range(3, 10):
        place(market, n)
    opened = NOW - timedelta(hours=4)
    for scale in range(1, 10):
        times = [opened + timedelta(minutes=6 * n) for n in range(40)]
        made = times[:5] if scale == 1 else times
        bodies = [weighing(n, weighed_at=at.isoformat(), net_g=500 + 37 * n) for n, at in enumerate(made, start=1)]
        take_batch(market, [delivery(message(*bodies), scale=f"S-{scale}")], books=BookKeeper(), policy=POLICY, now=NOW)
    assert Looker(POLICY.findings).look(market, opened + timedelta(hours=2)) == 0
    assert Looker(POLICY.findings).look(market, NOW) == 1
    alert = awaiting(market)[AlertKind.SCALE_SILENT]
    assert (alert.vendor_id, alert.occurrences) == ("V-1", 1)
    assert figures_in(alert.note)["expected"] >= 14


def enter(conn: Connection, actual_g: int, seq: int = 1) -> Reweighed:
    return reweigh(
        conn,
        MARKET,
        ScaleId("S-1"),
        seq,
        actual_g=actual_g,
        fair_scale="FAIR-1",
        by="inspector",
        now=NOW,
        policy=POLICY.findings,
    )


def test_live_fish_weighed_again_are_held_to_the_markets_own_tolerance(market: Connection) -> None:
    take(market, weighing(1))
    assert not enter(market, 980).is_short
    assert awaiting(market) == {}
    for _ in range(2):
        assert enter(market, 979).is_short
    alert = awaiting(market)[AlertKind.SHORT_WEIGHT]
    assert alert.occurrences == 1, "the same entry again is the same entry"
    assert figures_in(alert.note) == {
        "settled_g": 1000,
        "actual_g": 979,
        "short_g": 21,
        "tolerance_g": 20,
        "statutory": 0,
    }


def test_what_was_never_sold_or_was_sold_by_the_piece_is_not_weighed_again(market: Connection) -> None:
    take(market, weighing(1, price_unit="piece", pieces=2, net_g=0))
    with pytest.raises(NotFound, match="no sale with number 9"):
        enter(market, 500, seq=9)
    with pytest.raises(RuleViolation, match="by the piece"):
        enter(market, 500)


def test_the_watcher_looks_until_it_is_stopped(market: Connection, database_url: str) -> None:
    voided = [weighing(n, unit_price_fen=11600, net_g=900 + n) for n in (1, 2, 3)]
    take(market, *voided, *(weighing(n + 3, unit_price_fen=11600, net_g=900 + n, voids_seq=n) for n in (1, 2, 3)))
    market.commit()
    watcher = FindingsWatcher(database_url, POLICY.findings, lambda: NOW + timedelta(hours=2), look_every_s=0.1)
    watcher.start()
    try:
        wait_until(lambda: AlertKind.FREQUENT_VOIDS in looked(market), what="the day is told of")
        assert watcher.is_alive()
    finally:
        watcher.stop()
    assert not watcher.is_alive()


def looked(conn: Connection) -> dict[AlertKind, Alert]:
    conn.rollback()
    return awaiting(conn)


def test_the_device_of_another_scale_is_told_of_with_whose_it_is(conn: Connection) -> None:
    put_market(conn, scales=2)
    conn.execute("UPDATE scales SET serial_number = 'N-2' WHERE scale_id = 'S-2'")
    answers = {"event_no": 1, "kind": "device_changed", "at": NOW.isoformat(), "clock_synced": True}
    for scale, now in (("S-1", "N-2"), ("S-2", "N-2")):
        body = {"v": 1, "journal_id": "j1", **answers, "detail": {"before": "N-1", "now": now}}
        on = topic(scale, channel="events")
        take_batch(conn, [delivery(msgspec.json.encode(body), on=on)], books=BookKeeper(), policy=POLICY, now=NOW)
    assert Looker(POLICY.findings).look(conn, NOW) == 1
    alert = awaiting(conn)[AlertKind.SCALE_MOVED]
    assert (alert.scale_id, alert.vendor_id) == ("S-1", "V-1")
    assert alert.note == "serial number N-2 is that of scale S-2"
    assert Looker(POLICY.findings).look(conn, NOW) == 0
