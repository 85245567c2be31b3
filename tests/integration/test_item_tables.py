"""A catalogue from a table: looked at on its page, kept whole or not at all, published; the API and the command."""

import base64
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from db import item_files, items
from supervision.uploads.duty import remove
from tests.commands import run_here
from tests.integration.test_items import NOW, published, shipped
from tests.integration.test_uploads import POLICY
from tests.integration.test_web_daily_caps import Console, Session
from tests.web_service import furnished_service

HERE = "/inspections/items"
HEAD = {"version": "2027-01", "title": "三亚市监管事项清单", "source": "市监管办〔2027〕1号"}
TITLE = "事项编号,事项名称,并入,并入理由,部门编号,部门名称,人员资质,检查方式,法律依据,A类,B类,C类,D类"
#: Two go on, two become part of one, one is new; the others of the version in force are left out.
ROWS = (
    "P01,政府调控价执行情况,,,,,,,,2,,,",
    "P02,明码标价,,,,,,,,,,,",
    "R02,红黄牌公示,R03,一次检查即可,,,,,,,,,",
    "R03,摊位轮换,,,,,,,,,,,",
    "N1,水产品追溯,,,ocean,海洋渔业部门,general,书面、现场,农产品质量安全法 第四十一条,1,1,2,4",
)


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        conn.autocommit = True
        published(conn)
        yield Console(address, conn)


def csv(*rows: str) -> bytes:
    return "\n".join((TITLE, *(rows or ROWS))).encode("gb18030")


def workbook(*rows: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["三亚市监管事项清单"])
    sheet.merge_cells("A1:M1")
    for row in (TITLE, *(rows or ROWS)):
        sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row.split(",")])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def upload(session: Session, content: bytes, name: str = "清单.csv", **head: str) -> tuple[int, str]:
    """Upload a table; return the status and the location or the page."""
    sent = session.upload(f"{HERE}/import", {"file": (name, content)}, **(HEAD | head))
    return sent.status_code, sent.headers.get("location", sent.text)


@pytest.mark.parametrize(("name", "content"), [("清单.csv", csv()), ("清单.xlsx", workbook())])
def test_a_table_is_looked_at_kept_and_published_with_its_map_and_reduction(
    console: Console, name: str, content: bytes
) -> None:
    regulator, admin = console.visit("regulator"), console.visit("admin")
    status, where = upload(regulator, content, name)
    assert status == 303
    page = regulator.get(where).text
    for shown in ("N1</span> 水产品追溯", "P01</span> 政府调控价执行情况", "5 → 4", "10 → 4", "一次检查即可"):
        assert shown in page, shown
    assert "未并入而被删去的事项不计入精简数" in page
    assert [one.version for one in items.catalogues(console.conn)] == ["2026-11-28"], "nothing is kept by looking"
    kept = regulator.post(where)
    assert kept.status_code == 303
    assert regulator.get(where).status_code == 404, "it is a draft now"
    number = kept.headers["location"].rpartition("=")[2]
    assert regulator.post(f"{HERE}/drafts/{number}/publish").status_code == 422
    assert admin.post(f"{HERE}/drafts/{number}/publish").status_code == 303
    current = items.in_force(console.conn)
    assert current is not None
    assert (current.version, current.items, current.merged, current.source) == ("2027-01", 4, 1, HEAD["source"])
    assert current.department("ocean").name == "海洋渔业部门"
    assert regulator.get(f"{HERE}/code/R02").headers["location"] == f"{HERE}/{number}/R03?was=R02"
    whole = items.item(console.conn, current.catalogue_id, "R03")
    assert whole is not None
    assert {"board"} <= {one.code for one in whole.questions}, "what was asked of the old item goes along"
    one = items.item(console.conn, current.catalogue_id, "P01")
    assert one is not None
    assert list(one.per_year.values()) == [2, 4, 12, 12]
    file = console.visit("manager").get(f"{HERE}/versions/{number}/file")
    assert file.content == content
    assert f"{HERE}/versions/{number}/file" in console.visit("manager").get(HERE).text


def test_problems_are_told_at_their_places_and_nothing_is_kept(console: Console) -> None:
    regulator = console.visit("regulator")
    status, where = upload(regulator, csv(*ROWS, "N 2,另一项,,,,,,望远镜,,x,,,"))
    assert status == 303
    page = regulator.get(where).text
    assert "<b>行 7，列 A</b>" in page
    assert "N 2" in page
    assert "保存为草稿" not in page
    refused = regulator.post(where)
    assert refused.status_code == 422
    assert "N 2" in refused.text
    assert len(items.catalogues(console.conn)) == 1


def test_what_a_table_does_not_say_is_asked_for_and_stays_typed(console: Console) -> None:
    regulator = console.visit("regulator")
    status, page = upload(regulator, csv(), version="", source="某文件号")
    assert status == 422
    assert "version" in page
    assert 'value="某文件号"' in page
    status, page = upload(regulator, b"\xd0\xcf\x11\xe0", "old.xls")
    assert status == 422
    assert "这是旧版或加密的 Excel 文件，请另存为 .xlsx 或 CSV UTF-8。" in page
    assert "file is missing" in regulator.post(f"{HERE}/import", **HEAD).text


