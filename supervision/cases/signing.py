"""The checkpoints of a bundle: which heads devices signed, and which of its weighings stand under them. Pure, offline.

A line stands under a head where a chain of lines that fit leads from it to the line that the head names: then nobody
without the device's key can have written it anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from domain.errors import BadMessage
from messages.checkpoints import Checkpoint, decode_checkpoint, is_signed_by

INDEX: Final = "checkpoints/index.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """What checkpoints come to: how many there are, by which keys, and how many counted weighings stand under them.

    `unfit`: those that were signed over another line than the bundle has.
    """

    checkpoints: int = 0
    unfit: int = 0
    keys: tuple[str, ...] = ()
    covered: int = 0
    counted: int = 0
    problems: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What holds, as the end of a sentence."""
        if not self.checkpoints:
            return "; no signed checkpoint is in it"
        by = f"signed by key {', '.join(self.keys)}" if self.keys else "whose keys are not in it"
        said = f"; {self.covered} of {self.counted} counted weighings stand under {self.checkpoints} checkpoints {by}"
        return f"{said}, of which {self.unfit} were signed over other lines than these" if self.unfit else said


#: Of a bundle whose files are not what they should be, nothing is said.
NOTHING: Final = Signed()


def signed_of(files: Mapping[str, bytes], chain: str) -> Signed:
    """Check the checkpoints of a bundle; `chain`: the path of the list of its lines, which was checked before.

    A bundle of before there were any in it has none, which is no problem.
    """
    if INDEX not in files:
        return NOTHING
    try:
        return _signed(files, json.loads(files[INDEX]), json.loads(files[chain]))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return Signed(problems=(f"{INDEX} cannot be read",))


def _signed(files: Mapping[str, bytes], index: list[dict[str, Any]], chain: list[dict[str, Any]]) -> Signed:
    problems: list[str] = []
    keys: set[str] = set()
    heads: set[str] = set()
    unfit = 0
    for one in index:
        try:
            checkpoint = decode_checkpoint(files[one["file"]])
        except BadMessage:
            problems.append(f"{one['file']} is no checkpoint")
            continue
        signed = is_signed(checkpoint)
        fits = None if one["line"] is None else fits_line(checkpoint, files[one["line"]])
        place = (checkpoint.head.journal_id, checkpoint.head.seq, checkpoint.key_id)
        if (signed, fits, *place) != (one["signed"], one["fits"], one["journal_id"], one["seq"], one["key_id"]):
            problems.append(f"{one['file']} is not as the bundle says")
        if signed:
            keys.add(checkpoint.key_id)
        if signed and fits:
            heads.add(one["line"])
        unfit += fits is False
    counted = [one["file"] for one in chain if one["is_counted"]]
    under = _under(heads, chain)
    return Signed(
        checkpoints=len(index),
        unfit=unfit,
        keys=tuple(sorted(keys)),
        covered=sum(path in under for path in counted),
        counted=len(counted),
        problems=tuple(problems),
    )


def _under(heads: set[str], chain: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the lines from which a chain that fits leads to one of the heads. A line comes after the one before it."""
    under = set(heads)
    for one in reversed(chain):
        if one["file"] in under and one["after"] is not None and one["fits"]:
            under.add(one["after"])
    return under


def is_signed(checkpoint: Checkpoint) -> bool | None:
    """Say whether the key that came with it signed it; None where none came."""
    return None if checkpoint.public_key is None else is_signed_by(checkpoint, checkpoint.public_key)


def fits_line(checkpoint: Checkpoint, line: bytes) -> bool:
    """Say whether a line is the one whose digest was signed."""
    return checkpoint.head.digest == sha256(line).digest()
