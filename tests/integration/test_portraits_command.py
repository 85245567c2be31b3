"""`steelyard portraits make`."""

import json

import psycopg
import pytest

from credit.portrait.reading import vendor_portrait
from db import portraits
from domain.ids import VendorId
from domain.portrait import Axis
from steelyard.settings import PREFIX
from tests.commands import run_here
from tests.portrait_world import LAST, MARKET, NIGHT, SINCE, open_market, settle, trade, weekdays


def test_portraits_are_made_at_once(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        open_market(conn)
        settle(conn, ["V"])
        trade(conn, "V", days=weekdays())
    where = {f"{PREFIX}DATABASE_URL": database_url}
    ran = run_here("portraits", "make", "--market", MARKET, "--through", LAST.isoformat(), "--json", environment=where)
    assert ran.returncode == 0, ran.stderr
    made = {"market_id": MARKET, "since": SINCE.isoformat(), "day": LAST.isoformat(), "vendors": 1}
    assert json.loads(ran.stdout) == {"portraits": [made]}
    with psycopg.connect(database_url) as conn:
        assert portraits.made(conn, MARKET) is not None
        found = vendor_portrait(conn, MARKET, VendorId("V"), now=NIGHT).portrait
        assert found is not None
        assert found.figure(Axis.VOLUME).part == 91_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--market", "nowhere"), "is 'nowhere'; expected one that is registered: wanning-2"),
        (("--through", "2199-01-01"), "is 2199-01-01; expected a day that is over in wanning-2, up to "),
    ],
)
def test_what_is_not_there_is_said_with_its_field(database_url: str, words: tuple[str, ...], said: str) -> None:
    with psycopg.connect(database_url) as conn:
        open_market(conn)
    ran = run_here("portraits", "make", *words, environment={f"{PREFIX}DATABASE_URL": database_url})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"{words[0]}: 1 problem(s)\n  {said}" in ran.stderr
