"""A bundle holds the heads that devices signed over its weighings, and the lines that lead to them, to be checked."""

import io
import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection
from typer.testing import CliRunner

from db import cases
from domain.alert_step import AlertAction
from domain.ids import JournalId
from messages.checkpoints import ChainHead, encode_checkpoint, sign
from steelyard.cli import app
from supervision.cases.freezing import freeze
from supervision.cases.verifying import CHAIN, verify
from tests.alert_acts import REGULATOR, act
from tests.factories import NOW, chained, delivery, message, put_market, topic
from tests.integration.test_device_events import take

KEY = Ed25519PrivateKey.generate()
#: The third is above the cap; the head is signed at the eighth.
LINES = chained([{"unit_price_fen": 11600 if seq == 3 else 11500} for seq in range(1, 11)])
HEAD = 8


def head(seq: int, body: bytes) -> bytes:
    digest = sha256(body).digest()
    return encode_checkpoint(sign(ChainHead(journal_id=JournalId("j1"), seq=seq, digest=digest, at=NOW), KEY))


def frozen(conn: Connection, *heads: bytes) -> bytes:
    """The bundle of a case about the sale above the cap."""
    put_market(conn)
    conn.commit()
    came = [delivery(one, on=topic(channel="checkpoints")) for one in heads]
    take(conn, delivery(message(*LINES)), *came)
    row = conn.execute("SELECT alert_id FROM alerts WHERE kind = 'price_over_cap'").fetchone()
    assert row is not None
    act(conn, row[0], AlertAction.CONFIRM)
    act(conn, row[0], AlertAction.ESCALATE, note="again above the cap")
    case_id = cases.case_of_alert(conn, row[0])
    assert case_id is not None
    conn.commit()
    bundle_id = freeze(conn, case_id, versions={}, by=REGULATOR, now=NOW)
    content = cases.take_bundle(conn, case_id, bundle_id, by="regulator", origin="", at=NOW)
    conn.commit()
    assert content is not None
    return content


def files_of(bundle: bytes) -> dict[str, Any]:
    with ZipFile(io.BytesIO(bundle)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_the_lines_from_a_weighing_to_the_next_signed_head_are_in_it(conn: Connection) -> None:
    signed = head(HEAD, LINES[HEAD - 1])
    bundle = frozen(conn, signed, head(10, LINES[9]))
    files = files_of(bundle)
    assert [one["seq"] for one in files[CHAIN]] == list(range(2, HEAD + 1))
    assert [one["seq"] for one in files[CHAIN] if one["is_counted"]] == [3]
    (only,) = files["checkpoints/index.json"]
    assert (only["seq"], only["signed"], only["fits"]) == (HEAD, True, True)
    with ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.read(only["file"]) == signed
    assert files["manifest.json"]["weighings_under_checkpoints"] == 1
    verdict = verify(bundle, "b.zip")
    assert (verdict.problems, verdict.signed.covered, verdict.signed.counted) == ((), 1, 1)


def test_a_head_that_was_signed_over_another_chain_is_evidence_of_that(conn: Connection) -> None:
    verdict = verify(frozen(conn, head(HEAD, LINES[HEAD - 1]), head(HEAD, b"before it was rewritten")), "b.zip")
    assert (verdict.problems, verdict.signed.checkpoints, verdict.signed.unfit) == ((), 2, 1)


@pytest.mark.parametrize("heads", [[], [head(2, LINES[1])]], ids=["none", "only before it"])
def test_without_a_head_after_it_the_neighbours_are_in_it_and_no_more(conn: Connection, heads: list[bytes]) -> None:
    bundle = frozen(conn, *heads)
    assert [one["seq"] for one in files_of(bundle)[CHAIN]] == [2, 3, 4]
    assert verify(bundle, "b.zip").signed.covered == 0


def test_the_command_says_by_whose_key_and_refuses_another(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(frozen(conn, head(HEAD, LINES[HEAD - 1])))

    def run(key: bytes) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["cases", "verify", str(path), "--public-key", b64encode(key).decode()])
        return result.exit_code, result.output

    code, said = run(KEY.public_key().public_bytes_raw())
    assert (code, "1 of 1 counted weighings stand under 1 checkpoints" in said) == (0, True)
    code, said = run(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert (code, "is not the one that was given" in said) == (1, True)
    assert run(b"short")[0] == 1
