"""TLS for a fleet's connections."""

import ssl
from pathlib import Path
from socket import socket
from typing import Any

from domain.errors import BadFile


class _ClosesWhatFails(ssl.SSLContext):
    """paho leaves the socket of a failed handshake open; a handshake within `wrap_socket` closes it."""

    def wrap_socket(self, sock: socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        kwargs["do_handshake_on_connect"] = True
        return super().wrap_socket(sock, *args, **kwargs)


def fleet_tls(ca_file: Path) -> ssl.SSLContext:
    """Return what believes this authority alone, and checks the name. Raise BadFile where the file cannot be used."""
    context = _ClosesWhatFails(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise BadFile(str(ca_file), (f"no certificate of an authority: {error}",)) from None
    return context
