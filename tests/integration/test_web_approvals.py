"""Approvals over HTTP: a file looked at and taken over, a program that posts, a check on its page, who sees what."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from psycopg import Connection

from db.approvals import checks
from db.register.events import Change
from domain.approval import CheckState
from domain.register.records import Source, VendorIdentity
from supervision.register import changing
from tests.approval_acts import CODE, OTHER_CODE
from tests.web_service import furnished_service, visiting
from tests.web_world import HERE, VENDOR, sign_in

HEAD = "发证机关,编号,类型,主体名称,信用代码,执照号,发证日期\n"
RECORD = {
    "authority": "审批局",
    "number": "API-1",
    "kind": "permit",
    "subject_name": "阿海海鲜档",
    "credit_code": CODE,
    "issued_on": "2026-01-02",
}


@pytest.fixture
def furnished(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as (address, conn):
        change = Change(by="li", at=datetime.now(UTC), because="a contract", source=Source.PAGE)
        identity = VendorIdentity(name="阿海海鲜档", credit_code=CODE)
        changing.correct_vendor(conn, HERE, VENDOR, identity, revision=1, change=change)
        conn.commit()
        yield address, conn


def get(furnished: tuple[str, Connection], who: str, path: str) -> httpx.Response:
    with visiting(furnished[0], sign_in(furnished[1], who)) as client:
        client.cookies.set("steelyard-language", "en")
        return client.get(path)


def post(furnished: tuple[str, Connection], who: str, path: str, /, **fields: str) -> httpx.Response:
    visitor = sign_in(furnished[1], who)
    with visiting(furnished[0], visitor) as client:
        client.cookies.set("steelyard-language", "en")
        return client.post(path, data={"csrf_token": visitor.csrf, **fields})


def call(furnished: tuple[str, Connection], path: str, body: object, who: str = "regulator") -> httpx.Response:
    with visiting(furnished[0]) as client:
        return client.post(f"/api/v1/approvals{path}", headers=sign_in(furnished[1], who).bearer, json=body)


def find(furnished: tuple[str, Connection], number: str, who: str = "regulator", limit: int = 20) -> httpx.Response:
    asked = {"number": number, "limit": str(limit)}
    with visiting(furnished[0]) as client:
        return client.get("/api/v1/approvals", headers=sign_in(furnished[1], who).bearer, params=asked)


def upload(furnished: tuple[str, Connection], content: str) -> httpx.Response:
    visitor = sign_in(furnished[1], "regulator")
    with visiting(furnished[0], visitor) as client:
        client.cookies.set("steelyard-language", "en")
        sent = client.post(
            "/registry/approvals/import",
            data={"csrf_token": visitor.csrf},
            files={"file": ("周报.csv", content.encode("gb18030"))},
        )
        return client.get(sent.headers["location"]) if sent.status_code == 303 else sent


def test_a_file_is_looked_at_and_taken_over(furnished: tuple[str, Connection]) -> None:
    looked = upload(furnished, f"{HEAD}局,F-1,许可,甲,,110108000000016,2026-01-02\n")
    assert "New approval" in looked.text
    assert "110108000000016" not in looked.text
    found = re.search(r'name="digest" value="(\w+)"', looked.text)
    assert found is not None
    path = str(looked.url.path)
    assert post(furnished, "admin", path, digest=found[1]).status_code == 404
    assert post(furnished, "regulator", path, digest="another").status_code == 409
    assert post(furnished, "regulator", path, digest=found[1]).status_code == 303
    listed = get(furnished, "regulator", "/registry/approvals?show=unmatched").text
    assert "F-1" in listed
    assert "周报.csv" in get(furnished, "regulator", "/registry/approvals/import").text
    assert "F-1" not in get(furnished, "manager", "/registry/approvals?number=F").text


def test_a_file_and_a_request_may_be_as_large_as_they_are_said_to_be(furnished: tuple[str, Connection]) -> None:
    rows = "".join(f"局,L-{row},许可,甲,{CODE},,2026-01-02\n" for row in range(4_900))
    looked = upload(furnished, HEAD + rows)
    assert (looked.status_code, "New approval" in looked.text) == (200, True)
    most = "三亚市周报\n\n" + HEAD + "".join(f"局,M-{row},许可,甲,{CODE},,2026-01-02\n" for row in range(5_000))
    assert "New approval" in upload(furnished, most).text, "neither titles nor empty rows count"
    more = upload(furnished, f"{most}局,M-5000,许可,甲,{CODE},,2026-01-02\n").text
    assert "has 5001 rows below its titles; expected at most 5000: split the file" in more
    sent = [RECORD | {"number": f"L-{one}", "scope": "售" * 500} for one in range(500)]
    assert {one["outcome"] for one in call(furnished, "", {"records": sent}).json()} == {"new"}
    large = [one | {"scope": "售" * 3_000} for one in sent]
    assert call(furnished, "", {"records": large}).status_code == 413


def test_a_file_with_problems_says_where_and_takes_nothing(furnished: tuple[str, Connection]) -> None:
    looked = upload(furnished, f"{HEAD}局,F-1,许可,甲,{CODE},,2026-01-02\n局,F-1,牌照,乙,{CODE[:-1]}4,,不知\n")
    assert "Row 3, column C" in looked.text
    assert "Take it over" not in looked.text
    assert upload(furnished, "a,b\n").status_code == 200
    refused = post(furnished, "regulator", "/registry/approvals/import")
    assert (refused.status_code, "Choose a file first." in refused.text) == (422, True)


def test_a_program_posts_and_each_record_has_its_outcome(furnished: tuple[str, Connection]) -> None:
    sent = {"records": [RECORD, RECORD | {"number": "API-2", "kind": "x"}, RECORD | {"number": "API-3"}]}
    first = call(furnished, "", sent).json()
    assert [one["outcome"] for one in first] == ["new", "refused", "new"]
    assert first[1]["problems"][0]["field"] == "kind"
    assert [one["outcome"] for one in call(furnished, "", sent).json()] == ["unchanged", "refused", "unchanged"]
    assert call(furnished, "", {"records": []}).status_code == 422
    assert call(furnished, "", sent, who="manager").status_code == 403


def test_a_program_finds_approvals_by_the_beginning_of_their_number(furnished: tuple[str, Connection]) -> None:
    call(furnished, "", {"records": [RECORD | {"number": f"JY（{n}）号"} for n in range(3)] + [RECORD]})
    found = find(furnished, "JY(").json()
    assert [one["says"]["number"] for one in found] == [f"JY({n})号" for n in range(3)]
    assert len(find(furnished, "JY", limit=2).json()) == 2
    assert find(furnished, "%").json() == []
    assert find(furnished, "").status_code == 422
    call(furnished, "", {"records": [RECORD | {"number": "JY-nobody", "credit_code": OTHER_CODE}]})
    assert len(find(furnished, "JY").json()) == 4
    assert len(find(furnished, "JY", who="manager").json()) == 3, "of vendors of their market only"


def test_a_program_is_told_of_fields_that_mean_nothing_here(furnished: tuple[str, Connection]) -> None:
    sent = {"records": [RECORD | {"licence": "x", "valid_untill": ["2031"]}, RECORD | {"number": "API-2"}]}
    first, second = call(furnished, "", sent).json()
    assert (first["outcome"], first["ignored"], second["ignored"]) == ("new", ["licence", "valid_untill"], [])


def test_a_check_is_done_on_its_page_and_nothing_typed_is_lost(furnished: tuple[str, Connection]) -> None:
    [taken] = call(furnished, "", {"records": [RECORD]}).json()
    page, check = f"/registry/approvals/{taken['approval_id']}", f"/registry/approvals/checks/{taken['check_id']}"
    assert post(furnished, "regulator", f"{check}/take_up").headers["location"] == page
    late = post(furnished, "admin", f"{check}/take_up")
    assert (late.status_code, "Somebody was faster" in late.text) == (409, True)
    refused = post(furnished, "regulator", f"{check}/check", result="deviates", note=" ")
    assert (refused.status_code, 'value="deviates" selected' in refused.text) == (422, True)
    assert post(furnished, "regulator", f"{check}/check", result="", note="typed").text.count('value="typed"') == 1
    assert post(furnished, "regulator", f"{check}/assign", assigned_to="manager").status_code == 422
    assert post(furnished, "regulator", f"{check}/check", result="deviates", note="另售活鸡").status_code == 303
    assert "另售活鸡" in get(furnished, "manager", page).text
    assert "Deviates from the approval" in get(furnished, "manager", f"/vendors/{HERE}/{VENDOR}/file").text
    assert post(furnished, "regulator", "/registry/approvals/exports").status_code == 303
    assert post(furnished, "regulator", "/registry/approvals/exports").status_code == 422
    fetched = get(furnished, "regulator", "/registry/approvals/exports/1/csv")
    assert fetched.content == get(furnished, "admin", "/api/v1/approvals/exports/1/csv").content
    assert "另售活鸡".encode() in fetched.content
    furnished[1].rollback()
    done = checks.by_id(furnished[1], taken["check_id"])
    assert done is not None
    assert (done.state, done.export_no) == (CheckState.EXPORTED, 1)


def test_the_check_to_act_on_is_the_one_that_is_not_done(furnished: tuple[str, Connection]) -> None:
    number = "粤（2026）1号"
    given = RECORD | {"number": number, "changed_at": "2026-01-02"}
    [first] = call(furnished, "", {"records": [given]}).json()
    again = given | {"scope": "售", "changed_at": "2026-01-03"}
    assert call(furnished, f"/checks/{first['check_id']}/take_up", {}).status_code == 200
    assert call(furnished, f"/checks/{first['check_id']}/check", {"result": "conforms"}).status_code == 200
    [second] = call(furnished, "", {"records": [again]}).json()
    assert call(furnished, f"/checks/{second['check_id']}/withdraw", {"note": "twice"}).status_code == 200
    assert call(furnished, f"/checks/{first['check_id']}/reopen", {"note": "again"}).status_code == 200
    page = get(furnished, "regulator", f"/registry/approvals/{first['approval_id']}").text
    assert f"/checks/{first['check_id']}/take_up" in page
    # A number is found as it is written: the signs of a form are those of the keyboard at hand.
    for typed in (number, "粤(2026)", " 粤（2026"):
        assert "粤(2026)1号" in get(furnished, "regulator", f"/registry/approvals?number={quote(typed)}").text


def test_a_person_says_whom_it_is_about_with_a_reason(furnished: tuple[str, Connection]) -> None:
    [taken] = call(furnished, "", {"records": [RECORD | {"credit_code": OTHER_CODE}]}).json()
    page = f"/registry/approvals/{taken['approval_id']}"
    assert get(furnished, "manager", page).status_code == 404
    given = {"market": HERE, "vendor": str(VENDOR)}
    refused = post(furnished, "regulator", f"{page}/matches", because="", **given)
    assert (refused.status_code, f'value="{VENDOR}"' in refused.text) == (422, True)
    assert post(furnished, "regulator", f"{page}/matches", because="x", market=HERE, vendor="V-none").status_code == 422
    assert post(furnished, "regulator", f"{page}/matches", because="its new code", **given).status_code == 303
    assert "its new code" in get(furnished, "manager", page).text
    visit = f"/registry/approvals/checks/{taken['check_id']}/inspect"
    assert post(furnished, "regulator", visit, vendor=f"{HERE}/{VENDOR}", item="none").status_code == 422
