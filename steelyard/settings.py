"""Settings, read once and whole from the environment; every problem is named at once.

Passwords come from files (Docker and systemd hand secrets over as files), never from variables.
"""

import os
import socket
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import BadFile
from steelyard.resources import policy_directory
from web.client_address import Network, networks_of

PREFIX = "STEELYARD_"

_Port = Annotated[int, Field(ge=1, le=65535)]
_Positive = Annotated[int, Field(ge=1)]
_Count = Annotated[int, Field(ge=0)]
_DATABASE_SCHEMES = ("postgresql://", "postgres://")
#: What is not repeated when it is wrong: a connection string may hold a password.
_NOT_SHOWN = frozenset({"database_url"})


def _host_and_process() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


class Settings(BaseSettings):
    """What the services are told. The environment variable of a field is its name in capitals after STEELYARD_."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: str = Field(default="postgresql:///steelyard", description="the database")
    database_password_file: Path | None = Field(default=None, description="file with the database password")
    mqtt_host: str = Field(default="127.0.0.1", description="the broker's host")
    mqtt_port: _Port = Field(default=1883, description="the broker's port")
    mqtt_username: str | None = Field(default=None, description="the broker's user")
    mqtt_password_file: Path | None = Field(default=None, description="file with the broker's password")
    mqtt_ca_file: Path | None = Field(default=None, description="certificate authority of the broker; set, TLS is used")
    mqtt_session_expiry_s: _Count = Field(
        default=0, description="how long the broker keeps our session; 0: clean sessions"
    )
    worker_id: str = Field(default_factory=_host_and_process, description="name of this ingest worker, its alone")
    mqtt_client: Literal["paho", "mqtt5"] = Field(
        default="paho", description="client of ingest: paho, or mqtt5 where the extra 'fast' is installed"
    )
    mqtt_links: _Positive = Field(
        default=1, description="connections of a worker; more than one where the broker gives each a small window"
    )
    batch_size: _Positive = Field(default=5000, description="messages in a batch at most")
    metrics_host: str = Field(default="127.0.0.1", description="address a worker tells metrics and health on")
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0,
        description="port of a worker's /metrics, /healthz and /readyz; 0: none",
    )
    web_host: str = Field(default="127.0.0.1", description="address the web service listens on")
    web_port: _Port = Field(default=8000, description="port the web service listens on")
    secure_cookies: bool = Field(default=True, description="cookies over HTTPS only; false only for a demo on loopback")
    trusted_proxies: str = Field(
        default="",
        description="addresses or networks of reverse proxies whose X-Forwarded-For is believed, comma-separated",
    )
    public_url: str | None = Field(default=None, description="where people reach the console, for links in messages")
    smtp_host: str | None = Field(default=None, description="mail server of notices; none: no e-mail is sent")
    smtp_port: _Port = Field(default=587, description="the mail server's port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="starttls, tls (from the first byte, usually port 465), or none"
    )
    smtp_username: str | None = Field(default=None, description="the mail server's user")
    smtp_password_file: Path | None = Field(default=None, description="file with the mail server's password")
    smtp_from: str | None = Field(default=None, description="address that e-mails come from")
    policy_dir: Path = Field(default_factory=policy_directory, description="folder of the policy files")

    @field_validator("database_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        if not value.startswith(_DATABASE_SCHEMES):
            raise ValueError("expected a URL, as postgresql://user@host:5432/name, not host=… dbname=…")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        networks_of(value)
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The reverse proxies whose word is taken."""
        return networks_of(self.trusted_proxies)

    @field_validator("public_url")
    @classmethod
    def _is_a_base(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("expected the console's address, as https://console.example")
        return None if value is None else value.rstrip("/")

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError(f"{PREFIX}SMTP_FROM is missing: e-mails come from an address")
        if self.smtp_host is not None and self.public_url is None:
            raise ValueError(f"{PREFIX}PUBLIC_URL is missing: e-mails link to the console")
        return self

    def policy_file(self, name: str) -> Path:
        """Return where a policy file is. Raise BadFile where it cannot be read."""
        path = self.policy_dir / name
        try:
            path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadFile(str(path), (f"cannot be read: {error}; {PREFIX}POLICY_DIR names its folder",)) from None
        return path

    @property
    def database_url_with_password(self) -> str:
        """The database's URL with the password from its file in it."""
        if self.database_password_file is None:
            return self.database_url
        parts = urlsplit(self.database_url)
        password = quote(_secret(self.database_password_file), safe="")
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:{password}@{host}"))

    @property
    def smtp_password(self) -> str | None:
        """The mail server's password from its file."""
        return None if self.smtp_password_file is None else _secret(self.smtp_password_file)

    @property
    def mqtt_password(self) -> str | None:
        """The broker's password from its file."""
        return None if self.mqtt_password_file is None else _secret(self.mqtt_password_file)


def read_settings() -> Settings:
    """Read the settings from the environment. Raise BadFile listing every variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        problems = tuple(_problem(problem["loc"], problem["input"], problem["msg"]) for problem in error.errors())
        raise BadFile("environment", problems) from None


def _problem(place: tuple[int | str, ...], value: object, message: str) -> str:
    return _told(str(place[0]), value, message) if place else message.removeprefix("Value error, ")


def _told(field: str, value: object, message: str) -> str:
    shown = "" if field in _NOT_SHOWN else f" is {value!r}"
    return f"{PREFIX}{field.upper()}{shown}: {message.removeprefix('Value error, ')}"


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadFile(str(path), (f"cannot be read: {error.strerror}",)) from None
