"""Files → one ZIP whose bytes depend on nothing else, with a manifest of each file's SHA-256. Pure."""

import io
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

FORMAT: Final = "steelyard-case-bundle/1"
MANIFEST: Final = "manifest.json"
#: The earliest time that a ZIP can say: when it was frozen stands in the manifest.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_READ_ONLY: Final = 0o100444 << 16


def as_json(value: Any) -> bytes:
    """Return JSON in UTF-8 with its keys in order: the same value is the same bytes."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def zipped(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """Return the ZIP of files by path, in the order of their paths, uncompressed, the manifest first."""
    manifest = {"format": FORMAT, **about, "files": {path: sha256(files[path]).hexdigest() for path in sorted(files)}}
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_STORED) as archive:
        for path, content in ((MANIFEST, as_json(manifest)), *sorted(files.items())):
            info = ZipInfo(path, _NO_TIME)
            info.create_system, info.external_attr = 3, _READ_ONLY
            archive.writestr(info, content)
    return written.getvalue()
