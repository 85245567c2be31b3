"""Files of stalls, scales and bindings against a real register; the command line; ten thousand rows."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from db import registry
from db.register import events, scales, stalls, vendors, views
from db.register.events import Change
from domain.errors import BadFile, NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import Source, SubjectKind, VendorIdentity
from supervision.register import changing
from supervision.register.import_plan import RowOutcome
from supervision.register.import_tables import ImportKind
from supervision.register.importing import PlanChanged, RegisterFile, apply, preview
from tests.commands import run_here
from tests.factories import MARKET, NOW, put_market
from tests.web_world import HERE, furnish

CHANGE = Change(by="zhou", at=NOW, because="", source=Source.FILE)
TOMORROW = (NOW + timedelta(days=1)).strftime("%Y-%m-%d")


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def file(text: str, kind: ImportKind | None = None, name: str = "f.csv") -> RegisterFile:
    return RegisterFile(name=name, content=text.encode(), market_id=MARKET, kind=kind)


def test_stalls_and_scales_are_filled_and_the_same_file_again_changes_nothing(market: Connection) -> None:
    for text in (
        "摊位号,区域,排,面积\nA-1,,3,12.5\nB-1,二厅,1,9\n",
        "秤号,厂家,型号,分度值,最大称量,铅封号,铅封状态\nS-1,凯士,X1,5g,15kg,F-1,完好\nS-9,,,,,,\n",
    ):
        applied = apply(market, file(text), CHANGE, expected=None)
        assert (applied.added, applied.changed, applied.unchanged) == (1, 1, 0)
        applied = apply(market, file(text), CHANGE, expected=None)
        assert (applied.added, applied.changed, applied.unchanged) == (0, 0, 2)
    stall, scale = stalls.one(market, MARKET, StallId("A-1")), scales.one(market, MARKET, ScaleId("S-1"))
    assert stall is not None
    assert scale is not None
    assert (stall.facts.place, stall.facts.row_no, stall.facts.area_dm2) == ("hall A", "3", 1250)
    assert (scale.identity.facts.max_g, scale.identity.facts.seal_no) == (15_000, "F-1")
    [step] = events.of_subject(market, MARKET, SubjectKind.STALL, "A-1")
    assert (step.because, step.source, step.by) == ("from the file f.csv", Source.FILE, "zhou")


BINDINGS = f"""秤号,摊位号,商户编号,生效时间
S-1,B-1,V-2,{TOMORROW} 08:00
,B-2,V-1,{TOMORROW}
S-2,A-2,,{TOMORROW}
"""


def test_bindings_are_tried_out_and_then_done(market: Connection) -> None:
    apply(market, file("摊位号,区域\nB-1,x\nB-2,x\n"), CHANGE, expected=None)
    before = registry.revision(market)
    plan = preview(market, file(BINDINGS), now=NOW)
    assert [(one.subject_id, one.outcome) for one in plan.rows] == [
        ("S-1", RowOutcome.CHANGED),
        ("B-2", RowOutcome.NEW),
        ("S-2", RowOutcome.UNCHANGED),
    ]
    assert plan.rows[0].changes == {"stall_id": ("A-1", "B-1"), "vendor_id": ("V-1", "V-2")}
    assert (registry.revision(market), plan.in_the_past) == (before, 0)
    assert stalls.occupant_at(market, MARKET, StallId("B-1"), NOW + timedelta(days=2)) is None
    apply(market, file(BINDINGS), CHANGE, expected=plan.digest)
    assert scales.stay_at(market, MARKET, ScaleId("S-1"), NOW + timedelta(days=2)) == ("B-1", "V-2")
    assert stalls.occupant_at(market, MARKET, StallId("B-2"), NOW + timedelta(days=2)) == "V-1"
    again = preview(market, file(BINDINGS), now=NOW)
    assert {one.outcome for one in again.rows} == {RowOutcome.UNCHANGED}
    with pytest.raises(PlanChanged):
        apply(market, file(BINDINGS), CHANGE, expected=plan.digest)


def test_what_a_binding_names_must_be_there_and_be_possible(market: Connection) -> None:
    text = f"""秤号,摊位号,商户编号,生效时间
