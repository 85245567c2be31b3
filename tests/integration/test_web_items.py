"""The pages, API and command of the catalogue: from a file to a version in force, by one person and another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import run_here
from tests.integration.test_items import NOW, SHIPPED, published, shipped_text
from tests.integration.test_web_daily_caps import Console
from tests.web_service import furnished_service

HERE = "/inspections/items"


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        yield Console(address, conn)


def a_file(text: str = "") -> dict[str, tuple[str, bytes]]:
    return {"file": ("items.toml", (text or shipped_text()).encode())}


def test_a_file_goes_through_two_people_to_the_managers_page(console: Console) -> None:
    regulator, admin, manager = (console.visit(name) for name in ("regulator", "admin", "manager"))
    assert "尚无现行的事项清单" in manager.get(HERE).text
    sent = regulator.upload(f"{HERE}/import", a_file())
    assert sent.status_code == 303
    draft = sent.headers["location"]
    page = regulator.get(draft).text
    assert "须由另一人核对并发布" in page
    assert "24 → 19" in page
    assert manager.get(draft).status_code == 404, "a draft is nobody's business yet"
    assert "尚无现行的事项清单" in manager.get(HERE).text
    number = draft.rpartition("=")[2]
    refused = regulator.post(f"{HERE}/drafts/{number}/publish")
    assert refused.status_code == 422
    assert "您参与过此草稿的编制" in refused.text
    assert admin.post(f"{HERE}/drafts/{number}/publish").status_code == 303
    page = manager.get(HERE).text
    assert "政府调控价执行情况" in page
    assert "参考样式，非公开发布的清单" in page
    assert "名称" in manager.get(f"{HERE}?q=标价").text
    assert "政府调控价执行情况" not in manager.get(f"{HERE}?q=标价").text
    assert "没有符合条件的事项" in manager.get(f"{HERE}?q=P01&department=commerce").text
    assert "零售追溯电子秤使用情况" in manager.get(f"{HERE}?department=commerce").text


def test_what_is_wrong_with_a_file_is_told_whole_and_keeps_nothing(console: Console) -> None:
    regulator = console.visit("regulator")
    bad = shipped_text().replace('code = "P03"', 'code = "P 3"').replace("D = 12 }", "D = -1 }", 1)
    answer = regulator.upload(f"{HERE}/import", a_file(bad))
    assert answer.status_code == 422
    assert "expected 1 to 32 letters" in answer.text
    assert "Expected `int` &gt;= 0" in answer.text
    assert "file is missing" in regulator.post(f"{HERE}/import").text
    assert regulator.upload(f"{HERE}/import", {"file": ("x.toml", b"\xff\xfe")}).status_code == 422
    assert regulator.api("GET", "/items/versions").json() == []


def test_items_are_merged_in_a_draft_with_a_reason_that_stays_typed_where_it_is_refused(console: Console) -> None:
    published(console.conn)
    regulator, admin = console.visit("regulator"), console.visit("admin")
    begun = regulator.post(f"{HERE}/drafts", name="2027-01")
    number = begun.headers["location"].rpartition("=")[2]
    assert regulator.post(f"{HERE}/drafts", name="2027-02").status_code == 409
    refused = regulator.post(f"{HERE}/drafts/{number}/merge", old="R02", into="R02", reason="两者相同的理由")
    assert refused.status_code == 422
    assert "两者相同的理由" in refused.text
    assert regulator.post(f"{HERE}/drafts/{number}/merge", old="R02", into="R03", reason=" ").status_code == 422
    done = regulator.post(f"{HERE}/drafts/{number}/merge", old="R02", into="R03", reason="一次检查即可")
    assert done.status_code == 303
    assert "24 → 18" in regulator.get(done.headers["location"]).text
    again = regulator.post(f"{HERE}/drafts/{number}/merge", old="R02", into="R01", reason="再并")
    assert again.status_code == 409
    assert "事项 R02 已并入 R03" in again.text
    page = admin.get(f"{HERE}?version={number}").text
    assert "R02" in page
    assert admin.post(f"{HERE}/drafts/{number}/publish").status_code == 303
    moved = regulator.get(f"{HERE}/code/R02")
    assert moved.headers["location"] == f"{HERE}/{number}/R03?was=R02"
    assert "R02 红黄牌公示 已并入本事项" in regulator.get(moved.headers["location"]).text
    assert "本事项此后已并入" in regulator.get(f"{HERE}/1/R02").text
    assert regulator.get(f"{HERE}/1/R99").status_code == 404
    assert regulator.get(f"{HERE}/code/R99").status_code == 404


def test_a_draft_is_given_up(console: Console) -> None:
    published(console.conn)
    regulator = console.visit("regulator")
    number = regulator.post(f"{HERE}/drafts", name="2027-01").headers["location"].rpartition("=")[2]
    assert regulator.post(f"{HERE}/drafts/{number}/discard").status_code == 303
    assert regulator.post(f"{HERE}/drafts/{number}/discard").status_code == 409
    assert regulator.post(f"{HERE}/drafts/{number}/publish").status_code == 409


def test_the_api_tells_of_items_versions_merges_and_whose_an_alert_is(console: Console) -> None:
    manager, regulator, admin = (console.visit(name) for name in ("manager", "regulator", "admin"))
    assert manager.api("GET", "/items").json() == []
    drafted = regulator.api("POST", "/items/drafts", {"file_name": "f.toml", "content": shipped_text()})
    assert (drafted.status_code, drafted.json()["state"]) == (201, "draft")
    number = drafted.json()["catalogue_id"]
    assert manager.api("GET", f"/items?version={number}").status_code == 404
    body = {"old_code": "R02", "into_code": "R03", "reason": "一次检查即可"}
    assert regulator.api("POST", f"/items/drafts/{number}/merge", body).json()["merged"] == 6
    assert admin.api("POST", f"/items/drafts/{number}/publish").json()["state"] == "published"
    assert [one["code"] for one in manager.api("GET", "/items?q=检定").json()] == ["M01", "M02", "M04", "M08"]
    merges = {one["old_code"]: one["now_called"] for one in manager.api("GET", "/items/merges").json()}
    assert merges["R02"] == "R03"
    assert manager.api("GET", "/items/code/R02").json()["item"]["code"] == "R03"
    of_alert = manager.api("GET", "/items/of-alerts/short_weight").json()
    assert (of_alert["code"], of_alert["item"]["basis"][0]["article"]) == ("M03", "第五条")
    assert manager.api("GET", "/items/of-alerts/cap_list_missing").status_code == 404
    assert manager.api("GET", "/items/of-alerts/nonsense").status_code == 422
    refused = regulator.api("POST", "/items/drafts", {"content": "version = "})
    assert (refused.status_code, refused.json()["type"]) == (422, "bad_file")
    (version,) = manager.api("GET", "/items/versions").json()
    assert (version["items"], version["merged"]) == (18, 6)


def test_the_command_does_the_same(database_url: str, console: Console, tmp_path: Path) -> None:
    environment = {"STEELYARD_DATABASE_URL": database_url, "PATH": "/usr/bin"}

    def steelyard(*words: str) -> tuple[int, str]:
        ran = run_here("items", *words, environment=environment)
        return ran.returncode, ran.stdout + ran.stderr

    assert steelyard("list") == (0, "no version is in force\n")
    status, said = steelyard("import", str(SHIPPED), "--as", "regulator")
    assert (status, said) == (0, "draft 1: 19 items, 5 merged; a second person publishes it\n")
    assert steelyard("merge", "1", "R02", "R03", "--because", "one visit", "--as", "regulator")[0] == 0
    status, said = steelyard("publish", "1", "--as", "regulator")
    assert (status, "a second person looks at it" in said) == (2, True)
    assert steelyard("publish", "1", "--as", "manager")[0] == 2
    status, said = steelyard("publish", "1", "--as", "admin")
    assert "24 → 18 items, 6 merged; over all versions 24 → 18, 6 merged" in said
    assert "R03 入场合同与市场计量管理制度" in steelyard("show", "R02")[1]
    assert "(R02 became part of it)" in steelyard("show", "R02")[1]
    shown = steelyard("show", "P01")[1]
    for line in (
        "who      price, with the qualification price",
        "how      on_site, remote",
        "a year   A 1, B 4, C 12, D 12",
    ):
        assert line in shown
    assert '"code": "R03"' in steelyard("show", "R02", "--json")[1]
    assert "M02" in steelyard("duplicates")[1]
    assert steelyard("draft", "2027-01", "--as", "regulator")[0] == 0
    assert "draft 2 is discarded" in steelyard("discard", "2", "--as", "regulator")[1]
    assert "1  2026-11-28  24 → 18, 6 merged" in steelyard("versions")[1]
    assert '"items"' in steelyard("list", "标价", "--json")[1]
    assert "参考" not in steelyard("list", "P01")[1]
    broken = tmp_path / "broken.toml"
    broken.write_text("version = ", encoding="utf-8")
    status, said = steelyard("import", str(broken))
    assert (status, said.startswith("steelyard: broken.toml: 1 problem(s)")) == (2, True)
    assert steelyard("import", str(tmp_path / "none.toml"))[0] == 2
    assert steelyard("show", "X1") == (2, "steelyard: there is no item X1 in any published version\n")


def test_the_page_of_a_version_of_years_ago_counts_as_it_did_then(console: Console) -> None:
    first = published(console.conn)
    regulator, admin = console.visit("regulator"), console.visit("admin")
    number = regulator.post(f"{HERE}/drafts", name="2027-01").headers["location"].rpartition("=")[2]
    regulator.post(f"{HERE}/drafts/{number}/merge", old="R02", into="R03", reason="一次检查即可")
    admin.post(f"{HERE}/drafts/{number}/publish")
    assert "24 → 18" in regulator.get(HERE).text
    then = regulator.get(f"{HERE}?version={first}").text
    assert "该版本已不再有效" in then
    assert "24 → 18" not in then
    assert NOW.strftime("%m-%d") in then
