"""`steelyard registry market`: a market begins here."""

import psycopg
import pytest

from db import registry
from tests.commands import Ran, run_here

FACTS = ("--area", "sanya", "--channel", "stall")


def market(database_url: str, *words: str) -> Ran:
    return run_here("registry", "market", *words, environment={"STEELYARD_DATABASE_URL": database_url})


def test_a_market_is_registered_and_renamed_and_nothing_else_of_it_changes(database_url: str) -> None:
    assert market(database_url, "sanya-2", "--name", "第二市场", *FACTS).returncode == 0
    assert market(database_url, "sanya-2", "--name", "新市场", *FACTS).returncode == 0
    elsewhere = market(database_url, "sanya-2", "--name", "x", "--area", "haikou", "--channel", "stall")
    assert elsewhere.returncode == 2
    assert "only its name can change" in elsewhere.stderr
    with psycopg.connect(database_url) as conn:
        [one] = [one for one in registry.markets(conn) if one.market_id == "sanya-2"]
    assert (one.name, one.area, one.channel, one.timezone) == ("新市场", "sanya", "stall", "Asia/Shanghai")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("san ya", "--name", "x", *FACTS), "market is 'san ya'; expected 1 to 64 letters"),
        (("sanya-2", "--name", " ", *FACTS), "name is missing"),
        (("sanya-2", "--name", "x", *FACTS, "--timezone", "Sanya"), "timezone is 'Sanya'; expected a name"),
        (("sanya-2", "--name", "x", "--area", "三亚", "--channel", "stall"), "area is"),
    ],
)
def test_what_is_no_market_is_refused_with_its_field(database_url: str, words: tuple[str, ...], said: str) -> None:
    refused = market(database_url, *words)
    assert refused.returncode == 2
    assert said in refused.stderr
