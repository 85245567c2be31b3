"""TLS files: each that cannot be used is named with what was expected."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import Unavailable
from edge_agent.link.tls import TlsFiles, ca_file_problem, client_files_problems, lapsed_certificates, make_context
from tests.certificates import DAY, Authority

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


def test_a_certificate_with_its_key_is_accepted(tmp_path: Path) -> None:
    cert_file, key_file = Authority(tmp_path).issue("agent-1")
    assert list(client_files_problems(cert_file, key_file)) == []


def test_every_file_of_ours_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert_file, key_file = authority.issue("agent-1")
    _, other_key = authority.issue("agent-2")
    _, locked_key = authority.issue("agent-3", password="secret")
    text = tmp_path / "text.pem"
    text.write_text("nothing\n", encoding="ascii")
    nowhere = tmp_path / "nowhere.pem"

    def found(cert: Path, key: Path) -> list[tuple[str, str]]:
        return list(client_files_problems(cert, key))

    assert found(nowhere, tmp_path) == [
        ("cert_file", f"{nowhere} is not there; expected a PEM file"),
        ("key_file", f"{tmp_path} is not there; expected a PEM file"),
    ]
    assert found(text, key_file) == [
        ("cert_file", f"{text} holds no certificate that can be read; expected a PEM file")
    ]
    assert found(cert_file, text) == [
        ("key_file", f"{text} holds no private key that can be read; expected a PEM file")
    ]
    assert found(cert_file, other_key) == [
        ("key_file", f"{other_key} is not the key of {cert_file}; expected the one it was made with")
    ]
    assert found(cert_file, locked_key) == [
        ("key_file", f"{locked_key} is locked with a password; expected one without, readable by the agent alone")
    ]


def test_a_key_that_was_lost_since_the_start_is_unavailable_and_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert_file, key_file = authority.issue("agent-1")
    key_file.unlink()
    with pytest.raises(Unavailable, match=r"agent-1\.pem with its key .*agent-1\.key cannot be loaded"):
        make_context(TlsFiles(ca_file=authority.file, cert_file=cert_file, key_file=key_file))


def test_certificates_that_are_not_valid_now_are_named_with_their_times(tmp_path: Path) -> None:
    authority, now = Authority(tmp_path), datetime.now(UTC)
    cert_file, key_file = authority.issue("agent-1")
    files = TlsFiles(ca_file=authority.file, cert_file=cert_file, key_file=key_file)
    assert list(lapsed_certificates(files, now)) == []
    late, early = now + 2 * DAY, now - 2 * DAY
    assert [setting for setting, _problem in lapsed_certificates(files, late)] == ["ca_file", "cert_file"]
    assert all(f"expired at {now + DAY:%Y-%m-%d}" in problem for _setting, problem in lapsed_certificates(files, late))
    assert all("is the clock right?" in problem for _setting, problem in lapsed_certificates(files, early))


def test_an_authority_that_has_expired_may_stay_beside_one_that_is_valid(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    old, _key = authority.issue("old", begins=-3 * DAY, ends=-timedelta(seconds=1))
    both = tmp_path / "both.pem"
    both.write_bytes(old.read_bytes() + authority.file.read_bytes())
    assert list(lapsed_certificates(TlsFiles(ca_file=both), datetime.now(UTC))) == []
