"""The agent's signing key: a file beside the outbox, made at the first start, that only its owner can read."""

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.errors import BadFile, Unavailable

_OWNER_ONLY: Final = 0o600
_OTHERS: Final = 0o077


def signing_key_path(outbox: Path) -> Path:
    """Return where the key of an outbox's agent is."""
    return outbox.with_name(f"{outbox.name}.key")


def load_or_make_signing_key(outbox: Path) -> Ed25519PrivateKey:
    """Return the agent's Ed25519 key, made now where there is none.

    Raise BadFile where the file is no such key or others may read it, Unavailable where the disk fails.
    """
    path = signing_key_path(outbox)
    try:
        if not path.exists():
            _make(path)
        return _load(path)
    except OSError as error:
        raise Unavailable(f"the signing key {path} cannot be used: {error.strerror}") from error


def known_public_key(outbox: Path) -> bytes | None:
    """Return the raw public key (32 bytes) of an outbox's agent; None where its key is not here or not ours to read."""
    path = signing_key_path(outbox)
    if not path.is_file() or not os.access(path, os.R_OK):
        return None
    return _load(path).public_key().public_bytes_raw()


def _load(path: Path) -> Ed25519PrivateKey:
    if path.stat().st_mode & _OTHERS:
        raise BadFile(str(path), ("may be read by others; expected a file of mode 600 (chmod 600)",))
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadFile(str(path), ("is no Ed25519 private key; expected PEM (PKCS 8, not encrypted)",))
    return key


def _make(path: Path) -> None:
    """Write a new key beside, make it durable, and give it its name: a power cut leaves no half of one."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
