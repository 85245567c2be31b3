"""`policy/approvals.toml`: which changes of an approval are checked, and by when. Pure."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from domain.approval import Approval, ApprovalAct, ApprovalKind
from supervision.deadlines.working_days import WorkingCalendar
from tables.toml_file import read_toml

_Days = Annotated[int, Meta(ge=1, le=250)]
#: By these it is the same approval; they never change.
_IDENTITY: Final = frozenset({"authority", "number"})


class ByAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Working days by what was done; a cancelled one is not checked."""

    new: _Days
    changed: _Days
    renewed: _Days


class ByKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Working days by what was given."""

    licence: ByAct
    permit: ByAct
    filing: ByAct
    commitment: ByAct


class ApprovalsPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    in_force_from: date
    timezone: str
    material_fields: tuple[str, ...]
    due_working_days: ByKind

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock a day begins."""
        return ZoneInfo(self.timezone)

    def today(self, now: datetime) -> date:
        """Return which day it is."""
        return now.astimezone(self.zone).date()

    def is_material(self, changed_fields: frozenset[str]) -> bool:
        """Say whether a change of these fields is checked."""
        return not changed_fields.isdisjoint(self.material_fields)

    def due_on(
        self, kind: ApprovalKind, act: ApprovalAct, received_at: datetime, calendar: WorkingCalendar
    ) -> date | None:
        """Return the day by which an approval is checked; None where it is cancelled, and so not checked."""
        if act is ApprovalAct.CANCELLED:
            return None
        by_act: ByAct = getattr(self.due_working_days, kind)
        days: int = getattr(by_act, act)
        return calendar.after(self.today(received_at), days)


def read_approvals_policy(path: Path) -> ApprovalsPolicy:
    """Read the policy. Raise BadFile naming everything that is wrong with it."""
    return read_toml(path, ApprovalsPolicy, _problems)


def _problems(policy: ApprovalsPolicy) -> list[str]:
    problems = []
    try:
        ZoneInfo(policy.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"timezone is {policy.timezone!r}; expected the name of one, as 'Asia/Shanghai'")
    known = sorted(set(Approval.__dataclass_fields__) - _IDENTITY)
    unknown = sorted(set(policy.material_fields) - set(known))
    if unknown:
        problems.append(f"material_fields has {', '.join(unknown)}; expected of {', '.join(known)}")
    if not policy.material_fields:
        problems.append("material_fields is empty; expected at least one: else no change is ever checked")
    return problems