def test_a_second_draft_or_a_version_of_that_name_is_told_and_the_table_stays(console: Console) -> None:
    regulator = console.visit("regulator")
    _, named_alike = upload(regulator, csv(), version="2026-11-28")
    refused = regulator.post(named_alike)
    assert (refused.status_code, "2026-11-28" in refused.text) == (409, True)
    _, where = upload(regulator, csv())
    regulator.post(f"{HERE}/drafts", name="2027-02")
    refused = regulator.post(where)
    assert refused.status_code == 409
    assert "there is a draft already" in refused.text
    assert "2027-02" in refused.text
    assert regulator.get(where).status_code == 200


def test_a_table_is_its_uploaders_own_until_it_is_kept(console: Console) -> None:
    _, where = upload(console.visit("regulator"), csv())
    assert console.visit("admin").get(where).status_code == 404
    assert console.visit("manager").get(where).status_code == 403
    file_id = int(where.rpartition("/")[2])
    remove(console.conn, POLICY, NOW + timedelta(days=9000))
    assert item_files.looked_at(console.conn, file_id, by="regulator") is None


def test_the_table_of_a_draft_is_nobodys_business_yet(console: Console) -> None:
    regulator, manager = console.visit("regulator"), console.visit("manager")
    _, where = upload(regulator, csv())
    number = regulator.post(where).headers["location"].rpartition("=")[2]
    assert manager.get(f"{HERE}/versions/{number}/file").status_code == 404
    assert regulator.get(f"{HERE}/versions/{number}/file").content == csv()
    remove(console.conn, POLICY, NOW + timedelta(days=9000))
    assert regulator.get(f"{HERE}/versions/{number}/file").status_code == 200, "what became a version is kept"
    assert regulator.get(f"{HERE}/versions/1/file").status_code == 404


def test_a_program_previews_and_keeps_a_table(console: Console) -> None:
    regulator = console.visit("regulator")
    body = {"file_name": "f.xlsx", "content": base64.b64encode(workbook()).decode(), **HEAD}
    shown = regulator.api("POST", "/items/previews", body).json()
    assert (shown["may_be_kept"], shown["added"], shown["changed"]) == (True, ["N1"], ["P01", "R03"])
    assert (shown["before"], shown["after"], shown["before_overall"]) == (5, 4, 10)
    assert len(shown["left_out"]) == 15
    assert shown["merged"] == [{"old_code": "R02", "into_code": "R03", "reason": "一次检查即可"}]
    bad = body | {"content": base64.b64encode(csv("N 2,x,,,,,,,,,,,")).decode()}
    told = regulator.api("POST", "/items/previews", bad).json()
    assert (told["may_be_kept"], told["problems"][0]["row"], told["problems"][0]["column"]) == (False, 2, 1)
    refused = regulator.api("POST", "/items/drafts/from-table", bad)
    assert (refused.status_code, refused.json()["type"]) == (422, "bad_file")
    assert regulator.api("POST", "/items/drafts/from-table", body | {"version": " "}).status_code == 422
    made = regulator.api("POST", "/items/drafts/from-table", body)
    assert (made.status_code, made.json()["items"], made.json()["merged"]) == (201, 4, 1)
    assert item_files.name_of(console.conn, made.json()["catalogue_id"]) == "f.xlsx"


def test_the_shipped_catalogue_comes_back_from_a_table_as_it_is(console: Console) -> None:
    filed = shipped()
    rows = [f"{one.code},{one.name},,,,,,,,,,," for one in filed.items]
    body = {"file_name": "f.csv", "content": base64.b64encode(csv(*rows)).decode(), **HEAD}
    shown = console.visit("regulator").api("POST", "/items/previews", body).json()
    assert (shown["added"], shown["changed"], shown["left_out"], shown["items"]) == ([], [], [], 19)


def test_the_command_does_the_same(console: Console, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "清单.csv"
    file.write_bytes(csv())
    environment = {"STEELYARD_DATABASE_URL": database_url}
    table = ("items", "import", str(file), "--version", "2027-01", "--source", "市局", "--as", "regulator")
    looked = run_here(*table, "--preview", environment=environment)
    assert looked.returncode == 0, looked.stderr
    assert "new: N1 水产品追溯" in looked.stdout
    assert "merged: R02 红黄牌公示 → R03: 一次检查即可" in looked.stdout
    assert "5 → 4 items, 1 merged; over all versions 10 → 4" in looked.stdout
    assert len(items.catalogues(console.conn)) == 1
    kept = run_here(*table, environment=environment)
    assert kept.returncode == 0, kept.stderr
    assert "draft 2: version 2027-01; a second person publishes it" in kept.stdout
    file.write_bytes(csv("N 2,x,,,,,,,,,,,"))
    wrong = run_here(*table, environment=environment)
    assert wrong.returncode != 0
    assert "row 2, column A" in wrong.stderr + wrong.stdout
