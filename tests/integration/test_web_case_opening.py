"""Opening a case on the web and through the API: about a vendor for a reason, and on what a visit found."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.inspection import VisitAction
from domain.supervision_item import AnswerKind
from supervision.inspections import answering, asking, visiting
from supervision.inspections.answers import SentAnswer
from tests.draw_acts import POLICY, put_inspectors
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_daily_caps import Console
from tests.integration.test_web_inspections import drawn
from tests.web_service import furnished_service
from tests.web_service import visiting as stranger
from tests.web_world import HERE, VENDOR, sign_in

NOW = datetime.now(UTC)
REASON = "媒体报道的线索"


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        publish_items(conn, at=NOW - timedelta(days=3))
        put_inspectors(conn)
        conn.commit()
        yield Console(address, conn)


def found_wrong(console: Console) -> tuple[int, list[str]]:
    """A visit that found everything wrong, and the codes of what it found."""
    visit = drawn(console)
    conn = console.conn
    visiting.act(
        conn,
        visit,
        VisitAction.BEGIN,
        actor="market-1",
        market_id=None,
        policy=POLICY,
        now=NOW,
        note="",
        rectify_by=None,
    )
    asked = [one for one in asking.checklist(conn, visit).questions if one.question.answer is AnswerKind.COMPLIES]
    sent = [
        SentAnswer(
            answer_id=uuid4(),
            item_code=one.item_code,
            question_code=one.question.code,
            value="no",
            note="秤盘下有磁铁",
            answered_at=NOW,
            known=None,
        )
        for one in asked
    ]
    answering.take(conn, visit, sent, by="market-1", market_id=None, now=NOW)
    conn.commit()
    return visit, [f"{one.item_code}/{one.question.code}" for one in asked]


def test_a_case_is_opened_about_a_vendor_and_nothing_typed_is_lost(console: Console) -> None:
    visitor = sign_in(console.conn, "regulator")
    with stranger(console.address, visitor) as client:
        led = client.get(f"/cases/new?market={HERE}&vendor={VENDOR}").text
        assert f'value="{VENDOR}"' in led
        assert f"/cases/new?market={HERE}&amp;vendor={VENDOR}" in client.get(f"/vendors/{HERE}/{VENDOR}/file").text
        form = {"csrf_token": visitor.csrf, "market": HERE, "vendor": "nobody", "reason": REASON}
        refused = client.post("/cases", data=form)
        assert refused.status_code == 422
        for said in ("该市场没有此经营者", REASON, 'value="nobody"'):
            assert said in refused.text, said
        assert client.post("/cases", data={**form, "vendor": VENDOR, "reason": " "}).status_code == 422
        done = client.post("/cases", data={**form, "vendor": VENDOR})
        assert done.status_code == 303
        page = client.get(done.headers["location"]).text
        for said in ("监管人员依职权", REASON, "您参与了本案依据的认定", "《价格违法行为行政处罚规定》第九条"):
            assert said in page, said


def test_findings_are_chosen_on_the_page_of_their_visit(console: Console) -> None:
    visit, codes = found_wrong(console)
    visitor = sign_in(console.conn, "regulator")
    with stranger(console.address, visitor) as client:
        page = client.get(f"/inspections/visits/{visit}").text
        assert page.count('name="finding"') == len(codes) > 0
        form = {"csrf_token": visitor.csrf, "reason": "作弊"}
        none = client.post(f"/inspections/visits/{visit}/case", data=form)
        assert (none.status_code, "作弊</textarea>" in none.text, "checked" in none.text) == (422, True, False)
        done = client.post(f"/inspections/visits/{visit}/case", data={**form, "finding": codes})
        assert done.status_code == 303
        case = client.get(done.headers["location"]).text
        for said in ("检查发现", f"/inspections/visits/{visit}", "秤盘下有磁铁"):
            assert said in case, said
        page = client.get(f"/inspections/visits/{visit}").text
        assert 'name="finding"' not in page
        assert done.headers["location"] in page


def test_programs_open_cases_too(console: Console) -> None:
    visit, codes = found_wrong(console)
    visitor = sign_in(console.conn, "regulator")
    item, question = codes[0].split("/")
    with stranger(console.address, visitor) as client:

        def posted(path: str, **body: object) -> tuple[int, dict[str, object]]:
            answer = client.post(f"/api/v1{path}", json=body, headers=visitor.bearer)
            return answer.status_code, answer.json()

        status, case = posted("/cases", market_id=HERE, vendor_id=VENDOR, reason=REASON)
        assert (status, case["cause"]) == (200, "reason")
        assert posted("/cases", market_id=HERE, vendor_id="nobody", reason=REASON)[0] == 404
        assert posted("/cases", market_id=HERE, vendor_id=VENDOR, reason="")[1]["field"] == "reason"
        found = [{"item_code": item, "question_code": question}]
        status, case = posted(f"/inspections/{visit}/case", findings=found, reason="作弊")
        assert (status, case["case_id"]) == (200, 1), "it joined the one that was opened above"
        whole = client.get(f"/api/v1/cases/{case['case_id']}", headers=visitor.bearer).json()
        assert [(one["item_code"], one["inspection_id"]) for one in whole["findings"]] == [(item, visit)]
        assert posted(f"/inspections/{visit}/case", findings=[], reason="x")[1]["field"] == "finding"
