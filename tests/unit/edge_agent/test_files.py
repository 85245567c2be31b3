"""The files of a configuration: each that cannot be used is named, and none is touched."""

import os
from pathlib import Path

import pytest

from edge_agent.files import ca_file_problem, outbox_problem
from edge_agent.outbox import Outbox

# A self-signed certificate made for this test; its key was thrown away. Loading does not ask how long it is valid.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUW+Zqn+IrDW5NTp4SqYu1/ns8eFQwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOU3RlZWx5YXJkIHRlc3QwIBcNMjYxMTIyMjE1MTUyWhgPMjEy
NjEwMjkyMTUxNTJaMBkxFzAVBgNVBAMMDlN0ZWVseWFyZCB0ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE7wWD/xB6mq+yvWs6S7jjK1b+pTODE9DNjVdNQ5f9
HkvyDNRKnA7l7vDlPL4ukyRcXkL+w5TbcWZUzt6Y+tDG3KNTMFEwHQYDVR0OBBYE
FO4RKV34iepU49K50bRbcAUYKTolMB8GA1UdIwQYMBaAFO4RKV34iepU49K50bRb
cAUYKTolMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAP2fIgbI
cT8UllSKZcpJ8P7e+Ki0a2Pao8mxPom/hI81AiAK32Y1ZyWUOfsuRUFtf8w4bxvg
uX2pHD/ROqk+0+VzuA==
-----END CERTIFICATE-----
"""


def test_an_outbox_may_be_missing_empty_or_one_that_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    assert outbox_problem(path) is None
    assert not path.exists()
    path.touch()
    assert outbox_problem(path) is None
    outbox = Outbox(path)
    assert outbox_problem(path) is None
    outbox.close()
    assert sorted(tmp_path.iterdir()) == [path]
    assert outbox_problem(path) is None
    assert sorted(tmp_path.iterdir()) == [path], "looking at it left something beside it"


def test_an_outbox_without_a_folder_is_named(tmp_path: Path) -> None:
    problem = outbox_problem(tmp_path / "nowhere" / "outbox.sqlite")
    assert problem == f"there is no folder {tmp_path / 'nowhere'}; expected one for the outbox outbox.sqlite"


@pytest.mark.parametrize(
    "content", [b"x", b"SQLite format 3", b"agent_id = 'a'\n" * 1000], ids=["short", "cut", "text"]
)
def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(content)
    assert outbox_problem(path) == f"{path} is no SQLite file; expected an outbox, or nothing yet"
    assert path.read_bytes() == content


def test_what_is_no_file_cannot_be_the_outbox(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    for path in (tmp_path, tmp_path / "pipe"):
        assert outbox_problem(path) == f"{path} is no file; expected an outbox, or nothing yet"
    too_long = outbox_problem(tmp_path / ("秤" * 100))
    assert too_long is not None
    assert too_long.endswith("cannot be read: File name too long")


def test_a_certificate_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(CERTIFICATE, encoding="ascii")
    assert ca_file_problem(tmp_path / "ca.pem") is None


@pytest.mark.parametrize(
    "content",
    ["", "no certificate\n", CERTIFICATE.replace("M", "N"), CERTIFICATE[:200]],
    ids=["empty", "text", "damaged", "cut"],
)
def test_a_ca_file_without_a_readable_certificate_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content, encoding="ascii")
    assert ca_file_problem(path) == f"{path} holds no certificate that can be read; expected a PEM file"


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "ca.pem", tmp_path):
        assert ca_file_problem(path) == f"{path} is not there; expected a PEM file"
