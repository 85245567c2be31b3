"""The register over HTTP: the file of a vendor, who sees what of it, corrections, and files that fill the register."""

import base64
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from psycopg import Connection

from db.register import scales, stalls, vendors, views
from db.register.events import Change
from domain.ids import ScaleId, StallId, VendorId
from domain.register.records import Source, VendorIdentity, VendorKind
from supervision.register import changing
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, raise_alert, sign_in

FILE = f"/vendors/{HERE}/{VENDOR}/file"
CORRECT = f"/registry/vendors/{HERE}/{VENDOR}"
STALL, SCALE = f"/registry/stalls/{HERE}/A-01", f"/registry/scales/{HERE}/{HERE}-s01"
IDENTITY = VendorIdentity(
    name="阿海海鲜档",
    kind=VendorKind.COMPANY,
    credit_code="91350100M000100Y43",
    licence_no="110108000000016",
    legal_representative="王小明",
    phone="13812345678",
)
SECRETS = ("13812345678", "110108000000016", "王小明")


@pytest.fixture
def furnished(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as (address, conn):
        change = Change(by="li", at=datetime.now(UTC), because="a contract", source=Source.PAGE)
        changing.correct_vendor(conn, HERE, VENDOR, IDENTITY, revision=1, change=change)
        conn.commit()
        yield address, conn


def get(address: str, conn: Connection, who: str, path: str) -> httpx.Response:
    with visiting(address, sign_in(conn, who)) as client:
        client.cookies.set("steelyard-language", "en")
        return client.get(path)


def post(address: str, conn: Connection, who: str, path: str, /, **fields: str) -> httpx.Response:
    visitor = sign_in(conn, who)
    with visiting(address, visitor) as client:
        client.cookies.set("steelyard-language", "en")
        return client.post(path, data={"csrf_token": visitor.csrf, **fields})


def upload(address: str, conn: Connection, who: str, name: str, content: bytes, **fields: str) -> httpx.Response:
    visitor = sign_in(conn, who)
    with visiting(address, visitor) as client:
        client.cookies.set("steelyard-language", "en")
        sent = client.post(
            "/registry/import",
            data={"csrf_token": visitor.csrf, "market": HERE, **fields},
            files={"file": (name, content)},
        )
        return client.get(sent.headers["location"]) if sent.status_code == 303 else sent


def confirm(address: str, conn: Connection, who: str, looked_at: httpx.Response, **fields: str) -> httpx.Response:
    found = re.search(r'name="digest" value="(\w+)"', looked_at.text)
    assert found is not None, looked_at.text
    return post(address, conn, who, str(looked_at.url.path), digest=found[1], **fields)


@pytest.mark.parametrize("who", ["manager", "regulator", "admin"])
@pytest.mark.parametrize("path", [FILE, f"{FILE}.json", f"/api/v1{FILE}"])
def test_what_is_personal_is_masked_wherever_the_file_is_read(
    furnished: tuple[str, Connection], who: str, path: str
) -> None:
    text = get(*furnished, who, path).text
    assert not any(secret in text for secret in SECRETS)
    assert "138****5678" in text
    assert "91350100M000100Y43" in text


def test_the_workbook_is_masked_too_and_nothing_in_it_runs(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    named = VendorIdentity(name="=1+1", phone="13812345678")
    change = Change(by="li", at=datetime.now(UTC), because="why", source=Source.PAGE)
    changing.register_vendor(conn, HERE, VendorId("V-7"), named, change)
    conn.commit()
    answer = get(address, conn, "manager", f"/vendors/{HERE}/V-7/file.xlsx")
    assert 'filename="file-first-V-7.xlsx"' in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    texts = [cell.value for cell in cells]
    assert "=1+1" in texts
    assert "138****5678" in texts
    assert "13812345678" not in texts


@pytest.mark.parametrize("how", ["page", "json", "xlsx"])
def test_a_regulator_sees_it_in_full_for_a_reason_and_that_is_logged(
    furnished: tuple[str, Connection], how: str
) -> None:
    address, conn = furnished
    refused = post(address, conn, "regulator", FILE, because=" ", how=how)
    assert refused.status_code == 422
    assert "for a reason: say which" in refused.text
    assert views.newest(conn, limit=9) == []
    seen = post(address, conn, "regulator", FILE, because="a complaint of 22 November", how=how)
    assert seen.status_code == 200
    assert seen.headers["cache-control"] == "no-store"
    if how != "xlsx":
        assert all(secret in seen.text for secret in SECRETS)
    [logged] = views.newest(conn, limit=9)
    assert (logged.by, logged.how, logged.because) == ("regulator", how, "a complaint of 22 November")
    assert sorted(logged.fields) == ["legal_representative", "licence_no", "phone"]
    conn.commit()
    assert "a complaint of 22 November" in get(address, conn, "admin", "/registry/views").text
    assert "a complaint of 22 November" in get(address, conn, "admin", FILE).text
    assert "a complaint of 22 November" not in get(address, conn, "manager", FILE).text


def test_a_manager_may_not_see_it_in_full_nor_who_did(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    assert post(address, conn, "manager", FILE, because="I want to").status_code == 403
    assert get(address, conn, "manager", "/registry/views").status_code == 403
    with visiting(address) as client:
        asked = client.post(f"/api/v1{FILE}", headers=sign_in(conn, "manager").bearer, json={"because": "x"})
        assert asked.status_code == 403
        asked = client.post(f"/api/v1{FILE}", headers=sign_in(conn, "regulator").bearer, json={"because": "x"})
        assert asked.json()["sections"]["identity"]["facts"]["phone"] == "13812345678"
        asked = client.post(f"/api/v1{FILE}", headers=sign_in(conn, "regulator").bearer, json={"because": ""})
        assert asked.status_code == 422
    assert [(one.by, one.how) for one in views.newest(conn, limit=9)] == [("regulator", "api")]


def test_the_file_is_read_from_top_to_bottom(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    alert_id = raise_alert(conn)
    file = get(address, conn, "regulator", f"/api/v1{FILE}").json()
    assert (file["format"], file["version"], file["personal_data"]) == ("steelyard-vendor-file", 1, "masked")
    assert list(file["sections"]) == [
        *(
            "identity",
            "stalls",
            "scales",
            "scale_stays",
            "exemptions",
            "approvals",
            "alerts",
            "complaints",
            "inspections",
            "cases",
            "penalties",
            "publicity",
            "credit",
            "promises",
            "changes",
        ),
        "personal_data_views",
    ]
    assert [one["stall"] for one in file["sections"]["stalls"]["rows"]] == ["A-01"]
    assert [one["scale"] for one in file["sections"]["scales"]["rows"]] == [f"{HERE}-s01"]
    [alert] = file["sections"]["alerts"]["rows"]
    assert (alert["alert"], alert["state"], alert["overcharge_yuan"]) == (str(alert_id), "open", {"fen": 23400})
    assert file["sections"]["alerts"]["facts"]["open"] == "1"
    assert file["sections"]["credit"]["facts"]["score"] == 100
    [changed] = file["sections"]["changes"]["rows"]
    assert ["Telephone", None, "→", "138****5678"] in changed["changes"]
    moments = [one["at"] for one in file["timeline"]]
    assert moments == sorted(moments, reverse=True)
    page = get(address, conn, "regulator", FILE).text
    places = [page.index(f'id="title-{key}"') for key in (*file["sections"], "timeline")]
    assert places == sorted(places)


def test_another_markets_file_is_nowhere_for_a_manager(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    other = f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/file"
    for path in (other, f"{other}.json", f"{other}.xlsx", f"/registry/stalls/{ELSEWHERE}/A-01"):
        assert get(address, conn, "manager", path).status_code == 404
        assert get(address, conn, "regulator", path).status_code == 200
    assert "<script>alert" not in get(address, conn, "regulator", other).text
    assert post(address, conn, "manager", f"/registry/stalls/{ELSEWHERE}/A-01/vacate").status_code == 404
    assert HOSTILE_VENDOR not in get(address, conn, "manager", "/registry?q=V").text


def test_vendors_are_found_by_what_people_know_of_them(furnished: tuple[str, Connection]) -> None:
    for text in ("海鲜", "ahai", "ahhxd", "A-01", f"{HERE}-s01", "91350100"):
        assert FILE in get(*furnished, "manager", f"/registry?q={text}").text, text
    assert FILE not in get(*furnished, "manager", "/registry?q=nobody").text
    with visiting(furnished[0]) as client:
        found = client.get("/api/v1/registry/vendors?q=ahhxd", headers=sign_in(furnished[1], "manager").bearer)
    assert [one["vendor_id"] for one in found.json()] == [VENDOR]


def test_a_correction_keeps_what_is_personal_unless_it_is_typed(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    page = get(address, conn, "regulator", CORRECT).text
    assert not any(secret in page for secret in SECRETS)
    fields = {"name": "阿海海鲜", "kind": "company", "credit_code": "91350100m000100y43", "phone": "-", "revision": "2"}
    assert post(address, conn, "regulator", CORRECT, **fields, because="renamed").headers["location"] == FILE
    found = vendors.one(conn, HERE, VENDOR)
    assert found is not None
    identity = found.identity
    assert (identity.name, identity.phone, identity.licence_no) == ("阿海海鲜", "", "110108000000016")


def test_what_was_typed_stays_beside_what_is_wrong_with_it(furnished: tuple[str, Connection]) -> None:
    fields = {"name": "阿海", "credit_code": "91350100M000100Y44", "phone": "12", "revision": "2", "because": "typed"}
    answer = post(furnished[0], furnished[1], "regulator", CORRECT, **fields)
    assert answer.status_code == 422
    for text in ('value="91350100M000100Y44"', 'value="12"', 'value="typed"', "gives 3: one character is mistyped"):
        assert text in answer.text
    assert post(furnished[0], furnished[1], "manager", CORRECT, **fields).status_code == 403


def test_the_second_of_two_is_told_and_loses_nothing(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    first = {"name": "first", "revision": "2", "because": "one"}
    assert post(address, conn, "admin", CORRECT, **first).status_code == 303
    second = {"name": "second", "revision": "2", "because": "two"}
    told = post(address, conn, "regulator", CORRECT, **second)
    assert told.status_code == 409
    assert "Somebody else has changed this since you looked at it" in told.text
    assert 'value="second"' in told.text
    assert 'name="revision" value="3"' in told.text
    assert post(address, conn, "regulator", CORRECT, **{**second, "revision": "3"}).status_code == 303


def test_a_vendor_is_registered_once(furnished: tuple[str, Connection]) -> None:
    fields = {"market": HERE, "vendor_id": "V-9", "name": "海角", "because": "new"}
    assert post(furnished[0], furnished[1], "regulator", "/registry/vendors", **fields).status_code == 303
    again = post(furnished[0], furnished[1], "regulator", "/registry/vendors", **fields)
    assert (again.status_code, "vendor V-9 is registered in first already" in again.text) == (422, True)
    taken = {**fields, "vendor_id": "V-10", "credit_code": "91350100M000100Y43"}
    assert (
        "the same business is one vendor"
        in post(furnished[0], furnished[1], "regulator", "/registry/vendors", **taken).text
    )
    assert post(furnished[0], furnished[1], "manager", "/registry/vendors", **fields).status_code == 403


def local(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")


def test_a_manager_moves_stalls_and_scales_of_the_own_market(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    now = datetime.now(UTC)
    why = {"because": "rotation"}
    assert post(address, conn, "manager", "/registry/stalls", stall_id="B-1", area_m2="9", **why).status_code == 303
    given = {"vendor_id": VENDOR, "moment": local(now), "revision": "1", **why}
    assert post(address, conn, "manager", f"/registry/stalls/{HERE}/B-1/occupy", **given).status_code == 303
    bound = {"stall_id": "B-1", "moment": local(now + timedelta(hours=1)), "revision": "1", **why}
    assert post(address, conn, "manager", f"{SCALE}/bind", **bound).status_code == 303
    [later, _] = scales.stays_of_scale(conn, HERE, ScaleId(f"{HERE}-s01"))
    assert (later.stall_id, later.vendor_id) == ("B-1", VENDOR)
    conn.commit()
    told = post(address, conn, "manager", f"{SCALE}/release", moment=local(now), revision="1", **why)
    assert told.status_code == 409
    assert "Put on a stall" in told.text
    past = post(address, conn, "manager", f"{STALL}/vacate", moment=local(now - timedelta(days=1)), revision="1", **why)
    assert (past.status_code, "past_is_meant" in past.text) == (422, True)
    meant = {"moment": local(now - timedelta(days=1)), "revision": "1", "past_is_meant": "yes", **why}
    assert post(address, conn, "manager", f"{STALL}/vacate", **meant).status_code == 303
    assert stalls.occupant_at(conn, HERE, StallId("A-01"), now) is None


def test_a_verification_is_entered_with_every_problem_told(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    wrong = post(address, conn, "manager", f"{SCALE}/verify", revision="1", verified_on="2026-02-30")
    assert wrong.status_code == 422
    for text in ("expected a day, as 2026-11-27", "is missing", 'value="2026-02-30"'):
        assert text in wrong.text
    right = {"verified_on": "2026-06-30", "valid_until": "2027-06-29", "result": "passed", "certificate_no": "C-1"}
    assert post(address, conn, "manager", f"{SCALE}/verify", revision="1", **right).status_code == 303
    assert "C-1" in get(address, conn, "manager", SCALE).text
    assert "C-1" in get(address, conn, "manager", FILE).text


CSV = "商户编号,商户名称,统一社会信用代码,联系电话,备注\nV001,,,13900001111,x\nN-1,新海鲜铺,,0898-88271234,\n"


def test_a_file_is_looked_at_and_then_applied_as_a_whole(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    looked = upload(address, conn, "regulator", "商户.csv", CSV.encode("gb18030"))
    assert looked.status_code == 200
    for text in ("138****5678", "139****1111", "新海鲜铺", "Columns that mean nothing here"):
        assert text in looked.text
    assert confirm(address, conn, "regulator", looked).status_code == 303
    found = vendors.several(conn, HERE, ["V001", "N-1"])
    assert found[VENDOR].identity.phone == "13900001111"
    assert found[VENDOR].identity.name == "阿海海鲜档"
    assert found[VendorId("N-1")].identity.phone == "0898-88271234"
    assert conn.execute("SELECT content, added, changed FROM registry_imports").fetchall() == [(None, 1, 1)]
    conn.commit()
    again = upload(address, conn, "regulator", "商户.csv", CSV.encode("utf-8-sig"))
    assert confirm(address, conn, "regulator", again).status_code == 303
    assert vendors.several(conn, HERE, ["V001", "N-1"]) == found


def test_a_file_is_not_applied_where_the_register_changed_since_it_was_looked_at(
    furnished: tuple[str, Connection],
) -> None:
    address, conn = furnished
    looked = upload(address, conn, "regulator", "v.csv", CSV.encode())
    change = {"name": "阿海", "revision": "2", "because": "meanwhile", "phone": "13700000000"}
    assert post(address, conn, "admin", CORRECT, **change).status_code == 303
    refused = confirm(address, conn, "regulator", looked)
    assert (refused.status_code, "has changed since you looked" in refused.text) == (409, True)
    assert vendors.one(conn, HERE, VendorId("N-1")) is None
    conn.commit()
    assert confirm(address, conn, "regulator", refused).status_code == 303


def test_what_a_file_may_change_is_for_who_may_change_it(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    assert upload(address, conn, "manager", "v.csv", CSV.encode()).status_code == 403
    looked = upload(address, conn, "manager", "s.csv", "摊位号,面积\nC-1,12.5㎡\n".encode())
    assert looked.status_code == 200
    assert get(address, conn, "regulator", str(looked.url.path)).status_code == 404
    assert confirm(address, conn, "manager", looked).status_code == 303
    elsewhere = upload(address, conn, "manager", "s.csv", "摊位号,面积\nC-1,9\n".encode(), market=ELSEWHERE)
    assert elsewhere.status_code == 422
    for content in (b"\0", b"", b"PK\x03\x04 broken", "甲,乙\n1,2\n".encode()):
        assert upload(address, conn, "manager", "x.csv", content).status_code == 422


def test_programs_fill_the_register_too(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    asked = {"market_id": HERE, "file_name": "v.csv", "content": base64.b64encode(CSV.encode()).decode()}
    with visiting(address) as client:
        bearer = sign_in(conn, "regulator").bearer
        plan = client.post("/api/v1/registry/previews", headers=bearer, json=asked).json()
        assert (plan["kind"], plan["counts"]["new"], plan["counts"]["changed"]) == ("vendors", 1, 1)
        applied = client.post("/api/v1/registry/imports", headers=bearer, json={**asked, "digest": plan["digest"]})
        assert (applied.status_code, applied.json()) == (201, {"added": 1, "changed": 1, "unchanged": 0})
        again = client.post("/api/v1/registry/imports", headers=bearer, json={**asked, "digest": plan["digest"]})
        assert again.status_code == 409
        again = client.post("/api/v1/registry/imports", headers=bearer, json=asked)
        assert again.json() == {"added": 0, "changed": 0, "unchanged": 2}
        bad = {**asked, "content": base64.b64encode("商户编号,联系电话\nN-2,12\n".encode()).decode()}
        refused = client.post("/api/v1/registry/imports", headers=bearer, json=bad)
        assert refused.status_code == 422
        assert "row 2, column A" in refused.text or "row 2, column B" in refused.text
        assert (
            client.post("/api/v1/registry/previews", headers=sign_in(conn, "manager").bearer, json=asked).status_code
            == 403
        )
