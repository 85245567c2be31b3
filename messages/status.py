"""`…/status`: retained, so that whoever comes later knows; an agent's last will says offline."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from messages import limits
from messages.decoding import decode


class ScaleStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A scale as its agent sees it. `outbox_depth` counts weighings not yet receipted."""

    v: Literal[1] = limits.VERSION
    state: Literal["online", "offline"]
    at: Annotated[datetime, Meta(tz=True)]
    agent_id: str = ""
    agent_version: str = ""
    outbox_depth: Annotated[int, Meta(ge=0)] = 0


class AgentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An agent and its scales. When it is offline, its scales are offline too."""

    v: Literal[1] = limits.VERSION
    state: Literal["online", "offline"]
    at: Annotated[datetime, Meta(tz=True)]
    agent_version: str = ""
    scales: list[str] = []


_encoder = msgspec.json.Encoder()
_scale_decoder = msgspec.json.Decoder(ScaleStatus)
_agent_decoder = msgspec.json.Decoder(AgentStatus)


def encode_status(status: ScaleStatus | AgentStatus) -> bytes:
    """Return the JSON of a status; its time is written in UTC."""
    return _encoder.encode(msgspec.structs.replace(status, at=status.at.astimezone(UTC)))


def decode_scale_status(payload: bytes) -> ScaleStatus:
    """Read a scale's status. Raise BadMessage where it cannot be used."""
    return decode(_scale_decoder, payload, "status")


def decode_agent_status(payload: bytes) -> AgentStatus:
    """Read an agent's status. Raise BadMessage where it cannot be used."""
    return decode(_agent_decoder, payload, "status")
