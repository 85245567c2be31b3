"""The plans of what offices ask, pinned: nothing that grows is read whole, and a market reads its own."""

from collections.abc import Iterator
from datetime import date

import pytest
from psycopg import Connection

from tests.integration.office_queries import GROWING, HOT
from tests.integration.office_tables import FILLING
from tests.integration.read_plans import Asked, filled_with, read


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_what_is_asked_goes_by_an_index_and_reads_little(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert rows <= asked.most


def test_a_read_of_everything_would_be_noticed(filled: Connection) -> None:
    counts = Asked(subject="approval_checks", name="counts", parameters={"today": date(2026, 12, 1)}, most=100)
    assert read(filled, counts, GROWING)[1] > counts.most
