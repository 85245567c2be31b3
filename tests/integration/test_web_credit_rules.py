"""The pages and the API of credit rules: a change is looked at before it counts, and decided by somebody else."""

from collections.abc import Callable, Iterator
from datetime import date

import httpx
import pytest
from psycopg import Connection

from db import accounts
from tests.integration.test_credit_rules import TEXT, version
from tests.web_service import furnished_service
from tests.web_world import ELSEWHERE, HERE, VENDOR, sign_in

FAR = date(2099, 1, 1)
Open = Callable[[str], "Desk"]


class Desk:
    """A person with the pages open."""

    def __init__(self, conn: Connection, client: httpx.Client, username: str) -> None:
        self.visitor, self.client = sign_in(conn, username), client
        client.cookies.set("steelyard-session", self.visitor.token)
        client.cookies.set("steelyard-language", "en")

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(f"/credit/rules{path}", data={"csrf_token": self.visitor.csrf, **form})

    def page(self, path: str = "") -> str:
        answer = self.client.get(f"/credit/rules{path}")
        assert answer.status_code == 200
        return answer.text

    def api(self, method: str, path: str = "", **body: object) -> httpx.Response:
        bearer = self.visitor.bearer
        return self.client.request(method, f"/api/v1/credit/rules{path}", headers=bearer, json=body or None)


@pytest.fixture
def opened(database_url: str) -> Iterator[Open]:
    with furnished_service(database_url) as (address, conn):
        conn.autocommit = True
        second = {"username": "second", "display_name": "Second", "password_hash": "", "role": "regulator"}
        accounts.put_user(conn, **second, market_id=None)
        clients: list[httpx.Client] = []

        def desk(username: str) -> Desk:
            clients.append(httpx.Client(base_url=address, timeout=30))
            return Desk(conn, clients[-1], username)

        yield desk
        for one in clients:
            one.close()


def test_a_change_is_proposed_looked_at_and_put_in_force_by_another_person(opened: Open) -> None:
    first, second = opened("regulator"), opened("second")
    assert "Nothing was proposed yet" in first.page()
    answer = first.post("", content=version("next", FAR, base=85), note="a lower base")
    assert (answer.status_code, answer.headers["location"]) == (303, "/credit/rules/next")
    seen = first.page("/next")
    assert "Somebody else puts it in force." in seen
    assert '<td role="cell" class="mono">base</td>' in seen
    assert f"/vendors/{HERE}/{VENDOR}" in seen, "who would have had another tier"
    assert first.post("/next/put-in-force", note="mine").status_code == 422
    assert second.post("/next/put-in-force", note=" ").status_code == 422
    assert second.post("/next/put-in-force", note="agreed").status_code == 303
    told = second.page("/next")
    assert "agreed" in told
    assert "Put it in force" not in told
    assert second.page().count("/credit/rules/") >= 2, "what came with the service is kept beside it"


def test_what_is_wrong_is_told_with_its_line_and_nothing_typed_is_lost(opened: Open) -> None:
    desk = opened("regulator")
    answer = desk.post("", content=version("next", FAR, base=200), note="a higher base")
    assert answer.status_code == 422
    assert "line 9: base is 200; expected between floor 0 and ceiling 110" in answer.text
    assert "a higher base" in answer.text
    assert "base = 200" in answer.text
    today = desk.post("", content=version("next", date(2026, 1, 1)), note="now")
    assert "Choose a later day" in today.text
    assert "version = &#34;next&#34;" in today.text
    other = version("next", FAR).replace("[appeal]\nworking_days = 5", "[appeal]\nworking_days = 9")
    appeal = desk.post("", content=other, note="n")
    assert "The days for an appeal are other ones" in appeal.text


def test_a_manager_reads_the_rules_and_of_a_trial_only_the_own_market(opened: Open) -> None:
    regulator, manager = opened("regulator"), opened("manager")
    assert regulator.post("", content=version("next", FAR, base=85), note="n").status_code == 303
    assert "Propose a change" not in manager.page()
    told = manager.page("/next")
    assert ELSEWHERE in regulator.page("/next")
    assert ELSEWHERE not in told
    assert "Put it in force" not in told


def test_the_api_says_the_same(opened: Open) -> None:
    first, second = opened("regulator"), opened("second")
    assert first.api("GET").json() == []
    content = version("next", FAR, base=85)
    tried = first.api("POST", "/trials", content=content, first="2026-10-01", last="2026-11-22").json()
    assert tried["rules_version"] == "next"
    assert {(one["tier_before"], one["tier_after"]) for one in tried["changes"]} == {("A", "B")}
    assert first.api("GET").json() == [], "a trial keeps nothing"
    made = first.api("POST", content=content, note="a lower base")
    assert made.status_code == 201
    assert made.json()["differences"] == [{"field": "base", "before": "100", "after": "85"}]
    again = first.api("POST", content=content, note="once more")
    assert (again.status_code, again.json()["field"]) == (409, "version") or again.status_code == 422
    refused = first.api("POST", "/next/put-in-force", note="mine")
    assert "somebody else" in refused.text
    assert second.api("POST", "/next/put-in-force", note="agreed").json()["is_in_force"] is True
    assert second.api("POST", "/next/withdraw", note="no").status_code in (409, 422)
    assert [one["version"] for one in first.api("GET").json()] == ["2026-11-28", "next"]
    assert first.api("GET", "/never").status_code == 404
    assert first.api("POST", content=TEXT.replace("base = 100", "base = 200"), note="n").status_code == 422
    assert first.api("POST", "/trials", content=content, frist="2026-10-01").status_code == 422
