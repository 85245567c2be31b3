"""The list of cases: what narrows it, its pages and its file; a vendor's file; and a revocation that stays in sight."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from psycopg import Connection

from credit.cases import decide, revoke
from db import case_lists, cases
from domain.alert import AlertKind
from domain.alert_step import AlertAction, PenaltyDecision
from domain.case import CaseAction, CaseCause, CaseState
from domain.ids import MarketId, VendorId
from supervision.cases.starting import open_for_reason
from supervision.publicity.publishing import publish_final
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act, someone
from tests.case_acts import BASES, decision_of, step
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_alert_life import raised
from tests.integration.test_publicity import SHIPPED
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, sign_in

#: A day that lies behind everything, so that what is decided now is final by the time pages are asked for.
LONG_AGO = datetime.now(UTC) - timedelta(days=40)
PENALTY = PenaltyDecision(
    document_no="琼三市监处罚〔2026〕18号",
    authority="三亚市市场监督管理局",
    decided_on=LONG_AGO.date() - timedelta(days=2),
    decision="责令改正，罚款",
)


def for_reason(conn: Connection, reason: str, market: MarketId = HERE, vendor: str = VENDOR) -> int:
    case_id = open_for_reason(conn, market, VendorId(vendor), reason=reason, by=REGULATOR, now=LONG_AGO)
    conn.commit()
    return case_id


def penalised(conn: Connection, case_id: int, penalty: PenaltyDecision = PENALTY) -> int:
    step(conn, case_id, CaseAction.INVESTIGATE, CaseAction.NOTIFY)
    decided_by = someone("another")
    decide(conn, case_id, decision_of(penalty), by=decided_by, now=LONG_AGO, policies=POLICIES, bases=BASES)
    conn.commit()
    return case_id


def undone(conn: Connection, case_id: int) -> None:
    """Revoked, and closed after that."""
    revoke(conn, case_id, "by a court", by=REGULATOR, now=datetime.now(UTC), policies=POLICIES)
    step(conn, case_id, CaseAction.CLOSE)


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def numbers(conn: Connection, **asked: object) -> list[int]:
    return [one.case_id for one in case_lists.listed(conn, **asked)]  # type: ignore[arg-type]


def test_a_list_is_narrowed_by_what_a_case_is_about(market: Connection) -> None:
    alert_id = raised(market, AlertKind.TARE_ABUSE)
    act(market, alert_id, AlertAction.CONFIRM)
    act(market, alert_id, AlertAction.ESCALATE, by=MANAGER, note="again")
    (first,) = numbers(market)
    second = open_for_reason(market, MARKET, VendorId("V-1"), reason="x", by=REGULATOR, now=NOW)
    assert numbers(market) == [second, first]
    assert numbers(market, kind=AlertKind.TARE_ABUSE) == [first]
    assert numbers(market, kind=AlertKind.PRICE_OVER_CAP) == []
    assert numbers(market, cause=CaseCause.REASON) == [second]
    assert numbers(market, vendor="V-1") == [second, first]
    assert numbers(market, vendor="V-2") == numbers(market, vendor="%") == numbers(market, market_id="x") == []
    assert numbers(market, before=second) == numbers(market, limit=1, before=second) == [first]
    assert numbers(market, states=[CaseState.DECIDED]) == []
    (line,) = case_lists.listed(market, kind=AlertKind.TARE_ABUSE)
    assert (line.kinds, line.alerts, line.findings, line.outcome) == ((AlertKind.TARE_ABUSE,), 1, 0, None)


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as found:
        yield found


def asked(client: httpx.Client, query: str) -> set[str]:
    page = client.get(f"/cases?{query}")
    assert page.status_code == 200
    return {part.split('"')[0] for part in page.text.split('class="row-link" href="/cases/')[1:]}


def test_the_page_and_its_file_show_what_was_asked_for(world: tuple[str, Connection]) -> None:
    address, conn = world
    open_one, decided = for_reason(conn, "one"), penalised(conn, for_reason(conn, "two"))
    elsewhere = for_reason(conn, "=three", ELSEWHERE, HOSTILE_VENDOR)
    with visiting(address, sign_in(conn, "regulator")) as client:
        assert asked(client, "") == {str(open_one), str(elsewhere)}
        assert asked(client, "show=decided") == asked(client, "state=decided") == {str(decided)}
        assert len(asked(client, "show=all")) == 3
        assert asked(client, f"show=all&market={HERE}&state=&kind=&cause=reason") == {str(open_one), str(decided)}
        assert asked(client, f"vendor={VENDOR}") == {str(open_one)}
        assert asked(client, "kind=tare_abuse") == set()
        assert "清除筛选" in client.get("/cases?kind=tare_abuse").text
        assert asked(client, f"show=all&before={elsewhere}") == {str(open_one), str(decided)}
        assert client.get("/cases?market=nowhere").status_code == 200
        assert "/cases.csv?show=decided" in client.get("/cases?show=decided").text
        file = client.get("/cases.csv?show=all")
        rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
        assert [row["case_id"] for row in rows] == [str(elsewhere), str(decided), str(open_one)]
        assert (rows[1]["document_no"], rows[1]["penalty"], rows[1]["is_revoked"]) == (
            PENALTY.document_no,
            "fine",
            "false",
        )
        assert not rows[0]["vendor_name"].startswith("=")
        api = client.get(f"/api/v1/cases?show=decided&market={HERE}").json()
        assert [(one["case_id"], one["outcome"]) for one in api] == [(decided, "penalised")]


def test_a_manager_lists_the_own_market_only(world: tuple[str, Connection]) -> None:
    address, conn = world
    here, elsewhere = for_reason(conn, "one"), for_reason(conn, "two", ELSEWHERE, HOSTILE_VENDOR)
    with visiting(address, sign_in(conn, "manager")) as client:
        assert asked(client, "show=all") == {str(here)}
        assert client.get(f"/cases?market={ELSEWHERE}").status_code == 404
        assert client.get(f"/cases.csv?market={ELSEWHERE}").status_code == 404
        assert str(elsewhere) not in client.get("/cases.csv?show=all").text.splitlines()[1].split(",")[0]


def test_a_revocation_stays_in_sight_when_its_case_is_closed(world: tuple[str, Connection]) -> None:
    address, conn = world
    case_id = penalised(conn, for_reason(conn, "one"))
    undone(conn, case_id)
    case = cases.by_id(conn, case_id)
    assert case is not None
    assert case.state is CaseState.CLOSED
    with visiting(address, sign_in(conn, "regulator")) as client:
        page = client.get(f"/cases/{case_id}").text
        assert page.count('class="badge badge-warn">决定已撤销') == 2, "above the facts and beside the decision"
        assert 'class="badge badge-warn">决定已撤销' in client.get("/cases?show=decided").text
        whole = client.get(f"/api/v1/cases/{case_id}").json()
        assert [one["is_revoked"] for one in whole["decisions"]] == [True]
        file = client.get(f"/api/v1/vendors/{HERE}/{VENDOR}/file").json()["sections"]
        assert [one["outcome"] for one in file["cases"]["rows"]] == [["penalised", "revoked"]]
        assert [one["state"] for one in file["penalties"]["rows"]] == ["revoked"]


def test_a_vendors_file_tells_cases_and_what_is_public(world: tuple[str, Connection]) -> None:
    address, conn = world
    case_id = penalised(conn, for_reason(conn, "one"))
    assert publish_final(conn, datetime.now(UTC), policy=SHIPPED, supervision=POLICIES.supervision) == 1
    conn.commit()
    with visiting(address, sign_in(conn, "regulator")) as client:
        sections = client.get(f"/api/v1/vendors/{HERE}/{VENDOR}/file").json()["sections"]
        assert [(one["case"], one["state"]) for one in sections["cases"]["rows"]] == [(str(case_id), "decided")]
        assert [(one["case"], one["alert"]) for one in sections["penalties"]["rows"]] == [(str(case_id), None)]
        assert sections["publicity"]["facts"]["public"] == 1
        assert [one["document_no"] for one in sections["publicity"]["rows"]] == [PENALTY.document_no]
        page = client.get(f"/vendors/{HERE}/{VENDOR}/file").text
        for said in ("处罚公示", f'href="/cases/{case_id}"', PENALTY.document_no):
            assert said in page, said
        assert client.get(f"/vendors/{HERE}/{VENDOR}/file.xlsx").status_code == 200
