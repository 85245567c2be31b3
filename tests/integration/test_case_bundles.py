"""A case's evidence as it is frozen from a real database: whole, the same again, kept, and checked offline."""

import io
import json
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest
from psycopg import Connection
from typer.testing import CliRunner

from db import cases
from domain.alert_step import AlertAction
from domain.errors import NotAllowed
from steelyard.cli import app
from supervision.alerts.attaching import attach
from supervision.cases.freezing import freeze
from tests.alert_acts import MANAGER, POLICIES, REGULATOR, act
from tests.factories import NOW, put_market
from tests.integration.test_alert_life import photo, sold_over

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
    assert found is not None
    return found


def frozen(conn: Connection, case_id: int) -> bytes:
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
