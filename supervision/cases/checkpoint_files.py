"""The files of a bundle that hold signed heads of journals, byte for byte, and what each says of the bundle's lines."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from db.case_evidence import EvidenceCheckpoint
from messages.checkpoints import decode_checkpoint
from supervision.cases.signing import INDEX, fits_line, is_signed
from supervision.cases.zipping import as_json

#: A line by scale, journal and number.
Place = tuple[str, str, int]


def files_of_checkpoints(
    found: Sequence[EvidenceCheckpoint], lines: Mapping[Place, str], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the exact bytes of each checkpoint under its path, and what each says. `lines`: the paths of the lines."""
    written: dict[str, bytes] = {}
    index = []
    for one in found:
        path = f"checkpoints/{sha256(one.body).hexdigest()[:32]}.json"
        line = lines.get((one.scale_id, one.journal_id, one.seq))
        checkpoint = decode_checkpoint(one.body)
        index.append(
            {
                "file": path,
                "scale_id": one.scale_id,
                "journal_id": one.journal_id,
                "seq": one.seq,
                "key_id": checkpoint.key_id,
                "received_at": one.received_at.isoformat(),
                "line": line,
                "signed": is_signed(checkpoint),
                "fits": None if line is None else fits_line(checkpoint, files[line]),
            }
        )
        written[path] = one.body
    return {**written, INDEX: as_json(index)}
