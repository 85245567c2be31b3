"""The agent's signing key: made once, durable, and nobody else's to read."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.errors import BadFile, Unavailable
from edge_agent.config.files import outbox_problem
from edge_agent.journal.signing_key import known_public_key, load_or_make_signing_key, signing_key_path


def test_the_key_is_made_at_the_first_start_and_kept(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    assert known_public_key(outbox) is None
    public = load_or_make_signing_key(outbox).public_key().public_bytes_raw()
    assert load_or_make_signing_key(outbox).public_key().public_bytes_raw() == public
    assert known_public_key(outbox) == public
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.sqlite.key"]
    assert signing_key_path(outbox).stat().st_mode & 0o777 == 0o600


def test_what_a_power_cut_left_of_a_key_is_no_key(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    (tmp_path / "outbox.sqlite.key.new").write_bytes(b"-----BEGIN")
    assert load_or_make_signing_key(outbox).public_key().public_bytes_raw() == known_public_key(outbox)
    assert [path.name for path in tmp_path.iterdir()] == ["outbox.sqlite.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    load_or_make_signing_key(outbox)
    signing_key_path(outbox).chmod(0o640)
    with pytest.raises(BadFile, match="may be read by others"):
        load_or_make_signing_key(outbox)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"rsa"])
def test_what_is_no_ed25519_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    outbox = tmp_path / "outbox.sqlite"
    if content == b"rsa":
        rsa = generate_private_key(public_exponent=65537, key_size=2048)
        content = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = signing_key_path(outbox)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadFile, match="is no Ed25519 private key"):
        load_or_make_signing_key(outbox)
    assert path.read_bytes() == content


def test_a_disk_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"the signing key .* cannot be used: No such file or directory"):
        load_or_make_signing_key(tmp_path / "nowhere" / "outbox.sqlite")


def test_a_file_that_is_no_database_was_an_outbox_where_its_key_lies_beside_it(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.sqlite"
    outbox.write_bytes(b"overwritten")
    assert outbox_problem(outbox) is not None
    load_or_make_signing_key(outbox)
    assert outbox_problem(outbox) is None
