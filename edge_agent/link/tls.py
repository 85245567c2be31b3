"""TLS to the broker: what is wrong with the files of it, and the context of a connection.

A broker is believed when its certificate is signed by `ca_file` and is for the host's name; nothing older than TLS 1.2
is spoken (RFC 8996). There is no way to do without: where TLS fails, there is no connection.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any

from domain.errors import Unavailable


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsFiles:
    """PEM files. `cert_file` and `key_file`: who we are, where the broker asks for it. `server_name`: the name in the
    broker's certificate, where it is not the host's."""

    ca_file: Path
    cert_file: Path | None = None
    key_file: Path | None = None
    server_name: str = ""


class _Context(ssl.SSLContext):
    """What paho cannot do itself: ask for a name that is not the host's, and close the socket of a failed handshake."""

    server_name = ""

    def wrap_socket(self, sock: socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        if self.server_name:
            kwargs["server_hostname"] = self.server_name
        kwargs["do_handshake_on_connect"] = True  # which closes it where it fails; paho would leave it open
        return super().wrap_socket(sock, *args, **kwargs)


def make_context(files: TlsFiles) -> ssl.SSLContext:
    """Return the context of a connection. Raise Unavailable where a file was lost or changed since the start."""
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)  # which verifies certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.server_name = files.server_name
    try:
        context.load_verify_locations(cafile=files.ca_file)
    except OSError as error:
        raise Unavailable(f"the broker's ca_file {files.ca_file} cannot be loaded: {error}") from error
    if files.cert_file is not None:
        try:
            context.load_cert_chain(files.cert_file, files.key_file, password=_no_password)
        except (OSError, ValueError) as error:
            raise Unavailable(f"{files.cert_file} with its key {files.key_file} cannot be loaded: {error}") from error
    return context


def ca_file_problem(path: Path) -> str | None:
    """Say why a file cannot be what the broker's certificate is checked against."""
    try:
        if not path.is_file():
            return f"{path} is not there; expected a PEM file"
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return f"{path} holds no certificate that can be read; expected a PEM file"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return None


def client_files_problems(cert_file: Path, key_file: Path) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with our own certificate and its key, each with the setting that names the file."""
    unreadable = [
        (setting, problem)
        for setting, path in (("cert_file", cert_file), ("key_file", key_file))
        if (problem := _unreadable(path)) is not None
    ]
    yield from unreadable
    if unreadable:
        return
    if (problem := ca_file_problem(cert_file)) is not None:
        yield "cert_file", problem
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert_file, key_file, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            yield "key_file", f"{key_file} is not the key of {cert_file}; expected the one it was made with"
        else:
            yield "key_file", f"{key_file} holds no private key that can be read; expected a PEM file"
    except ValueError:
        yield "key_file", f"{key_file} is locked with a password; expected one without, readable by the agent alone"


def lapsed_certificates(files: TlsFiles, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield which certificates are not valid at `now`, each with the setting that names the file.

    A `ca_file` may hold old ones beside a good one. This is no reason not to start: the scales are read all the same.
    """
    if (problem := _lapsed(files.ca_file, now)) is not None:
        yield "ca_file", problem
    if files.cert_file is not None and (problem := _lapsed(files.cert_file, now)) is not None:
        yield "cert_file", problem


def _lapsed(path: Path, now: datetime) -> str | None:
    from cryptography import x509  # a large library that a running agent can do without

    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return None  # that it cannot be read is said where it is loaded
    if any(cert.not_valid_before_utc <= now <= cert.not_valid_after_utc for cert in certificates):
        return None
    cert = certificates[0]
    if now < cert.not_valid_before_utc:
        return f"{path} is not valid before {cert.not_valid_before_utc:%Y-%m-%d %H:%M} UTC; is the clock right?"
    return f"{path} expired at {cert.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; expected one that is still valid"


def _unreadable(path: Path) -> str | None:
    try:
        if not path.is_file():
            return f"{path} is not there; expected a PEM file"
        path.read_bytes()
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return None


def _no_password() -> str:
    raise ValueError("locked with a password")  # without this, OpenSSL would ask for it on the terminal
