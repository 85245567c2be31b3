"""One message handed to the operator's mail server."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final, Literal

from supervision.notices.retrying import Outcome, refused

Security = Literal["starttls", "tls", "none"]

_PERMANENT: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom. `sender`: the address it comes from."""

    host: str
    port: int
    security: Security
    sender: str
    username: str | None = None
    password: str | None = None
    timeout_s: float = 20.0
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def send(self, message: EmailMessage) -> Outcome:
        """Hand a message in and return how it went; nothing is raised. A refusal for good is not tried again."""
        try:
            server = self._connect()
            try:
                self._hand_in(server, message)
            finally:
                # Not QUIT: the message is taken, or refused, by then, and how a server says goodbye changes neither.
                server.close()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return _refused(code, said)
        except smtplib.SMTPResponseException as error:
            return _refused(
                error.smtp_code, error.smtp_error, is_ours=isinstance(error, smtplib.SMTPAuthenticationError)
            )
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return refused(f"{type(error).__name__}: {error}")
        return Outcome(status=250)

    def _hand_in(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self.security == "starttls":
            server.starttls(context=self.tls())
        if self.username is not None:
            server.login(self.username, self.password or "")
        server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=self.tls())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)


def _refused(code: int, said: bytes | str, *, is_ours: bool = False) -> Outcome:
    """A wrong password is the operator's to mend, and the letter waits for that."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return refused(f"answered {code}: {text}", status=code, is_final=code >= _PERMANENT and not is_ours)
