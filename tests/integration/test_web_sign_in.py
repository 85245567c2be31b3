"""The door: who is let in, who is not, and how often one may guess."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from db import accounts
from tests.web_service import furnished_service, visiting
from tests.web_world import PASSWORD, sign_in

DOOR = "steelyard-door"
SESSION = "steelyard-session"


def knock(client: httpx.Client, username: str, password: str, **fields: str) -> httpx.Response:
    client.get("/sign-in")
    form = {"username": username, "password": password, "csrf_token": client.cookies[DOOR], **fields}
    return client.post("/sign-in", data=form)


def test_the_right_password_opens_a_session_that_scripts_cannot_read(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        answer = knock(client, "manager", PASSWORD, next="/caps")
        assert (answer.status_code, answer.headers["location"]) == (303, "/caps")
        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(SESSION)).lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert client.get("/").status_code == 200
        stored = conn.execute("SELECT token_digest FROM sessions").fetchall()
        assert client.cookies[SESSION].encode() not in [bytes(row[0]) for row in stored]


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        wrong, unknown = knock(client, "manager", "wrong"), knock(client, "nobody", "wrong")
        assert wrong.status_code == unknown.status_code == 401
        assert "用户名或密码不正确" in wrong.text
        assert wrong.text.replace("manager", "") == unknown.text.replace("nobody", "")
        assert SESSION not in client.cookies


def test_the_sixth_attempt_in_fifteen_minutes_is_refused_even_with_the_right_password(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        assert [knock(client, "manager", "wrong").status_code for _ in range(5)] == [401] * 5
        locked = knock(client, "manager", PASSWORD)
        assert locked.status_code == 429
        assert "15 分钟" in locked.text
        assert locked.headers["retry-after"] == "900"
        assert knock(client, "regulator", PASSWORD).status_code == 303
        conn.execute("UPDATE failed_sign_ins SET at = at - interval '15 minutes'")
        conn.commit()
        client.cookies.clear()
        assert knock(client, "manager", PASSWORD).status_code == 303
        assert accounts.failed_sign_ins_since(conn, "manager", datetime.now(UTC) - timedelta(hours=1)) == 0


def test_a_disabled_account_is_let_in_no_more_and_its_session_ends(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        conn.execute("UPDATE users SET disabled_at = now() WHERE username = 'manager'")
        conn.commit()
        with visiting(address, visitor) as client:
            assert client.get("/").headers["location"] == "/sign-in"
        with visiting(address) as client:
            assert knock(client, "manager", PASSWORD).status_code == 401


def test_an_expired_session_is_none(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        past = "created_at = now() - interval '2 hours', expires_at = now() - interval '1 second'"
        conn.execute(f"UPDATE sessions SET {past}".encode())
        conn.commit()
        with visiting(address, visitor) as client:
            assert client.get("/alerts/1").headers["location"] == "/sign-in?next=%2Falerts%2F1"


def test_signing_out_ends_the_session_on_the_server(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            assert client.post("/sign-out", data={"csrf_token": visitor.csrf}).headers["location"] == "/sign-in"
        with visiting(address, visitor) as client:
            assert client.get("/").status_code == 303


def test_a_program_gets_a_token_and_gives_it_back(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        opened = client.post("/api/v1/sessions", json={"username": "manager", "password": PASSWORD})
        assert opened.status_code == 201
        bearer = {"authorization": f"Bearer {opened.json()['token']}"}
        assert client.get("/api/v1/alerts", headers=bearer).status_code == 200
        assert client.delete("/api/v1/sessions", headers=bearer).status_code == 204
        gone = client.get("/api/v1/alerts", headers=bearer)
        assert (gone.status_code, gone.json()["type"]) == (401, "not_signed_in")
        wrong = client.post("/api/v1/sessions", json={"username": "manager", "password": "wrong"})
        assert (wrong.status_code, wrong.json()["type"]) == (401, "unauthorized")


@pytest.mark.parametrize("username", ["x" * 65, "", "a\r\nb"])
def test_a_name_that_nobody_can_have_is_refused_like_any_other(database_url: str, username: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        assert knock(client, username, "x").status_code == 401


def test_the_language_is_a_switch_that_stays(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        assert '<html lang="zh-CN">' in client.get("/sign-in").text
        switched = client.get("/language/en", params={"next": "//evil.example"})
        assert (switched.status_code, switched.headers["location"]) == (303, "/")
        assert '<html lang="en">' in client.get("/sign-in").text
        assert client.get("/language/fr").status_code == 422
