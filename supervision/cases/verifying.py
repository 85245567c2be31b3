"""Whether a bundle is what was frozen: each file by the manifest, each journal by its chain. Pure, offline."""

import io
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from domain.errors import BadFile
from messages.chain import digest, prev_after, prev_in
from supervision.cases.signing import NOTHING, Signed, signed_of
from supervision.cases.zipping import FORMAT, MANIFEST

CHAIN: Final = "journals/chain.json"
_MOST_BYTES: Final = 2 * 1024**3


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What holds of a bundle. `sha256` of the whole; `links` were checked, `broken` do not fit as frozen too."""

    sha256: str
    files: int
    lines: int
    links: int
    broken: int
    problems: tuple[str, ...]
    signed: Signed = NOTHING

    @property
    def sentence(self) -> str:
        """What holds, in one sentence."""
        if self.problems:
            return f"This is not what was frozen: {'; '.join(self.problems)}."
        said = f"Every one of {self.files} files is as the manifest says, and {self.links} links between"
        said = f"{said} {self.lines} weighings were checked: "
        fits = "all fit" if not self.broken else f"{self.broken} did not fit when it was frozen either"
        return f"{said}{fits}{self.signed.words}; SHA-256 of the whole is {self.sha256}."


def link_of(before: bytes | None, line: bytes, seq: int) -> bool | None:
    """Say whether a line carries the hash of the one before it; None where that one is not at hand.

    The first of a journal carries none. A device may leave it out: then nothing is said.
    """
    prev = prev_in(line)
    if before is None:
        return prev == "" if seq == 1 else None
    if prev == "":
        return None
    return prev == prev_after(digest(before))


def verify(bundle: bytes, name: str, expected_sha256: str = "") -> Verdict:
    """Check a bundle. Raise BadFile for bytes that are none; what is wrong with one is in the verdict."""
    whole = sha256(bundle).hexdigest()
    problems: list[str] = []
    if expected_sha256 and expected_sha256.lower() != whole:
        problems.append(f"the SHA-256 of the whole is {whole}, not {expected_sha256}")
    files, unreadable = _files(bundle, name)
    problems += [f"{path} is damaged" for path in unreadable]
    manifest = _manifest(files, name)
    stated: dict[str, str] = manifest["files"]
    problems += [f"{path} is missing" for path in sorted(stated) if path not in files and path not in unreadable]
    problems += [f"{path} is not in the manifest" for path in sorted(files) if path not in stated and path != MANIFEST]
    altered = [path for path in sorted(stated) if path in files and sha256(files[path]).hexdigest() != stated[path]]
    problems += [f"{path} was altered" for path in altered]
    lines, links, broken, wrong = _chain(files) if not problems else (0, 0, 0, [])
    signed = signed_of(files, CHAIN) if not (problems or wrong) else NOTHING
    found = (*problems, *wrong, *signed.problems)
    return Verdict(
        sha256=whole, files=len(stated), lines=lines, links=links, broken=broken, problems=found, signed=signed
    )


def _files(bundle: bytes, name: str) -> tuple[dict[str, bytes], list[str]]:
    try:
        with ZipFile(io.BytesIO(bundle)) as archive:
            names = Counter(one.filename for one in archive.infolist())
            if sum(one.file_size for one in archive.infolist()) > _MOST_BYTES:
                raise BadFile(name, (f"it holds more than {_MOST_BYTES} bytes; expected a bundle",))
            twice = [path for path, count in names.items() if count > 1]
            if twice:
                raise BadFile(name, tuple(f"{path} is in it twice; expected each file once" for path in twice))
            return _read_each(archive, list(names))
    except (BadZipFile, NotImplementedError, EOFError) as error:
        raise BadFile(name, (f"is no ZIP file ({error}); expected an evidence bundle",)) from None


def _read_each(archive: ZipFile, names: list[str]) -> tuple[dict[str, bytes], list[str]]:
    files: dict[str, bytes] = {}
    unreadable: list[str] = []
    for path in names:
        try:
            files[path] = archive.read(path)
        except (BadZipFile, RuntimeError, zlib.error):
            unreadable.append(path)
    return files, unreadable


def _manifest(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = {}
    try:
        manifest = json.loads(files[MANIFEST])
        is_known = manifest["format"] == FORMAT and all(isinstance(one, str) for one in manifest["files"].values())
    except (KeyError, ValueError, TypeError, AttributeError):
        is_known = False
    if not is_known:
        raise BadFile(name, (f"has no readable {MANIFEST} of the format {FORMAT}; expected an evidence bundle",))
    return manifest


def _chain(files: Mapping[str, bytes]) -> tuple[int, int, int, list[str]]:
    """Count lines, links checked and links broken as stated; name those that are other than stated."""
    try:
        stated = json.loads(files[CHAIN])
        found = [(one["file"], one["after"], int(one["seq"]), one["fits"]) for one in stated]
    except (KeyError, ValueError, TypeError):
        return 0, 0, 0, [f"{CHAIN} cannot be read"]
    wrong: list[str] = []
    links = broken = 0
    for path, after, seq, fits in found:
        if path not in files or (after is not None and after not in files):
            wrong.append(f"{CHAIN} names a line that is not there: {path}")
            continue
        now = link_of(None if after is None else files[after], files[path], seq)
        links += now is not None
        broken += now is False
        if now is not fits:
            wrong.append(f"{path} does not follow the line before it as the bundle says")
    return len(found), links, broken, wrong
