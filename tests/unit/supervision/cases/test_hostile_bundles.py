"""A bundle comes from whoever likes to be believed: whatever its bytes are, it is refused or judged, in a sentence."""

import io
import random
import tracemalloc
from collections.abc import Callable
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest

from domain.errors import BadFile
from supervision.cases.unpacking import unpacked
from supervision.cases.verifying import verify
from supervision.cases.zipping import MANIFEST, zipped
from tests.unit.supervision.cases.test_bundle import BUNDLE, FILES, rewritten

DEEP = b"[" * 200_000
MIB = 1024 * 1024
Unpacked = tuple[dict[str, bytes], list[str]]


def test_whatever_byte_is_altered_nothing_but_the_refusal_or_a_problem_comes_of_it() -> None:
    rng = random.Random(1)
    for _ in range(4000):
        damaged = bytearray(BUNDLE)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        _judged(bytes(damaged))


def test_whatever_was_cut_off_or_put_in_it_is_refused_or_named() -> None:
    rng = random.Random(2)
    for _ in range(1000):
        start, end = sorted(rng.randrange(len(BUNDLE)) for _ in range(2))
        _judged(BUNDLE[:start] + BUNDLE[end:])
        _judged(BUNDLE[:end] + BUNDLE[start:])


def _judged(bundle: bytes) -> None:
    try:
        verdict = verify(bundle, "b.zip")
    except BadFile as refused:
        str(refused).encode("utf-8", "surrogatepass")
        return
    assert verdict.sentence


@pytest.mark.parametrize("content", [b"", b"no zip", zipped({}, {"format": "another"}), BUNDLE[:-30]])
def test_what_is_no_bundle_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(BadFile, match="expected an evidence bundle"):
        verify(content, "b.zip")


def test_a_byte_that_was_damaged_on_the_way_is_named() -> None:
    at = BUNDLE.index(b'"seq": 2, "prev')
    damaged = BUNDLE[:at] + b"#" + BUNDLE[at + 1 :]
    (problem,) = verify(damaged, "b.zip").problems
    assert problem.endswith("2.json is damaged")


@pytest.mark.parametrize(
    "manifest",
    [
        DEEP,
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": "steelyard-case-bundle/1", "files": []}',
        b'{"format": "steelyard-case-bundle/1", "files": {"a.json": 1}}',
        b'{"format": 1, "files": {}}',
    ],
)
def test_a_manifest_that_is_none_is_refused(manifest: bytes) -> None:
    with pytest.raises(BadFile, match=f"no readable {MANIFEST}"):
        verify(rewritten({MANIFEST: manifest}), "b.zip")


@pytest.mark.parametrize(
    "chain",
    [
        DEEP,
        b"\xff",
        b"{}",
        b"[1]",
        b'[{"file": [], "after": null, "seq": 1, "fits": true}]',
        b'[{"file": "a.json", "after": {}, "seq": 1, "fits": true}]',
        b'[{"file": "a.json", "after": null, "seq": 1e999, "fits": true}]',
        b'[{"file": "a.json", "after": null, "seq": 1, "fits": "yes"}]',
    ],
)
def test_a_chain_that_is_none_is_a_problem(chain: bytes) -> None:
    forged = zipped({**FILES, "journals/chain.json": chain}, {})
    assert verify(forged, "b.zip").problems == ("journals/chain.json cannot be read",)


@pytest.mark.parametrize("way", [ZIP_BZIP2, ZIP_LZMA])
def test_a_file_that_is_packed_as_no_bundle_is_refused_before_it_is_unpacked(way: int) -> None:
    with pytest.raises(BadFile, match="expected stored or deflated"):
        verify(_packed(b"{}", way), "b.zip")


def test_an_encrypted_file_is_refused() -> None:
    encrypted = bytearray(_packed(b"{}"))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadFile, match="is encrypted"):
        verify(bytes(encrypted), "b.zip")


def test_a_bundle_that_was_packed_again_is_still_the_same_files() -> None:
    again = io.BytesIO()
    with ZipFile(io.BytesIO(BUNDLE)) as archive, ZipFile(again, "w", ZIP_DEFLATED) as packed:
        for path in archive.namelist():
            packed.writestr(path, archive.read(path))
    assert verify(again.getvalue(), "b.zip").problems == ()


def test_more_than_may_be_unpacked_is_refused_by_what_it_states() -> None:
    with pytest.raises(BadFile, match="more than 1000 bytes"):
        unpacked(_packed(b"0" * 1001), "b.zip", most_bytes=1000)


def test_a_file_that_is_larger_than_it_states_is_damaged_and_is_not_unpacked() -> None:
    lying = _stating(_packed(bytes(200 * MIB), ZIP_DEFLATED), 10)
    files, damaged = _watched(lambda: unpacked(lying, "b.zip"))
    assert (files, damaged) == ({}, ["a.json"])


def test_a_file_that_is_smaller_than_it_states_is_damaged() -> None:
    assert unpacked(_stating(_packed(b"0" * 500, ZIP_DEFLATED), 501), "b.zip") == ({}, ["a.json"])


def _packed(content: bytes, way: int = 0) -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w", way) as archive:
        archive.writestr("a.json", content)
    return written.getvalue()


def _stating(bundle: bytes, size: int) -> bytes:
    """The same ZIP, stating another size of its only file, in its heading and in the directory."""
    lying = bytearray(bundle)
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = lying.index(sign) + at
        lying[start : start + 4] = size.to_bytes(4, "little")
    return bytes(lying)


def _watched(deed: Callable[[], Unpacked]) -> Unpacked:
    """Do it, and hold it to a few MiB of memory."""
    tracemalloc.start()
    try:
        done = deed()
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * MIB
    return done
