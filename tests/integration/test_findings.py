"""What the rules of single weighings see becomes alerts, end to end: by the batch, with the facts of the scale."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from db import alerts, scale_facts
from domain.alert import Alert, AlertKind, AlertState
from domain.ids import ScaleId
from domain.scale import AccuracyClass, ScaleFacts
from ingest.batch import take_batch
from ingest.holding import RegistryKeeper
from pricing.findings.figures import figures_in
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, delivery, message, put_market, weighing

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
        ({"unit_price_fen": 1150}, AlertKind.PRICE_SCALED, {"price_fen": 2300, "cap_fen": 23000}),
        ({"unit_price_fen": 5750}, AlertKind.UNIT_CONFUSION, {"price_fen": 11500, "cap_fen": 23000}),
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
