"""Checkpoints in a bundle: what stands under a signed head, and what is named where one was altered."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db.case_evidence import EvidenceCheckpoint
from domain.ids import JournalId
from messages.checkpoints import ChainHead, encode_checkpoint, sign
from supervision.cases.checkpoint_files import files_of_checkpoints
from supervision.cases.freezing import files_of_lines
from supervision.cases.signing import INDEX, signed_of
from supervision.cases.verifying import CHAIN, verify
from supervision.cases.zipping import zipped
from tests.unit.supervision.cases.test_bundle import FIRST, SECOND, THIRD, line

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
LINES = files_of_lines([FIRST, SECOND, THIRD])
PATHS = {("S-1", "J", one["seq"]): one["file"] for one in json.loads(LINES[CHAIN])}


def head(seq: int, body: bytes, *, key: Ed25519PrivateKey = KEY, carries: bool = True) -> EvidenceCheckpoint:
    signed = sign(ChainHead(journal_id=JournalId("J"), seq=seq, digest=sha256(body).digest(), at=NOW), key)
    message = encode_checkpoint(signed if carries else replace(signed, public_key=None))
    return EvidenceCheckpoint(scale_id="S-1", journal_id="J", seq=seq, received_at=NOW, body=message)


def with_heads(*heads: EvidenceCheckpoint) -> dict[str, bytes]:
    return {**LINES, **files_of_checkpoints(heads, PATHS, LINES)}


def test_what_leads_to_a_signed_head_stands_under_it() -> None:
    found = signed_of(with_heads(head(3, THIRD.body)), CHAIN)
    assert (found.checkpoints, found.covered, found.counted, found.problems) == (1, 1, 1, ())
    assert len(found.keys) == 1


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        ([], "; no signed checkpoint is in it"),
        ([head(1, FIRST.body)], "0 of 1 counted weighings stand under 1 checkpoints"),
        ([head(9, b"far away")], "0 of 1 counted weighings"),
        ([head(3, THIRD.body, carries=False)], "0 of 1 counted weighings stand under 1 checkpoints whose keys are not"),
        ([head(3, b"rewritten since")], "of which 1 were signed over other lines than these"),
    ],
    ids=["none", "before it", "beyond", "without its key", "of another line"],
)
def test_what_does_not_stand_under_one_is_said(heads: list[EvidenceCheckpoint], said: str) -> None:
    verdict = verify(zipped(with_heads(*heads), {"case_id": 1}), "b.zip")
    assert verdict.problems == ()
    assert said in verdict.sentence


def test_two_heads_of_one_place_are_both_looked_at() -> None:
    found = signed_of(with_heads(head(3, THIRD.body), head(3, b"another chain")), CHAIN)
    assert (found.checkpoints, found.covered, found.unfit) == (2, 1, 1)


def test_a_chain_that_does_not_fit_leads_to_no_head() -> None:
    broken = line(3, b"something else")
    lines = files_of_lines([FIRST, SECOND, broken])
    files = {**lines, **files_of_checkpoints([head(3, broken.body)], PATHS, lines)}
    assert signed_of(files, CHAIN).covered == 0


def test_an_altered_checkpoint_is_named() -> None:
    files = with_heads(head(3, THIRD.body))
    (path,) = [one for one in files if one.startswith("checkpoints/") and one != INDEX]
    another = with_heads(head(3, THIRD.body, key=Ed25519PrivateKey.generate()))
    (other,) = [one for one in another if one.startswith("checkpoints/") and one != INDEX]
    assert signed_of({**files, path: another[other]}, CHAIN).problems == (f"{path} is not as the bundle says",)
    assert signed_of({**files, path: b"{}"}, CHAIN).problems == (f"{path} is no checkpoint",)
    forged = files[path].replace(b'"seq":3', b'"seq":2')
    assert signed_of({**files, path: forged}, CHAIN).problems == (f"{path} is not as the bundle says",)


@pytest.mark.parametrize("index", [b"", b"[1]", b"{}", b'[{"file": "x"}]', b"[" * 100_000, b"null"])
def test_an_index_that_is_none_is_named(index: bytes) -> None:
    found = signed_of({**with_heads(head(3, THIRD.body)), INDEX: index}, CHAIN)
    assert found.problems == ((f"{INDEX} cannot be read",) if index != b"{}" else ())
