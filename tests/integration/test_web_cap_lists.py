"""The price book over HTTP: what programs get, and what is refused to whom."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from psycopg import Connection

from tables.cells import LIST_LIMITS
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, raise_alert, sign_in

HEAD = "品名,最高销售价（元/500克）\n"

MOST = LIST_LIMITS.most_bytes


@pytest.fixture
def furnished(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as world:
        yield world


def asked(text: str, **fields: object) -> dict[str, object]:
    content = base64.b64encode(text.encode()).decode()
    return {"file_name": "list.csv", "content": content, "area": "sanya", "source": "a test", **fields}


def post(address: str, conn: Connection, who: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    with visiting(address) as client:
        return client.post(f"/api/v1/caps/{path}", headers=sign_in(conn, who).bearer, json=body)


def test_a_list_goes_its_way_through_the_api(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    raise_alert(conn)
    text = HEAD + "东兴斑,450\n和乐蟹（大）,120元/只\n"
    shown = post(address, conn, "regulator", "previews", asked(text)).json()
    assert (shown["may_be_kept"], shown["markets"], shown["problems"]) == (False, [HERE, ELSEWHERE], [])
    assert shown["unknown"][0]["suggestions"][0] == {
        "species": "F01",
        "because": "same_sound",
        "through": "东星斑",
        "nearness": 1000,
    }
    refused = post(address, conn, "regulator", "lists", asked(text))
    assert (refused.status_code, refused.json()["type"]) == (422, "bad_file")
    assert "row 2, column A (name): '东兴斑' is no known species" in refused.json()["detail"]
    accepted = asked(text, accept={"东兴斑": "F01"})
    shown = post(address, conn, "regulator", "previews", accepted).json()
    assert [(one["species"], one["kind"], one["permille"], one["is_large"]) for one in shown["changes"]] == [
        ("F01", "up", 429, True),
        ("C01", "up", 213, False),
    ]
    assert (shown["impact"]["weighings"], shown["impact"]["no_longer_over"]) == (1, 1)
    drafted = post(address, conn, "regulator", "lists", accepted)
    assert drafted.status_code == 201
    number = drafted.json()["cap_list"]["cap_list_id"]
    same = post(address, conn, "regulator", f"lists/{number}/publish")
    assert (same.status_code, same.json()["type"]) == (422, "rule_violation")
    published = post(address, conn, "admin", f"lists/{number}/publish").json()
    assert (published["cap_list"]["status"], published["cap_list"]["published_by"]) == ("published", "admin")
    without = post(address, conn, "admin", f"lists/{number}/withdraw", {"because": " "})
    assert without.status_code == 422
    withdrawn = post(address, conn, "admin", f"lists/{number}/withdraw", {"because": "misprint"}).json()
    assert (withdrawn["cap_list"]["status"], withdrawn["cap_list"]["withdrawn_because"]) == ("withdrawn", "misprint")


def test_a_manager_reads_what_is_published_and_no_draft(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    number = post(address, conn, "regulator", "lists", asked(HEAD + "东星斑,300\n")).json()["cap_list"]["cap_list_id"]
    with visiting(address, sign_in(conn, "manager")) as client:
        listed = client.get("/api/v1/caps/lists").json()
        assert [one["status"] for one in listed["lists"]] == ["published"]
        assert client.get(f"/caps/lists/{number}").status_code == 404
        page = client.get("/caps/lists/1")
        assert page.status_code == 200
        assert "撤回原因" not in page.text
        assert client.get("/caps/lists/1/file").status_code == 404  # it was not read from a file
    with visiting(address, sign_in(conn, "admin")) as client:
        file = client.get(f"/caps/lists/{number}/file")
        assert (file.text, file.headers["content-type"]) == (HEAD + "东星斑,300\n", "application/octet-stream")


def test_a_file_of_the_largest_size_passes_the_door_and_a_larger_one_does_not(
    furnished: tuple[str, Connection],
) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "admin")
    fields = {"csrf_token": visitor.csrf, "binds": "sanya/eatery", "source": "a test"}
    with visiting(address, visitor) as client:
        largest = client.post("/caps/import", data=fields, files={"file": ("list.csv", b"a," * (MOST // 2))})
        assert (largest.status_code, "60 列" in largest.text) == (422, True)
        larger = client.post("/caps/import", data=fields, files={"file": ("list.csv", b"a" * (MOST + 9))})
        assert (larger.status_code, "1048576" in larger.text) == (422, True)
        huge = client.post("/caps/import", data=fields, files={"file": ("list.csv", b"a" * (2 * MOST))})
        assert huge.status_code == 413
        elsewhere = client.post("/alerts/1/acknowledge", data=fields, files={"file": ("f", b"a" * 100_000)})
        assert elsewhere.status_code == 413


def test_what_the_form_cannot_mean_is_said_beside_it(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "admin")
    good = {"csrf_token": visitor.csrf, "binds": "sanya/eatery", "source": "a test"}
    file = {"file": ("..\\..\\清单.csv", (HEAD + "东星斑,300\n").encode())}
    wrong = (
        ({"binds": "elsewhere/eatery"}, "请从列表中选择清单适用的市场"),
        ({"source": " "}, "请填写清单的来源"),
        ({"unit": "100g"}, "计价单位请选择"),
        ({"begins": "tomorrow"}, "“tomorrow”不是时间"),
    )
    with visiting(address, visitor) as client:
        for fields, said in wrong:
            answer = client.post("/caps/import", data={**good, **fields}, files=file)
            assert (answer.status_code, "文件或表单无法使用" in answer.text) == (422, True), fields
            assert said in answer.text
            assert 'class="technical' not in answer.text
        assert client.post("/caps/import", data=good).status_code == 422
        kept = client.post("/caps/import", data=good, files=file)
        assert kept.status_code == 303
        page = client.get(kept.headers["location"])
        assert "<h1>预览：清单.csv</h1>" in page.text
    with visiting(address, sign_in(conn, "regulator")) as client:
        assert client.get(kept.headers["location"]).status_code == 404  # somebody else's file


def test_why_a_list_is_not_published_or_withdrawn_is_said_in_words(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    number = post(address, conn, "regulator", "lists", asked(HEAD + "东星斑,300\n")).json()["cap_list"]["cap_list_id"]
    visitor = sign_in(conn, "regulator")
    form = {"csrf_token": visitor.csrf, "because": "印错"}
    with visiting(address, visitor) as client:
        for step, said in (("publish", "须由另一人"), ("withdraw", "只有已发布的清单可以撤回")):
            answer = client.post(f"/caps/lists/{number}/{step}", data=form)
            assert (answer.status_code, 'class="technical' in answer.text) == (409, False), answer.text
            assert said in answer.text
