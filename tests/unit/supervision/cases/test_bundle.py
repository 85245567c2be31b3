"""A bundle: the same files are the same bytes, and whatever is altered, added or taken out of it is named."""

import io
import json
from base64 import b64encode
from hashlib import sha256
from zipfile import ZipFile

import pytest

from db.case_evidence import EvidenceLine
from supervision.cases.freezing import files_of_lines
from supervision.cases.verifying import verify
from supervision.cases.zipping import zipped


def line(seq: int, before: bytes | None, *, prev: str | None = None) -> EvidenceLine:
    said = "" if before is None else b64encode(sha256(before).digest()).decode()
    body = json.dumps({"seq": seq, "prev": said if prev is None else prev}).encode()
    return EvidenceLine(scale_id="S-1", journal_id="J", seq=seq, is_counted=seq == 2, body=body, judged={})


FIRST = line(1, None)
SECOND = line(2, FIRST.body)
THIRD = line(3, SECOND.body)
FILES = {"a.json": b"{}", **files_of_lines([FIRST, SECOND, THIRD])}
BUNDLE = zipped(FILES, {"case_id": 1})


def rewritten(change: dict[str, bytes | None], bundle: bytes = BUNDLE) -> bytes:
    """The same ZIP with files replaced, added or (None) taken out; the manifest as it was unless replaced."""
    with ZipFile(io.BytesIO(bundle)) as archive:
        files: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in {**files, **change}.items():
            if content is not None:
                archive.writestr(name, content)
    return written.getvalue()


def test_the_same_files_are_the_same_bytes_in_whatever_order_they_come() -> None:
    assert zipped(dict(reversed(FILES.items())), {"case_id": 1}) == BUNDLE


def test_what_was_frozen_holds_and_says_so_in_one_sentence() -> None:
    verdict = verify(BUNDLE, "b.zip", sha256(BUNDLE).hexdigest())
    assert (verdict.problems, verdict.lines, verdict.links, verdict.broken) == ((), 3, 3, 0)
    assert "all fit" in verdict.sentence


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a.json": b"{ }"}, "a.json was altered"),
        ({"a.json": None}, "a.json is missing"),
        ({"b.json": b""}, "b.json is not in the manifest"),
    ],
)
def test_what_was_altered_is_named(change: dict[str, bytes | None], said: str) -> None:
    assert verify(rewritten(change), "b.zip").problems == (said,)


def test_a_manifest_that_was_altered_with_its_file_is_found_by_the_digest_of_the_whole() -> None:
    forged = zipped({**FILES, "a.json": b"[]"}, {"case_id": 1})
    assert verify(forged, "b.zip").problems == ()
    (problem,) = verify(forged, "b.zip", sha256(BUNDLE).hexdigest()).problems
    assert "SHA-256 of the whole" in problem


def test_a_weighing_that_was_exchanged_with_its_digest_does_not_follow_any_more() -> None:
    path = next(name for name in FILES if name.endswith("2.json"))
    forged = zipped({**FILES, path: FILES[path].replace(b'"seq": 2', b'"seq": 9')}, {"case_id": 1})
    (problem,) = verify(forged, "b.zip").problems
    assert problem.endswith("3.json does not follow the line before it as the bundle says")


def test_a_chain_that_was_broken_before_is_evidence_of_that_and_no_forgery() -> None:
    lines = [FIRST, line(2, FIRST.body, prev=b64encode(bytes(32)).decode())]
    verdict = verify(zipped(files_of_lines(lines), {}), "b.zip")
    assert (verdict.problems, verdict.broken) == ((), 1)


def test_across_a_gap_nothing_is_said() -> None:
    verdict = verify(zipped(files_of_lines([FIRST, THIRD]), {}), "b.zip")
    assert (verdict.problems, verdict.links) == ((), 1)
