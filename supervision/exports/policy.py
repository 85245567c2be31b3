"""`policy/exports.toml`: how much is handed on at once, how often it is tried, and how often it may be asked for."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from supervision.notices.policy import Retry
from tables.toml_file import read_toml

_Positive = Annotated[int, Meta(ge=1)]
#: A lease outlasts an attempt by this much.
_SLACK_S: Final = 30


#: What says whether records may be sent to machines of this network.
PRIVATE_SETTING: Final = "policy/exports.toml, allow_private"


class ExportsPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    batch_records: Annotated[int, Meta(ge=1, le=1000)]
    page_records: Annotated[int, Meta(ge=1, le=5000)]
    timeout_s: _Positive
    disabled_after_s: _Positive
    at_once: Annotated[int, Meta(ge=1, le=32)]
    allow_private: bool
    requests_per_minute: _Positive
    refused_per_minute: _Positive
    longest_token_days: _Positive
    secret_overlap_s: Annotated[int, Meta(ge=0)]
    retry: Retry

    @property
    def lease(self) -> timedelta:
        """How long whoever sends a batch has it for themselves."""
        return timedelta(seconds=self.timeout_s + _SLACK_S)

    @property
    def disabled_after(self) -> timedelta:
        """How long a destination may take nothing."""
        return timedelta(seconds=self.disabled_after_s)


def read_exports_policy(path: Path) -> ExportsPolicy:
    """Read the policy. Raise BadFile naming the field, its value and what was expected."""
    return read_toml(path, ExportsPolicy, _problems)


def _problems(policy: ExportsPolicy) -> Iterator[str]:
    first, longest = policy.retry.first_retry_s, policy.retry.longest_retry_s
    if longest < first:
        yield f"retry.longest_retry_s is {longest}; expected at least retry.first_retry_s ({first})"