S-3,A-1,,{TOMORROW}
S-1,A-1,V-2,{TOMORROW}
S-2,A-1,,someday
S-1,,,{TOMORROW}
S-1,A-2,,{TOMORROW}
S-1,A-2,,{TOMORROW}
"""
    told = [str(one) for one in preview(market, file(text), now=NOW).problems]
    assert told[:1] == ["row 2, column A (scale_id): S-3 is not registered in this market; perhaps S-2 is meant"] or (
        "S-3 is not registered in this market; perhaps S-1" in told[0]
    )
    assert told[1] == "row 3, column B (stall_id): cannot be: stall A-1 is occupied by V-1 then, not by V-2"
    assert told[2] == "row 4, column D (moment): is someday; expected a day or a time, as 2026-11-27 08:30"
    assert told[3] == "row 5, column B (stall_id): is missing"
    assert "stands in the file twice" in " ".join(told[4:])
    with pytest.raises(BadFile, match="6 problem"):
        apply(market, file(text), CHANGE, expected=None)
    assert scales.stay_at(market, MARKET, ScaleId("S-1"), NOW + timedelta(days=2)) == ("A-1", "V-1")


def test_bindings_in_the_past_are_done_only_where_it_is_meant(market: Connection) -> None:
    yesterday = (NOW - timedelta(hours=12)).strftime("%Y-%m-%d %H:%M")
    past = file(f"秤号,摊位号,生效时间\nS-1,A-2,{yesterday}\n")
    assert preview(market, past, now=NOW).in_the_past == 1
    with pytest.raises(RuleViolation, match="1 rows begin in the past"):
        apply(market, past, CHANGE, expected=None)
    apply(market, past, CHANGE, expected=None, past_is_meant=True)
    assert scales.stay_at(market, MARKET, ScaleId("S-1"), NOW) == ("A-2", "V-2")


def test_what_is_no_file_of_the_register_is_refused(market: Connection) -> None:
    with pytest.raises(BadFile, match="do not tell what it holds"):
        preview(market, file("甲,乙\n1,2\n"), now=NOW)
    with pytest.raises(NotFound):
        preview(market, RegisterFile(name="f", content="摊位号,排\nA,1\n".encode(), market_id=MarketId("x")), now=NOW)
    with pytest.raises(BadFile, match="expected at most 4194304"):
        preview(market, RegisterFile(name="f", content=b"a" * 4_194_305, market_id=MARKET), now=NOW)


def test_thousands_of_vendors_are_filled_from_one_file(market: Connection) -> None:
    rows = "".join(f"N-{n},海鲜铺{n},1380000{n:04}\n" for n in range(3_000))
    applied = apply(market, file("商户编号,商户名称,联系电话\n" + rows), CHANGE, expected=None)
    assert applied.added == 3_000
    found = vendors.one(market, MARKET, VendorId("N-2999"))
    assert found is not None
    assert found.identity.phone == "13800002999"


def test_the_command_line_does_the_same(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
    given = tmp_path / "商户.csv"
    given.write_text("商户编号,商户名称,联系电话\nV001,,13800001111\nN-1,海角,\n", encoding="gb18030")

    def run(*words: str) -> tuple[int, str, str]:
        ran = run_here("registry", *words, environment={"STEELYARD_DATABASE_URL": database_url})
        return ran.returncode, ran.stdout, ran.stderr

    code, out, _ = run("import", str(given), "--market", HERE, "--dry-run", "--json")
    assert (code, json.loads(out)["counts"]) == (0, {"new": 1, "changed": 1, "unchanged": 0, "conflicting": 0})
    code, out, err = run("import", str(given), "--market", HERE)
    assert (code, "--as is missing" in err) == (2, True)
    code, out, err = run("import", str(given), "--market", HERE, "--as", "manager")
    assert (code, "a manager may not edit identities" in err) == (2, True)
    code, out, _ = run("import", str(given), "--market", HERE, "--as", "regulator")
    assert (code, "applied: 1 new, 1 changed, 0 unchanged" in out) == (0, True)
    assert "13800001111" not in out
    code, out, _ = run("find", "haijiao")
    assert (code, "N-1" in out) == (0, True)
    given.write_text("商户编号,联系电话\nV001,12\n", encoding="utf-8")
    code, _, err = run("import", str(given), "--market", HERE, "--dry-run")
    assert (code, "row 2, column B (phone): is 12" in err, "Traceback" in err) == (2, True, False)


def test_the_moment_of_a_file_is_by_the_markets_clock(market: Connection) -> None:
    apply(market, file(f"秤号,摊位号,生效时间\nS-1,A-2,{TOMORROW}\n"), CHANGE, expected=None)
    [later, _] = scales.stays_of_scale(market, MARKET, ScaleId("S-1"))
    assert later.begins is not None
    assert later.begins.astimezone(UTC) == datetime.fromisoformat(TOMORROW).replace(tzinfo=UTC) - timedelta(hours=8)


def test_a_file_says_of_no_more_bindings_than_can_be_tried_out(market: Connection) -> None:
    rows = f"S-1,A-1,{TOMORROW}\n" * 2_001
    [problem] = preview(market, file("秤号,摊位号,生效时间\n" + rows), now=NOW).problems
    assert str(problem).startswith("has 2001 rows; expected at most 2000")


def test_what_the_command_line_says_of_a_scale_stands_in_its_trail(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        words = ("scale", "facts", "--market", HERE, "--scale", f"{HERE}-s01", "--max-g", "15000")
        ran = run_here(*words, environment={"STEELYARD_DATABASE_URL": database_url})
        assert (ran.returncode, ran.stderr) == (0, "")
        [step] = events.of_subject(conn, HERE, SubjectKind.SCALE, f"{HERE}-s01")
        assert (step.source, step.changes) == (Source.COMMAND, {"max_g": ("", "15000")})


def test_the_command_line_prints_a_file_masked_and_in_full_only_for_a_reason(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        identity = VendorIdentity(name="阿海", phone="13812345678")
        changing.correct_vendor(conn, HERE, VendorId("V001"), identity, revision=1, change=replace(CHANGE, because="x"))
        conn.commit()

        def phone(*words: str) -> str:
            ran = run_here(
                *("registry", "file", HERE, "V001", "--as", *words),
                environment={"STEELYARD_DATABASE_URL": database_url},
            )
            assert (ran.returncode, ran.stderr) == (0, "")
            return str(json.loads(ran.stdout)["sections"]["identity"]["facts"]["phone"])

        assert phone("manager") == "138****5678"
        assert phone("regulator") == "138****5678"
        assert phone("regulator", "--in-full-because", "a complaint") == "13812345678"
        assert [(one.by, one.how) for one in views.newest(conn, limit=9)] == [("regulator", "command")]
        refused = run_here(
            *("registry", "file", HERE, "V001", "--as", "manager", "--in-full-because", "x"),
            environment={"STEELYARD_DATABASE_URL": database_url},
        )
        assert (refused.returncode, "may not see personal data" in refused.stderr) == (2, True)
