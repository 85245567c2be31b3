"""A file becomes a preview, a draft, and by a second person the list in force: against the real database."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import Connection

from db import accounts, cap_list_files, caps
from db.cap_list_pages import items
from db.cap_lists import NewCapList
from domain.errors import BadFile, RuleViolation
from domain.ids import SpeciesCode
from domain.price_cap import CapKind, CapStatus, CapUnit, Channel
from domain.units import PriceUnit
from ingest.batch import take_batch
from pricing import publishing
from pricing.list_comparison import ChangeKind
from pricing.list_import import ListFile, keep_draft, preview, restored, stored
from pricing.list_pages import look_at
from pricing.name_suggestions import Because
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.factories import MARKET, NOW, delivery, message, over, publish_caps, put_market, weighing

POLICY = read_rules_policy(policy_directory() / "rules.toml")
HEAD = "品名,等级,最高销售价（元/500克）\n"
F01 = SpeciesCode("F01")


def a_list(**fields: object) -> NewCapList:
    values = {"area": "sanya", "channel": Channel.EATERY, "source": "a test", "effective_from": NOW, **fields}
    return NewCapList(**values)  # type: ignore[arg-type]


def a_file(
    text: str, unit: PriceUnit | None = None, accepted: dict[str, SpeciesCode] | None = None, **fields: object
) -> ListFile:
    new = a_list(**fields)
    return ListFile(name="list.csv", content=text.encode("gb18030"), new=new, unit=unit, accepted=accepted or {})


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_a_preview_says_what_changes_and_stores_nothing(market: Connection) -> None:
    shown = preview(market, a_file(HEAD + "东星斑,,150\n老虎斑,,/\n东星斑,大,160\n"), POLICY, now=NOW)
    kinds = {(one.species, one.grade): (one.kind, one.permille, one.is_large) for one in shown.changes}
    assert kinds == {
        ("F01", ""): (ChangeKind.UP, 305, True),
        ("F02", ""): (ChangeKind.SAME, None, False),
        ("F01", "大"): (ChangeKind.NEW, None, False),
        ("X01", ""): (ChangeKind.GONE, None, False),
    }
    assert (shown.may_be_kept, shown.problems, list(shown.markets)) == (True, [], [MARKET])
    assert market.execute("SELECT count(*) FROM cap_lists").fetchone() == (1,)
    assert market.execute("SELECT count(*) FROM cap_list_files").fetchone() == (0,)


def test_a_preview_counts_what_it_would_do_to_todays_sales(market: Connection) -> None:
    sales = [weighing(1), weighing(2, net_g=2000), over(3), weighing(4, species="X01", name="基围虾"), weighing(5)]
    take_batch(market, [delivery(message(*sales))], books=BookKeeper(), policy=POLICY, now=NOW)
    lower = preview(market, a_file(HEAD + "东星斑,,100\n基围虾,,100\n"), POLICY, now=NOW)
    assert lower.impact is not None
    found = lower.impact
    assert (found.weighings, found.become_over, found.no_longer_over, found.stay_over) == (5, 4, 0, 1)
    # 15 yuan for 500 g too much: of 1 kg, 2 kg, 1 kg, 1 kg; and one 16 yuan.
    assert (found.overcharge_before_fen, found.overcharge_after_fen) == (200, 3000 + 6000 + 3200 + 3000 + 3000)
    assert (found.in_its_time, found.is_whole) == (5, True)
    higher = preview(market, a_file(HEAD + "东星斑,,120\n", effective_from=NOW + timedelta(seconds=3)), POLICY, now=NOW)
    assert higher.impact is not None
    found = higher.impact
    assert (found.become_over, found.no_longer_over, found.stay_over, found.in_its_time) == (0, 1, 0, 3)


def test_an_advisory_list_does_nothing_to_a_sale(market: Connection) -> None:
    take_batch(market, [delivery(message(weighing(1)))], books=BookKeeper(), policy=POLICY, now=NOW)
    shown = preview(market, a_file(HEAD + "东星斑,,1\n", is_advisory=True), POLICY, now=NOW)
    assert shown.impact is not None
    assert (shown.impact.become_over, shown.impact.in_its_time) == (0, 0)
    assert shown.items[0].kind is CapKind.ADVISORY


def test_an_unknown_name_is_suggested_for_and_accepted_with_the_draft(market: Connection) -> None:
    asked = a_file(HEAD + "东兴斑,,120\n紫斑(东星斑鱼),,100\n")
    shown = preview(market, asked, POLICY, now=NOW)
    first, second = shown.unknown
    assert (first[0].name, first[0].rows, first[1][0].species, first[1][0].because) == (
        "东兴斑",
        (2,),
        F01,
        Because.SAME_SOUND,
    )
    assert (second[1][0].species, second[1][0].because) == (F01, Because.ALIAS)
    with pytest.raises(BadFile, match=r"row 2, column A \(name\): '东兴斑' is no known species"):
        keep_draft(market, asked, by="one", at=NOW)
    assert market.execute("SELECT count(*) FROM species_names WHERE name = '东兴斑'").fetchone() == (0,)
    accepted = a_file(HEAD + "东兴斑,,120\n", accepted={"东兴斑": F01})
    cap_list_id = keep_draft(market, accepted, by="one", at=NOW)
    row = market.execute("SELECT species_code, added_by FROM species_names WHERE name = '东兴斑'").fetchone()
    assert row == ("F01", "one")
    assert [(item.species_code, item.cap_fen) for item in items(market, cap_list_id)] == [("F01", 24000)]
    assert cap_list_files.of_list(market, cap_list_id) == ("list.csv", accepted.content)


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("东星斑", "F02", "means F01 already"),
        ("新鱼", "F99", "there is no such species"),
        ("别的", "F01", "the list names nothing"),
    ],
)
def test_what_cannot_be_accepted_is_refused(market: Connection, name: str, code: str, says: str) -> None:
    asked = a_file(HEAD + "东星斑,,120\n新鱼,,1\n", accepted={name: SpeciesCode(code)})
    with pytest.raises(RuleViolation, match=says):
        keep_draft(market, asked, by="one", at=NOW)


def test_a_file_with_problems_keeps_nothing_and_tells_them_all(market: Connection) -> None:
    with pytest.raises(BadFile) as refused:
        keep_draft(market, a_file(HEAD + "东星斑,,面议\n新鱼,,1\n老虎斑,,1\n老虎斑,,2\n"), by="one", at=NOW)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "row 2, column C (price)",
        "row 3, column A (name)",
        "row 5, column A (name)",
    ]
    assert market.execute("SELECT count(*) FROM cap_lists").fetchone() == (1,)


def test_a_draft_keeps_what_the_document_said(market: Connection) -> None:
    text = "单位：元/公斤\n品名,最高价\n东星斑（大 12–19个/斤）,100\n老虎斑（元/只）,25\n基围虾,\n"
    found = items(market, keep_draft(market, a_file(text), by="one", at=NOW))
    told = {item.species_code: (item.grade, item.status, item.unit, item.cap_fen, item.published_as) for item in found}
    assert told == {
        "F01": ("大", CapStatus.CAPPED, CapUnit.KG, 10000, "100 yuan/kg"),
        "F02": ("", CapStatus.CAPPED, CapUnit.PIECE, 2500, "25 yuan/piece"),
        "X01": ("", CapStatus.ABSENT, CapUnit.KG, None, ""),
    }
    assert {item.meaning.most_pieces_per_500g for item in found} == {19, None}
    row = market.execute("SELECT published_unit FROM cap_lists ORDER BY cap_list_id DESC LIMIT 1").fetchone()
    assert row == ("kg",)


def test_a_file_waits_for_its_own_uploader_and_becomes_one_list(market: Connection) -> None:
    asked = a_file(HEAD + "东星斑,,120\n", unit=None, market_id=MARKET, effective_to=NOW + timedelta(days=1))
    file_id = cap_list_files.put(market, stored(asked), by="one", at=NOW)
    assert cap_list_files.looked_at(market, file_id, by="other") is None
    kept = cap_list_files.looked_at(market, file_id, by="one")
    assert kept is not None
    assert restored(kept, {}) == asked
    cap_list_id = keep_draft(market, restored(kept, {}), by="one", at=NOW, file_id=file_id)
    assert cap_list_files.looked_at(market, file_id, by="one") is None
    assert cap_list_files.of_list(market, cap_list_id) == ("list.csv", asked.content)
    later = cap_list_files.put(market, stored(asked), by="one", at=NOW)
    cap_list_files.put(market, stored(asked), by="one", at=NOW + timedelta(days=2))
    assert cap_list_files.looked_at(market, later, by="one") is None


def test_a_list_is_looked_at_beside_the_one_before(market: Connection) -> None:
    first = keep_draft(market, a_file(HEAD + "东星斑,,120\n"), by="one", at=NOW)
    publishing.publish(market, first, by="two", at=NOW)
    later = keep_draft(market, a_file(HEAD + "东星斑,,110\n", effective_from=NOW + timedelta(days=1)), by="one", at=NOW)
    found = look_at(market, later, None)
    assert found is not None
    assert found.before is not None
    assert (found.before.cap_list_id, [one.kind for one in found.changes]) == (first, [ChangeKind.DOWN])
    assert look_at(market, later, MARKET) is None  # a draft is not a market manager's business
    assert look_at(market, first, MARKET) is not None


def steelyard(database_url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "steelyard", "caps", *words],
        env={**os.environ, "STEELYARD_DATABASE_URL": database_url, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_line_imports_and_a_second_person_publishes(
    market: Connection, database_url: str, tmp_path: Path
) -> None:
    for name, role in (("one", "regulator"), ("two", "admin"), ("boss", "manager")):
        accounts.put_user(
            market,
            username=name,
            display_name=name,
            password_hash="",
            role=role,
            market_id=MARKET if role == "manager" else None,
        )
    market.commit()
    path = tmp_path / "list.csv"
    path.write_text(HEAD + "东星斑,,120\n", encoding="utf-8-sig")
    where = ("--area", "sanya", "--source", "s", "--effective-from", "2026-11-23T00:00:00+08:00")
    shown = steelyard(database_url, "import", str(path), *where, "--preview", "--json")
    assert (shown.returncode, json.loads(shown.stdout)["cap_list_id"]) == (0, None), shown.stderr
    drafted = steelyard(database_url, "import", str(path), *where, "--as", "one", "--json")
    told = json.loads(drafted.stdout)
    number = str(told["cap_list_id"])
    assert (told["changes"][0]["kind"], told["changes"][0]["permille"]) == ("up", 44)
    same, manager = (steelyard(database_url, "publish", number, "--as", who) for who in ("one", "boss"))
    assert (same.returncode, manager.returncode) == (2, 2)
    assert "a second person publishes it" in same.stderr
    assert "boss is a manager" in manager.stderr
    published = steelyard(database_url, "publish", number, "--as", "two")
    assert "until another takes over" in published.stdout, published.stderr
    withdrawn = steelyard(database_url, "withdraw", number, "--as", "one", "--because", "misprint")
    assert withdrawn.returncode == 0, withdrawn.stderr
    listed = json.loads(steelyard(database_url, "list", "--json").stdout)["lists"]
    assert (listed[0]["cap_list_id"], listed[0]["status"]) == (int(number), "withdrawn")
    looked_at = json.loads(steelyard(database_url, "show", number, "--json").stdout)
    assert (looked_at["items"][0]["cap_fen"], looked_at["list"]["withdrawn_because"]) == (24000, "misprint")


def test_the_command_line_refuses_a_bad_file_with_all_problems(
    market: Connection, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEAD + "东星斑,,x\n东兴斑,,1\n", encoding="utf-8")
    where = ("--area", "sanya", "--source", "s")
    refused = steelyard(database_url, "import", str(path), *where)
    assert refused.returncode == 2
    assert "row 2, column C (price): 'x'; expected yuan" in refused.stderr
    assert "row 3, column A (name): '东兴斑' is no known species or alias" in refused.stderr
    assert "--accept 东兴斑=F01" in refused.stdout
    assert "Traceback" not in refused.stderr
    typo = steelyard(database_url, "import", str(path), "--area", "sania", "--source", "s")
    assert (typo.returncode, typo.stdout) == (2, "")
    assert "no market has the area 'sania'" in typo.stderr
    assert market.execute("SELECT count(*) FROM cap_lists").fetchone() == (1,)
    assert len(caps.lists_in_force(market, NOW)) == 1
    assert publish_caps(market, 1, NOW) > 0
