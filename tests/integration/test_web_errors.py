"""What goes wrong is said in the language of the page, under its navigation, and never by the database."""

import pytest

from tests.web_service import furnished_service, visiting
from tests.web_world import HERE, raise_alert, sign_in


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("manager", "/nowhere", 404),
        ("manager", "/alerts/9", 404),
        ("manager", "/quarantine/9", 404),
        ("admin", "/?page=x", 422),
    ],
)
def test_an_error_page_speaks_chinese_and_keeps_the_navigation(
    database_url: str, role: str, path: str, status: int
) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, role)) as client:
        answer = client.get(path)
        assert answer.status_code == status
        assert 'class="main-nav"' in answer.text
        main = answer.text.partition("<main")[2].replace('id="main" tabindex="-1"', "")
        shown = "".join(part.partition(">")[2] for part in main.split("<"))
        assert not any("a" <= char.lower() <= "z" for char in shown), shown
        client.get("/language/en")
        assert 'class="main-nav"' in client.get(path).text


def test_a_stranger_gets_the_error_without_navigation(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        answer = client.get("/nowhere")
        assert answer.status_code == 404
        assert 'class="main-nav"' not in answer.text


@pytest.mark.parametrize("value", ["\\ud800", "a\\u0000b"], ids=["half a character", "a NUL"])
def test_what_is_no_text_in_a_body_is_refused(database_url: str, value: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        json = {"content-type": "application/json"}
        with visiting(address) as client:
            for body in (f'{{"username": "{value}", "password": "x"}}', f'{{"username": "u", "password": "{value}"}}'):
                answer = client.post("/api/v1/sessions", content=body, headers=json)
                assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
            target = f"/api/v1/alerts/{raise_alert(conn)}/confirm"
            answer = client.post(target, content=f'{{"note": "{value}"}}', headers={**json, **visitor.bearer})
            assert answer.status_code == 422


@pytest.mark.parametrize(
    "path", ["/?market=%00", "/vendors?market=a%00", "/?show=%00", f"/vendors/{HERE}/%00", "/sign-in?next=%00"]
)
def test_a_nul_in_an_address_is_refused_in_words(database_url: str, path: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "admin")) as client:
        answer = client.get(path)
        assert answer.status_code == 422
        assert "提交的内容含有无效字符" in answer.text


def test_a_nul_in_a_form_is_refused_in_words(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            form = {"csrf_token": visitor.csrf, "note": "a\0b"}
            answer = client.post(f"/alerts/{alert_id}/confirm", data=form)
            assert answer.status_code == 422
            assert "提交的内容含有无效字符" in answer.text
            assert client.post("/sign-in", data={"username": "\0", "password": "x"}).status_code == 422
            assert client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()["state"] == "open"


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("alerts/{}/dismiss", {"reason": "dull"}, "reason", "false_positive"),
        ("alerts/{}/order_rectification", {"note": "x", "due_on": "soon"}, "due_on", "valid date"),
        ("alerts/{}/confirm", {"offers_promise": True}, "offers_promise", "not permitted"),
        ("complaints", {"market_id": HERE}, "channel", "required"),
        (
            "complaints",
            {"market_id": HERE, "channel": "hotline_12345", "reason": "other", "words": "x"},
            "channel_no",
            "expected the number that the hotline gave it",
        ),
    ],
)
def test_a_program_is_told_which_field_and_why(
    database_url: str, path: str, body: dict[str, object], field: str, said: str
) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        alert_id = raise_alert(conn)
        bearer = sign_in(conn, "manager").bearer
        answer = client.post(f"/api/v1/{path.format(alert_id)}", json=body, headers=bearer)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert said in answer.json()["detail"]
        assert client.get(f"/api/v1/alerts/{alert_id}", headers=bearer).json()["state"] == "open"
