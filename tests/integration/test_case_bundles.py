"""A case's evidence as it is frozen from a real database: whole, the same again, kept, and checked offline."""

import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from psycopg import Connection
from typer.testing import CliRunner

from db import case_evidence, cases
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.case import CaseAction
from domain.errors import NotAllowed
from steelyard.cli import app
from supervision.alerts.attaching import attach
from supervision.cases.freezing import freeze
from supervision.cases.verifying import CHAIN
from supervision.cases.zipping import MANIFEST
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act
from tests.case_acts import case_of, penalise, step
from tests.factories import MARKET, NOW, put_market
from tests.integration.test_alert_life import PENALTY, photo, raised, sold_over

VERSIONS = {"rules": POLICIES.rules.version, "credit": POLICIES.credit.version}


@pytest.fixture
def case_id(conn: Connection) -> int:
    put_market(conn)
    conn.commit()
    alert_id = sold_over(conn, 1)
    sold_over(conn, 2)
    act(conn, alert_id, AlertAction.CONFIRM)
    attach(conn, alert_id, photo(), by=MANAGER, policy=POLICIES.supervision.photo, now=NOW)
    act(conn, alert_id, AlertAction.ESCALATE, note="again above the cap")
    found = cases.case_of_alert(conn, alert_id)
    conn.commit()
    assert found is not None
    return found


def frozen(conn: Connection, case_id: int) -> bytes:
    conn.commit()
    bundle_id = freeze(conn, case_id, versions=VERSIONS, by=REGULATOR, now=NOW)
    content = cases.take_bundle(conn, case_id, bundle_id, by="regulator", origin="127.0.0.2", at=NOW)
    conn.commit()
    assert content is not None
    return content


