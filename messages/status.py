"""`…/status`: retained, so that whoever comes later knows; an agent's last will says offline.

What a status says beyond `state` and `at` is health: null, or left out, where it is not known.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from messages import limits
from messages.decoding import decode

_Count = Annotated[int, Meta(ge=0)]
_Time = Annotated[datetime, Meta(tz=True)]
_Text = Annotated[str, Meta(max_length=120)]


class ScaleStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A scale as its agent sees it. `outbox_depth` counts weighings not yet receipted.

    `clock_offset_ms`: the service's clock less the agent's, out of receipts; the truth is within `clock_error_ms`.
    `garbage_last_hour`: bytes that were no frame, counted by device and reason.
    """

    v: Literal[1] = limits.VERSION
    state: Literal["online", "offline"]
    at: _Time
    agent_id: str = ""
    agent_version: str = ""
    outbox_depth: _Count = 0
    journal: Literal["ok", "nearly_full", "full"] | None = None
    port_open: bool | None = None
    last_weighing_at: _Time | None = None
    serial_number: _Text | None = None
    model: _Text | None = None
    firmware: _Text | None = None
    verified_until: date | None = None
    battery_percent: Annotated[int, Meta(ge=0, le=100)] | None = None
    caps_version: _Text | None = None
    clock_offset_ms: int | None = None
    clock_error_ms: _Count | None = None
    garbage_last_hour: dict[str, _Count] | None = None


class AgentStatus(msgspec.Struct, frozen=True, kw_only=True):
    """An agent and its scales. When it is offline, its scales are offline too.

    `broker` is the one it is connected to, of `brokers` in the order it tries them.
    """

    v: Literal[1] = limits.VERSION
    state: Literal["online", "offline"]
    at: _Time
    agent_version: str = ""
    scales: list[str] = []
    broker: _Text | None = None
    brokers: list[_Text] | None = None
    uptime_s: _Count | None = None
    memory_kib: _Count | None = None
    clock_offset_ms: int | None = None
    clock_error_ms: _Count | None = None


_encoder = msgspec.json.Encoder()
_scale_decoder = msgspec.json.Decoder(ScaleStatus)
_agent_decoder = msgspec.json.Decoder(AgentStatus)


def encode_status(status: ScaleStatus | AgentStatus) -> bytes:
    """Return the JSON of a status; its times are written in UTC."""
    in_utc = msgspec.structs.replace(status, at=status.at.astimezone(UTC))
    if isinstance(in_utc, ScaleStatus) and in_utc.last_weighing_at is not None:
        in_utc = msgspec.structs.replace(in_utc, last_weighing_at=in_utc.last_weighing_at.astimezone(UTC))
    return _encoder.encode(in_utc)


def decode_scale_status(payload: bytes) -> ScaleStatus:
    """Read a scale's status. Raise BadMessage where it cannot be used."""
    return decode(_scale_decoder, payload, "status")


def decode_agent_status(payload: bytes) -> AgentStatus:
    """Read an agent's status. Raise BadMessage where it cannot be used."""
    return decode(_agent_decoder, payload, "status")
