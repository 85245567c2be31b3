"""What is judged again, on pages and through the API: why, how far it is, what it came to, and who sees it."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from db import rejudging
from domain.ids import MarketId
from tests.factories import NOW
from tests.rejudged import rejudge
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, raise_alert, sign_in


@pytest.fixture
def furnished(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as world:
        yield world


def ask(conn: Connection, market: MarketId) -> int:
    number = rejudging.request(conn, market_id=market, since=None, until=None, by="lin", now=NOW)
    conn.commit()
    return number


def page(address: str, conn: Connection, who: str, path: str = "/caps/rejudging") -> str:
    with visiting(address, sign_in(conn, who)) as client:
        return client.get(path).text


def test_the_page_says_how_far_it_is_until_it_is_done(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    raise_alert(conn)
    number = ask(conn, HERE)
    waiting = page(address, conn, "manager")
    assert 'http-equiv="refresh"' in waiting
    assert "等待处理" in waiting
    rejudge(conn)
    conn.commit()
    done = page(address, conn, "manager")
    assert 'http-equiv="refresh"' not in done
    assert f'id="rejudgement-{number}"' in done
    assert "1 笔称量" in done


def test_a_manager_sees_what_touches_their_market(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    here, elsewhere = ask(conn, HERE), ask(conn, ELSEWHERE)
    seen = page(address, conn, "manager")
    assert f'id="rejudgement-{here}"' in seen
    assert f'id="rejudgement-{elsewhere}"' not in seen
    assert f'id="rejudgement-{elsewhere}"' in page(address, conn, "regulator")


def test_programs_get_the_same(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    number = ask(conn, HERE)
    with visiting(address) as client:
        found = client.get("/api/v1/caps/rejudgements", headers=sign_in(conn, "regulator").bearer).json()
    assert [(one["rejudgement_id"], one["cause"], one["requested_by"], one["finished_at"]) for one in found] == [
        (number, "by_hand", "lin", None)
    ]