def test_it_holds_the_frozen_bytes_the_list_the_binding_and_the_photo(conn: Connection, case_id: int) -> None:
    with ZipFile(io.BytesIO(frozen(conn, case_id))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    stored = conn.execute("SELECT body FROM weighings ORDER BY seq").fetchall()
    assert [files[name] for name in sorted(files) if name.startswith("journals/") and name[-7].isdigit()] == [
        bytes(row[0]) for row in stored
    ]
    (listed,) = json.loads(files["cap_lists.json"])
    assert listed["items"]
    folder = next(name for name in files if name.startswith("alerts/")).rsplit("/", 1)[0].removesuffix("/photos")
    assert json.loads(files[f"{folder}/bindings.json"])[0]["vendor_id"] == "V-1"
    assert [step["action"] for step in json.loads(files[f"{folder}/steps.json"])] == ["confirm", "attach", "escalate"]
    assert any(name.endswith(".jpg") for name in files)
    assert "contact" not in "".join(files)
    assert json.loads(files["policies.json"]) == VERSIONS


def files_of(bundle: bytes) -> dict[str, Any]:
    with ZipFile(io.BytesIO(bundle)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        return {name: json.loads(archive.read(name)) for name in names}


def alert_of(conn: Connection, case_id: int) -> int:
    (alert_id,) = cases.alerts_of(conn, case_id)
    return alert_id


def test_what_judging_again_took_back_is_there_and_not_counted(conn: Connection, case_id: int) -> None:
    conn.execute(
        "WITH judged AS (INSERT INTO rejudgements (cause, about, span, requested_at)"
        " VALUES ('list', 'x', '[2026-01-01,2027-01-01)', now()) RETURNING rejudgement_id)"
        " UPDATE alert_weighings SET withdrawn_by = (SELECT rejudgement_id FROM judged) WHERE seq = 2"
    )
    files = files_of(frozen(conn, case_id))
    assert [(one["seq"], one["is_counted"]) for one in files[CHAIN]] == [(1, True), (2, False)]
    assert (files[MANIFEST]["weighings_counted"], files[MANIFEST]["weighings_included"]) == (1, 1)
    listed = files[f"alerts/{alert_of(conn, case_id)}/weighings.json"]
    assert [one["withdrawn_by"] is None for one in listed] == [True, False]


def test_it_holds_what_was_merged_into_its_alerts(conn: Connection) -> None:
    put_market(conn)
    conn.commit()
    child = sold_over(conn, 1)
    attach(conn, child, photo(), by=MANAGER, policy=POLICIES.supervision.photo, now=NOW)
    into = raised(conn, AlertKind.TARE_ABUSE)
    act(conn, child, AlertAction.MERGE, into=into)
    act(conn, into, AlertAction.CONFIRM)
    act(conn, into, AlertAction.ESCALATE, note="again above the cap")
    bundle = frozen(conn, case_of(conn, into).case_id)
    files = files_of(bundle)
    assert [(one["seq"], one["is_counted"]) for one in files[CHAIN]] == [(1, True)]
    assert files[f"alerts/{child}/alert.json"]["merged_into"] == into
    assert [one["action"] for one in files[f"alerts/{child}/steps.json"]] == ["attach", "merge"]
    with ZipFile(io.BytesIO(bundle)) as archive:
        assert any(name.startswith(f"alerts/{child}/photos/") for name in archive.namelist())


def test_it_says_whose_every_scale_of_an_alert_was(conn: Connection, case_id: int) -> None:
    conn.execute("INSERT INTO scales (market_id, scale_id) VALUES (%s, 'S-9')", [MARKET])
    conn.execute("INSERT INTO scale_bindings VALUES (%s, 'S-9', 'A-1', 'V-1', '[2026-01-01,)')", [MARKET])
    conn.execute(
        "INSERT INTO alert_weighings (alert_id, market_id, scale_id, journal_id, seq, weighed_at, excess_fen,"
        " overcharge_fen)"
        " SELECT alert_id, market_id, 'S-9', journal_id, seq, weighed_at, 1, 1 FROM alert_weighings WHERE seq = 1"
    )
    files = files_of(frozen(conn, case_id))
    bindings = files[f"alerts/{alert_of(conn, case_id)}/bindings.json"]
    assert [one["scale_id"] for one in bindings] == ["S-1", "S-9"]


def test_it_holds_the_gaps_and_breaks_of_its_journals_and_what_was_decided(conn: Connection) -> None:
    put_market(conn)
    conn.commit()
    alert_id = sold_over(conn, 5)
    act(conn, alert_id, AlertAction.CONFIRM)
    act(conn, alert_id, AlertAction.ESCALATE, note="again above the cap")
    case_id = penalise(conn, alert_id, PENALTY)
    journal = "SELECT market_id, scale_id, journal_id FROM alert_weighings"
    for first, last in ((1, 2), (3, 4), (9, 9)):
        conn.execute(
            "INSERT INTO journal_gaps (market_id, scale_id, journal_id, first_seq, last_seq, missing, noticed_at)"
            f" SELECT j.*, {first}, {last}, int8multirange(int8range({first}, {last + 1})), now()"
            f" FROM ({journal}) j".encode()
        )
    for seq in (5, 8):
        conn.execute(
            "INSERT INTO chain_breaks (market_id, scale_id, journal_id, seq, fault, found_at)"
            f" SELECT j.*, {seq}, 'left_out', now() FROM ({journal}) j".encode()
        )
    files = files_of(frozen(conn, case_id))
    assert [one["first_seq"] for one in files["journal_gaps.json"]] == [3]
    assert [one["seq"] for one in files["chain_breaks.json"]] == [5]
    assert [one["document_no"] for one in files["decisions.json"]] == [PENALTY.document_no]


def test_it_tells_times_in_utc_whatever_the_session_says(conn: Connection, case_id: int) -> None:
    conn.execute("SET TIME ZONE 'Asia/Shanghai'")
    files = files_of(frozen(conn, case_id))
    alert = files[f"alerts/{alert_of(conn, case_id)}/alert.json"]
    told = [alert["first_at"], files["case.json"][0]["at"], files[CHAIN][0]["judged"]["weighed_at"]]
    assert {one[-6:] for one in told} == {"+00:00"}


def test_it_is_of_one_moment_whatever_others_do_meanwhile(
    conn: Connection, case_id: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert_id = alert_of(conn, case_id)
    conn.commit()
    read = case_evidence.of_alerts

    def while_others_act(reader: Connection, of: int) -> list[dict[str, Any]]:
        with psycopg.connect(database_url) as other:
            act(other, alert_id, AlertAction.COMMENT, by=REGULATOR, note="meanwhile")
            step(other, case_id, CaseAction.INVESTIGATE)
        return read(reader, of)

    monkeypatch.setattr(case_evidence, "of_alerts", while_others_act)
    files = files_of(frozen(conn, case_id))
    assert "comment" not in [one["action"] for one in files[f"alerts/{alert_id}/steps.json"]]
    assert "investigate" not in [one["action"] for one in files["case.json"]]


def test_the_command_says_what_holds_and_names_what_was_altered(conn: Connection, case_id: int, tmp_path: Path) -> None:
    content = frozen(conn, case_id)
    (line,) = cases.bundles_of(conn, case_id)
    path = tmp_path / "case.zip"
    path.write_bytes(content)
    good = CliRunner().invoke(app, ["cases", "verify", str(path), "--sha256", line.sha256])
    assert (good.exit_code, good.output.count("\n")) == (0, 1)
    at = content.index(b"again above")
    path.write_bytes(content[:at] + b"never" + content[at + 5 :])
    bad = CliRunner().invoke(app, ["cases", "verify", str(path)])
    assert bad.exit_code == 1
    assert "is damaged" in bad.output


def test_each_download_is_logged_and_bundles_are_not_changed(conn: Connection, case_id: int) -> None:
    frozen(conn, case_id)
    (download,) = cases.downloads_of(conn, case_id)
    assert (download.by, download.origin) == ("regulator", "127.0.0.2")
    for statement in ("UPDATE case_bundles SET frozen_by = 'x'", "DELETE FROM case_bundle_downloads"):
        with pytest.raises(psycopg.errors.RestrictViolation), conn.transaction():
            conn.execute(statement.encode())


def test_only_regulators_freeze(conn: Connection, case_id: int) -> None:
    with pytest.raises(NotAllowed):
        freeze(conn, case_id, versions=VERSIONS, by=MANAGER, now=NOW)
