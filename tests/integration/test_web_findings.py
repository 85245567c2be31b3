"""Every finding is said on its alert's page in both languages, with its figures and its legal basis."""

import re
from collections.abc import Iterator, Mapping

import httpx
import psycopg
import pytest
from psycopg import Connection

from domain.alert import AlertKind
from domain.ids import JournalId, ScaleId, SpeciesCode, StallId
from domain.price_cap import CapUnit
from domain.weighing import WeighingKey
from ingest.raising import raise_lead
from pricing.findings.figures import noted
from pricing.findings.of_columns import ABOUT_CAPS
from pricing.leads import Occurrence, gather
from pricing.policy import read_rules_policy
from tests.factories import NOW
from tests.web_service import config_for, serving, visiting
from tests.web_world import GROUPER, HERE, POLICY, VENDOR, furnish, sign_in
from web.finding_words import EXPLAINED

RULES = read_rules_policy(POLICY / "rules.toml").findings
FIGURES: Mapping[AlertKind, Mapping[str, int]] = {
    AlertKind.AMOUNT_MISMATCH: {"amount_fen": 25000, "due_fen": 23000},
    AlertKind.PRICE_SCALED: {},
    AlertKind.UNIT_CONFUSION: {},
    AlertKind.GRADE_UPGRADE: {},
    AlertKind.UNSTABLE_WEIGHT: {"net_g": 1000},
    AlertKind.ZERO_ABNORMAL: {"zero_offset_g": -700},
    AlertKind.TARE_ABUSE: {"tare_g": 0, "usual_tare_g": 400, "gross_g": 1400},
    AlertKind.BELOW_MINIMUM: {"net_g": 95, "least_g": 100},
    AlertKind.OTHER_OVERUSE: {"unlisted": 30, "sales": 50, "market_permille": 80},
    AlertKind.SPECIES_SUSPECT: {"sales": 9, "median_fen": 8000, "others_fen": 20000},
    AlertKind.SPLIT_WEIGHING: {"runs": 3, "longest": 4},
    AlertKind.REPEATED_WEIGHING: {"pairs": 4},
    AlertKind.FREQUENT_VOIDS: {"voids": 5},
    AlertKind.PRICE_OFF_USUAL: {"sales": 6, "usual_fen": 20000, "price_fen": 8000},
    AlertKind.PRICE_SPIKE: {"price_fen": 90000, "usual_fen": 20000},
    AlertKind.SCALE_SILENT: {"silent_s": 14400, "expected": 21},
    AlertKind.LOW_USE: {"weighings": 60, "days": 3, "median": 150},
    AlertKind.SCALE_UNSUITABLE: {
        "division_g": 5,
        "price_fen": 23000,
        "net_g": 1000,
        "tolerance_g": 2,
        "error_tenth_g": 25,
    },
    AlertKind.VERIFICATION_DUE: {"days": 7},
    AlertKind.VERIFICATION_EXPIRED: {"days": 2},
    AlertKind.SCALE_UNREGISTERED: {"messages": 4},
    AlertKind.SCALE_MOVED: {},
    AlertKind.SCALE_DOUBLED: {"journals": 2, "turns": 9},
    AlertKind.CAP_LIST_MISSING: {"hour": 8},
    AlertKind.SHORT_WEIGHT: {"settled_g": 1000, "actual_g": 970, "short_g": 30, "tolerance_g": 20, "statutory": 0},
    AlertKind.COMPLAINT: {"complaint": 12},
}


@pytest.fixture
def furnished(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        yield conn


@pytest.fixture
def client(database_url: str, furnished: Connection) -> Iterator[httpx.Client]:
    visitor = sign_in(furnished, "manager")
    with serving(config_for(database_url)) as address, visiting(address, visitor) as found:
        yield found


def raise_finding(conn: Connection, kind: AlertKind) -> int:
    is_of_list = kind is AlertKind.CAP_LIST_MISSING
    lead = gather(
        [
            Occurrence(
                key=WeighingKey(HERE, ScaleId("" if is_of_list else f"{HERE}-s01"), JournalId("j1"), 1, NOW),
                kind=kind,
                vendor_id=None if is_of_list else VENDOR,
                stall_id=None if is_of_list else StallId("A-01"),
                species=GROUPER if "price" in kind else SpeciesCode(""),
                business_day=NOW.date(),
                cap_fen=23000 if kind in ABOUT_CAPS else None,
                cap_unit=CapUnit.KG if kind in ABOUT_CAPS else None,
                note=noted(FIGURES[kind]),
            )
        ]
    )[0]
    alert_id = raise_lead(conn, lead, NOW)
    conn.commit()
    return alert_id


def test_every_kind_of_finding_has_words_and_a_rule() -> None:
    assert set(EXPLAINED) == set(FIGURES) == {kind for kind in AlertKind if RULES.rule_of(kind)}


@pytest.mark.parametrize("kind", EXPLAINED)
def test_a_finding_is_said_with_its_figures_and_its_basis_in_both_languages(
    client: httpx.Client, furnished: Connection, kind: AlertKind
) -> None:
    alert_id = raise_finding(furnished, kind)
    rule = RULES.rule_of(kind)
    assert rule is not None
    for language, basis, seen in (("zh", rule.basis_zh, "发现"), ("en", rule.basis_en, "What was seen")):
        client.cookies.set("steelyard-language", language)
        text = client.get(f"/alerts/{alert_id}").text
        assert basis.replace("'", "&#39;") in text
        assert seen in text
        assert not re.search(r"\b[a-z_]+=-?\d+ ", text.split("</head>")[1]), "figures are said, not shown"
        assert ("¥230.00" in text) is (kind in ABOUT_CAPS or 23000 in FIGURES[kind].values())
        assert not re.search(r"\{\w+\}", text)
    assert client.get("/").status_code == 200


def test_a_tolerance_that_is_not_statutory_is_said_to_be_none(client: httpx.Client, furnished: Connection) -> None:
    client.cookies.set("steelyard-language", "en")
    text = client.get(f"/alerts/{raise_finding(furnished, AlertKind.SHORT_WEIGHT)}").text
    assert "the market&#39;s own tolerance, not statutory" in text.replace("That is ", "")


def test_an_alert_about_a_list_is_headed_by_its_market(client: httpx.Client, furnished: Connection) -> None:
    alert_id = raise_finding(furnished, AlertKind.CAP_LIST_MISSING)
    assert "<h1>三亚第一市场</h1>" in client.get(f"/alerts/{alert_id}").text
    assert "<b>三亚第一市场</b>" in client.get("/").text


def test_where_the_figures_are_not_those_of_the_words_the_note_is_shown(
    client: httpx.Client, furnished: Connection
) -> None:
    alert_id = raise_finding(furnished, AlertKind.FREQUENT_VOIDS)
    furnished.execute("UPDATE alerts SET note = 'five of them' WHERE alert_id = %s", [alert_id])
    furnished.commit()
    assert "five of them" in client.get(f"/alerts/{alert_id}").text
