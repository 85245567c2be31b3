"""`policy/uploads.toml`: how long the bytes of uploaded files are kept."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tables.toml_file import read_toml


class LookedAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what was never taken over."""

    hours: Annotated[int, Meta(ge=1, le=720)]

    @property
    def keep(self) -> timedelta:
        """How long it waits."""
        return timedelta(hours=self.hours)


class OfApprovals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what an approval office handed in and was taken over."""

    taken_days: Annotated[int, Meta(ge=1, le=3650)]

    @property
    def keep(self) -> timedelta:
        """How long its bytes are kept."""
        return timedelta(days=self.taken_days)


class UploadsPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    looked_at: LookedAt
    approvals: OfApprovals


def read_uploads_policy(path: Path) -> UploadsPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, UploadsPolicy, lambda _policy: ())
