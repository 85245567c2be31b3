"""The web service is as it claims to be, with its database and without."""

from tests.web_service import config_for, furnished_service, serving, visiting


def test_the_service_is_alive_and_ready(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        assert client.get("/healthz").text == "alive"
        assert client.get("/readyz").text == "ready"
        headers = client.get("/sign-in").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_without_a_database_it_is_alive_and_says_what_is_away() -> None:
    with serving(config_for("postgresql://127.0.0.1:1/none")) as address, visiting(address) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        client.cookies.set("steelyard-session", "x")
        page = client.get("/")
        assert page.status_code == 503
        assert "数据库暂时无法连接" in page.text
        assert "127.0.0.1:1" not in page.text
        api = client.get("/api/v1/alerts", headers={"authorization": "Bearer x"})
        assert (api.status_code, api.json()["type"]) == (503, "unavailable")
