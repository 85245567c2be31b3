"""Whether a bundle is what was frozen: each file by the manifest, each journal by its chain. Pure, offline."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from domain.errors import BadFile
from messages.chain import digest, prev_after, prev_in
from supervision.cases.signing import NOTHING, Signed, signed_of
from supervision.cases.unpacking import unpacked
from supervision.cases.zipping import FORMAT, MANIFEST

CHAIN: Final = "journals/chain.json"


class _Manifest(msgspec.Struct, frozen=True):
    """`files`: the SHA-256 of each by its path."""

    format: str
    files: dict[str, str]


class _Link(msgspec.Struct, frozen=True):
    """A line of a journal; `after`: the path of the one before it, None where that is not in the bundle."""

    file: str
    after: str | None
    seq: int
    fits: bool | None


_manifests = msgspec.json.Decoder(_Manifest)
_chains = msgspec.json.Decoder(list[_Link])
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


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
    files, unreadable = unpacked(bundle, name)
    problems += [f"{path} is damaged" for path in unreadable]
    stated = _stated(files, name)
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


def _stated(files: Mapping[str, bytes], name: str) -> dict[str, str]:
    try:
        manifest = _manifests.decode(files[MANIFEST])
    except (KeyError, *_UNREADABLE):
        manifest = None
    if manifest is None or manifest.format != FORMAT:
        raise BadFile(name, (f"has no readable {MANIFEST} of the format {FORMAT}; expected an evidence bundle",))
    return manifest.files


def _chain(files: Mapping[str, bytes]) -> tuple[int, int, int, list[str]]:
    """Count lines, links checked and links broken as stated; name those that are other than stated."""
    try:
        stated = _chains.decode(files[CHAIN])
    except (KeyError, *_UNREADABLE):
        return 0, 0, 0, [f"{CHAIN} cannot be read"]
    wrong: list[str] = []
    links = broken = 0
    for link in stated:
        if link.file not in files or (link.after is not None and link.after not in files):
            wrong.append(f"{CHAIN} names a line that is not there: {link.file}")
            continue
        fits = link_of(None if link.after is None else files[link.after], files[link.file], link.seq)
        links += fits is not None
        broken += fits is False
        if fits is not link.fits:
            wrong.append(f"{link.file} does not follow the line before it as the bundle says")
    return len(stated), links, broken, wrong
