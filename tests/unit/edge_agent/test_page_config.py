"""`[page]`: every problem named, and nothing taken for what it is not."""

from typing import Any

import pytest

from edge_agent.config.page_config import PageConfig, parse_page
from edge_agent.config.tables import Table

TICKETS = "https://tickets.example/t/{market_id}/{scale_id}/{journal_id}/{seq}"


def parsed(page: object) -> tuple[PageConfig | None, list[str]]:
    problems: list[str] = []
    return parse_page(Table({"page": page}, "", problems)), problems


def test_without_the_table_there_is_no_page() -> None:
    problems: list[str] = []
    assert parse_page(Table({}, "", problems)) is None
    assert problems == []


def test_an_empty_table_is_a_page_for_this_machine_only() -> None:
    assert parsed({}) == (PageConfig(host="127.0.0.1", port=8080), [])


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [("0.0.0.0:80", "0.0.0.0", 80), ("[::1]:8081", "::1", 8081), ("localhost:0", "localhost", 0)],
)
def test_where_it_listens(listen: str, host: str, port: int) -> None:
    config, problems = parsed({"listen": listen})
    assert problems == []
    assert config is not None
    assert (config.host, config.port) == (host, port)


def test_everything_is_read() -> None:
    page = {"hosts": ["Gateway.local"], "ticket_url": TICKETS, "timezone": "Asia/Urumqi", "max_watchers": 4}
    config, problems = parsed(page)
    assert problems == []
    assert config == PageConfig(
        host="127.0.0.1",
        port=8080,
        hosts=("gateway.local",),
        ticket_url=TICKETS,
        timezone="Asia/Urumqi",
        max_watchers=4,
    )


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ({"listen": "8080"}, "page.listen: is '8080'; expected an address and a port"),
        ({"listen": "gateway.local:80"}, "page.listen: is 'gateway.local:80'"),
        ({"listen": "127.0.0.1:99999"}, "page.listen: is '127.0.0.1:99999'"),
        ({"hosts": "gateway.local"}, "page.hosts: is 'gateway.local'; expected a list of texts"),
        ({"hosts": ["a b"]}, "page.hosts: 'a b' is in it; expected"),
        ({"ticket_url": "tickets.example/{scale_id}/{journal_id}/{seq}"}, "page.ticket_url: is 'tickets"),
        ({"ticket_url": "https://t.example/{seq}"}, "names {scale_id}, {journal_id} and {seq}"),
        ({"ticket_url": TICKETS + "/{vendor}"}, "page.ticket_url: is"),
        ({"ticket_url": TICKETS + "/{"}, "page.ticket_url: is"),
        ({"ticket_url": TICKETS + "/{seq.real}"}, "page.ticket_url: is"),
        ({"timezone": "Mars/Phobos"}, "page.timezone: is 'Mars/Phobos'"),
        ({"timezone": "../../etc"}, "page.timezone: is '../../etc'"),
        ({"max_watchers": 0}, "page.max_watchers: is 0; expected a whole number from 1 to 200"),
        ({"listn": ""}, "page.listn: not known here"),
        ("here", "page: is 'here'; expected a table"),
    ],
)
def test_a_problem_is_named(page: Any, says: str) -> None:
    _config, problems = parsed(page)
    assert says in " | ".join(problems)


def test_all_problems_are_named_at_once() -> None:
    _config, problems = parsed({"listen": "", "ticket_url": "x", "max_watchers": 999, "colour": "red"})
    assert [problem.split(":")[0] for problem in problems] == [
        "page.listen",
        "page.ticket_url",
        "page.max_watchers",
        "page.colour",
    ]
