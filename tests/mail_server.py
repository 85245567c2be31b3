"""A real SMTP server on loopback that keeps what it is handed, or refuses it as it is told."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.databases.postmaster import free_port


@dataclass
class MailBox:
    """What came: the messages, and to whom. `refusals`: what RCPT is answered with, one after the other."""

    port: int
    host: str = "127.0.0.1"
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    was_secure: list[bool] = field(default_factory=list)
    #: What it says to QUIT.
    goodbye: str = "221 Bye"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return self.goodbye

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, EmailMessage, policy=policy.default))
        self.recipients.extend(envelope.rcpt_tos)
        self.was_secure.append(session.ssl is not None)
        return "250 taken"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"steelyard", b"right")
    return AuthResult(success=is_known)


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, *, with_login: bool = False) -> Iterator[MailBox]:
    """Take mail on a free port of loopback; `tls`: only after STARTTLS."""
    box = MailBox(port=free_port())
    controller = Controller(
        box,
        hostname=box.host,
        port=box.port,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=_authenticate if with_login else None,
        auth_required=with_login,
        auth_require_tls=tls is not None,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
