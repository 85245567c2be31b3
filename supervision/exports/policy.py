"""`policy/exports.toml`: how much is handed on at once, how often it is tried, and how often it may be asked for."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.errors import BadFile
from supervision.notices.policy import Retry

_Positive = Annotated[int, Meta(ge=1)]
#: A lease outlasts an attempt by this much.
_SLACK_S: Final = 30


class ExportsPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    batch_records: Annotated[int, Meta(ge=1, le=1000)]
    page_records: Annotated[int, Meta(ge=1, le=5000)]
    timeout_s: _Positive
    allow_private: bool
    requests_per_minute: _Positive
    refused_per_minute: _Positive
    longest_token_days: _Positive
    retry: Retry

    @property
    def lease(self) -> timedelta:
        """How long whoever sends a batch has it for themselves."""
        return timedelta(seconds=self.timeout_s + _SLACK_S)


def read_exports_policy(path: Path) -> ExportsPolicy:
    """Read the policy. Raise BadFile naming the field, its value and what was expected."""
    try:
        policy = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), ExportsPolicy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadFile(path.name, (str(error),)) from None
    if policy.retry.longest_retry_s < policy.retry.first_retry_s:
        first, longest = policy.retry.first_retry_s, policy.retry.longest_retry_s
        problem = f"retry.longest_retry_s is {longest}; expected at least retry.first_retry_s ({first})"
        raise BadFile(path.name, (problem,))
    return policy
