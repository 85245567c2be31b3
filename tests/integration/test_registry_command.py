"""`steelyard registry market`: a market begins here."""

import re

import psycopg
import pytest

from db.register import events, markets
from domain.ids import MarketId
from domain.register.records import RegisterAction, Source, SubjectKind
from tests.commands import Ran, run_here
from tests.web_world import HERE, VENDOR, furnish

FACTS = ("--area", "sanya", "--channel", "stall")


def market(database_url: str, *words: str) -> Ran:
    return run_here("registry", "market", *words, environment={"STEELYARD_DATABASE_URL": database_url})


def test_a_market_is_registered_and_corrected_with_its_trail(database_url: str) -> None:
    assert market(database_url, "sanya-2", "--name", "第二市场", *FACTS).returncode == 0
    told = ("--operator", "板桥公司", "--because", "a new sign")
    assert market(database_url, "sanya-2", "--name", "新市场", *FACTS, *told).returncode == 0
    assert market(database_url, "sanya-2", "--name", "新市场", *FACTS).returncode == 0  # which changes nothing
    with psycopg.connect(database_url) as conn:
        known = markets.one(conn, MarketId("sanya-2"))
        steps = events.of_subject(conn, MarketId("sanya-2"), SubjectKind.MARKET, "sanya-2")
    assert known is not None
    facts = known.facts
    assert (facts.market_name, facts.area, facts.operator, known.revision) == ("新市场", "sanya", "板桥公司", 2)
    assert [(one.action, one.source, one.because) for one in steps] == [
        (RegisterAction.CORRECTED, Source.COMMAND, "a new sign"),
        (RegisterAction.REGISTERED, Source.COMMAND, "steelyard registry market"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("san ya", "--name", "x", *FACTS), "market is 'san ya'; expected 1 to 64 letters"),
        (("sanya-2", "--name", " ", *FACTS), "market_name is missing"),
        (("sanya-2", "--name", "x", *FACTS, "--timezone", "Sanya"), "timezone is Sanya; expected a name"),
        (("sanya-2", "--name", "x", "--area", "三亚", "--channel", "stall"), "area is"),
    ],
)
def test_what_is_no_market_is_refused_with_its_field(database_url: str, words: tuple[str, ...], said: str) -> None:
    refused = market(database_url, *words)
    assert refused.returncode == 2
    assert said in refused.stderr


def test_codes_are_made_for_those_without_and_listed(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)

    def codes(*words: str) -> Ran:
        return run_here("registry", "codes", *words, environment={"STEELYARD_DATABASE_URL": database_url})

    assert codes(HERE).stdout == f"{VENDOR}\t-\tA-01\n"
    refused = codes(HERE, "--make", "--as", "nobody")
    assert (refused.returncode, "nobody may sign in" in refused.stderr) == (2, True)
    made = codes(HERE, "--make", "--as", "manager")
    assert (made.returncode, made.stderr.strip()) == (0, "1 made")
    assert re.fullmatch(rf"{VENDOR}\t[2-9A-HJKMNP-Z]{{8}}\tA-01\n", made.stdout)
    again = codes(HERE, "--make")
    assert (again.stdout, again.stderr.strip()) == (made.stdout, "0 made")
    assert "there is no market nowhere" in codes("nowhere").stderr
