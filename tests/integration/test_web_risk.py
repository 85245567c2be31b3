"""Risk classes on the pages, as a file and through the API: what regulators see, and that nobody else does."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from credit.risk.computing import compute
from db import inspectors
from domain.supervision_item import RiskClass
from tests.risk_acts import POLICIES, confirm, weigh
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, sign_in

MONTH = date(2026, 10, 1)
#: Vendors of the furnished world hold their stalls from the day the test runs on.
NOW = datetime(2026, 11, 4, 4, tzinfo=UTC)


class Office:
    """The pages as somebody sees them."""

    def __init__(self, address: str, conn: Connection, name: str = "regulator") -> None:
        self.address, self.conn, self.name = address, conn, name

    def get(self, path: str, *, language: str = "en") -> Any:
        visitor = sign_in(self.conn, self.name)
        with visiting(self.address, visitor) as client:
            client.cookies.set("steelyard-language", language)
            return client.get(path)

    def page(self, path: str, **asked: str) -> str:
        answer = self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def api(self, path: str) -> Any:
        answer = self.get(f"/api/v1/risk{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with furnished_service(database_url) as (address, conn):
        conn.execute("UPDATE scale_bindings SET valid = tstzrange('2024-11-01Z', NULL)")
        for month in range(4, 11):
            weigh(conn, VENDOR, date(2026, month, 29), 150, market_id=HERE)
        for day in range(1, 9):
            confirm(conn, VENDOR, date(2026, 10, day), permille=1500, market_id=HERE)
        for market in (HERE, ELSEWHERE):
            compute(conn, market, MONTH, policies=POLICIES, now=NOW)
        conn.commit()
        yield Office(address, conn)


def test_the_list_says_who_is_in_which_class_and_why(office: Office) -> None:
    page = office.page("/risk")
    assert "阿海海鲜档" in page
    assert "From 2026-10, for 2026-11" in page
    assert "No data" in page
    assert "8 days with something confirmed" in page
    assert "<script>alert" not in page
    narrow = office.page(f"/risk?market={ELSEWHERE}&class=B&month=2026-10")
    assert "阿海海鲜档" not in narrow
    assert HOSTILE_VENDOR in narrow
    assert "No trend turned in this month." in narrow
    assert "Nothing here." in office.page("/risk?class=A")
    assert "风险等级" in office.page("/risk", language="zh")


def test_a_vendor_is_shown_with_every_part_and_what_it_is_made_of(office: Office) -> None:
    page = office.page(f"/risk/{HERE}/{VENDOR}")
    assert "Confirmed alerts: prices" in page
    assert "of 80, the most it may add" in page
    alerts = [row[0] for row in office.conn.execute("SELECT alert_id FROM alerts WHERE market_id = %s", [HERE])]
    assert all(f'href="/alerts/{number}"' in page for number in alerts)
    assert "Draws use class" in page
    assert office.get(f"/risk/{HERE}/nobody").status_code == 404
    assert office.get("/risk/nowhere/nobody").status_code == 404


def test_what_was_set_by_hand_stands_beside_what_was_computed(office: Office) -> None:
    inspectors.set_class(office.conn, HERE, VENDOR, RiskClass.A, reason="已整改<b>", by="regulator", at=NOW)
    office.conn.commit()
    page = office.page("/risk")
    assert "stands" in page
    (line,) = [one for one in office.api("/classes")["classes"] if one["vendor_id"] == VENDOR]
    assert (line["risk_class"], line["by_hand"]) == ("D", "A")
    shown = office.page(f"/risk/{HERE}/{VENDOR}")
    assert "已整改&lt;b&gt;" in shown
    by_hand = office.page("/inspections/classes?market=first&vendor=V001")
    assert "2026-11" in by_hand
    assert 'value="V001"' in by_hand


def test_the_file_has_every_line(office: Office) -> None:
    answer = office.get("/risk.csv")
    assert answer.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(one["vendor_id"], one["class"], one["data"], one["for_month"]) for one in rows] == [
        (VENDOR, "D", "enough", "2026-11"),
        (HOSTILE_VENDOR, "B", "none", "2026-11"),
    ]


def test_pages_of_the_list_join_without_a_gap(office: Office) -> None:
    first = office.api("/classes?limit=1")
    second = office.api(f"/classes?limit=1&after={first['after']}")
    assert [one["vendor_id"] for one in (*first["classes"], *second["classes"])] == [VENDOR, HOSTILE_VENDOR]
    assert second["after"] is None


def test_the_api_gives_parts_markets_and_warnings(office: Office) -> None:
    vendor = office.api(f"/classes/{HERE}/{VENDOR}")
    (computed,) = vendor["computed"]
    (part,) = computed["parts"]
    assert (part["indicator"], part["points"], part["uncut"], len(part["facts"])) == ("price", 40, 80, 8)
    assert {fact["what"] for fact in part["facts"]} == {"critical"}
    markets = {one["market_id"]: one["by_class"] for one in office.api("/markets?month=2026-10")}
    assert markets[HERE] == {"A": 0, "B": 0, "C": 0, "D": 1}
    assert markets[ELSEWHERE] == {"A": 0, "B": 1, "C": 0, "D": 0}
    (warning,) = office.api("/warnings")
    assert (warning["vendor_id"], warning["counted"], warning["counted_before"]) == (VENDOR, 8, 0)
    assert office.api("/warnings?month=2026-09") == []
    assert office.api("/classes?month=2026-09")["classes"] == []


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "class=E", "after=D.1", "after=x.1.1"])
def test_what_cannot_be_asked_for_is_refused(office: Office, query: str) -> None:
    assert office.get(f"/risk?{query}").status_code == 422
    assert office.get(f"/api/v1/risk/classes?{query}").status_code == 422


def test_before_anything_was_computed_the_page_says_so(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        office = Office(address, conn)
        assert "No month was computed yet." in office.page("/risk")
        assert "No month was computed yet." in office.page(f"/risk/{HERE}/{VENDOR}")
        assert office.api("/classes") == {"month": None, "for_month": None, "after": None, "classes": []}
        assert office.api("/warnings") == office.api("/markets") == []
        assert office.get("/risk.csv").text.count("\n") == 1


SEEN_BY_OTHERS = (
    *("/", "/vendors", f"/vendors/{HERE}/{VENDOR}", f"/registry/vendors/{HERE}/{VENDOR}", "/inspections", "/notices"),
    *("/api/v1/vendors", f"/api/v1/vendors/{HERE}/{VENDOR}/credit", "/api/v1/notices", "/api/v1/inspections"),
)


def test_nobody_else_sees_it_anywhere(office: Office) -> None:
    manager = Office(office.address, office.conn, "manager")
    for path in ("/risk", "/risk.csv", f"/risk/{HERE}/{VENDOR}", "/api/v1/risk/classes", "/api/v1/risk/warnings"):
        assert manager.get(path).status_code == 403, path
    for path in SEEN_BY_OTHERS:
        answer = manager.get(path)
        assert answer.status_code in (200, 403, 404), path
        for word in ("/risk", "Risk class", "risk_class", "risk_turned", "Trend turned"):
            assert word not in answer.text, (path, word)
