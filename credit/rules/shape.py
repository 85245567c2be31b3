"""What a file of credit rules says: what things cost and earn, which score is which tier, what may be repaired."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity

_Deduction = Annotated[int, Meta(ge=-1000, le=-1)]
_Bonus = Annotated[int, Meta(ge=1, le=1000)]
_Points = Annotated[int, Meta(ge=-1000, le=1000)]
_Days = Annotated[int, Meta(ge=0, le=3660)]
_Percent = Annotated[int, Meta(ge=0, le=100)]
_Words = Annotated[str, Meta(min_length=1, max_length=300)]
_Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

_WHOLE = 100


class BonusName(StrEnum):
    """What the service itself sees to be a merit of a vendor. How much each is worth is policy."""

    CLEAN_MONTH = "clean_month"
    SCALE_USE = "scale_use"
    PROMISE_KEPT = "promise_kept"


class Recorder(StrEnum):
    """Whose word it takes to record what no scale can tell."""

    MANAGER = "manager"
    REGULATOR = "regulator"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule in the words of a reader."""

    zh: _Words
    en: _Words


class Deduction(Said, frozen=True, forbid_unknown_fields=True):
    """What a confirmed alert of a kind takes, by severity; a repeat takes more.

    `a_day`: so many of a business day count, the worst first. `veto`: in these severities it puts the vendor in the
    last tier for the cycle, whatever the score, and cannot be repaired. `repeat_percent`: of a repeat, where it is not
    that of the file.
    """

    kind: AlertKind
    points: dict[Severity, _Deduction]
    a_day: Annotated[int, Meta(ge=1, le=1000)] = 1
    repeat_percent: Annotated[int, Meta(ge=100, le=1000)] | None = None
    veto: tuple[Severity, ...] = ()


class Recorded(Said, frozen=True, forbid_unknown_fields=True):
    """What a person puts on record with its document: an award, a breach seen on a round, a penalty decided elsewhere.

    Between `least` and `most` points (both of one sign), as the document says; by one of `recorders`.
    """

    name: _Name
    least: _Points
    most: _Points
    recorders: Annotated[tuple[Recorder, ...], Meta(min_length=1)]
    a_day: Annotated[int, Meta(ge=1, le=1000)] = 1
    most_a_cycle: _Bonus | None = None
    is_veto: bool = False


class Bonus(Said, frozen=True, forbid_unknown_fields=True):
    """What the service adds by itself, so many points a time and at most so many a cycle.

    `at_least_permille`: of the days on which its market traded the vendor's scale was used on so many (scale use);
    `at_least_days`: on so many the market traded at all, or nothing is said of the month.
    """

    name: BonusName
    points: _Bonus
    most_a_cycle: _Bonus
    at_least_permille: Annotated[int, Meta(ge=0, le=1000)] = 0
    at_least_days: Annotated[int, Meta(ge=1, le=31)] = 1


class Tier(Said, frozen=True, forbid_unknown_fields=True):
    """A band of scores, from `from_points` up to the next better tier.

    `colour`: #rrggbb, beside the name and never instead of it. `follows`: what the tier means for the vendor.
    """

    name: Annotated[str, Meta(min_length=1, max_length=8)]
    from_points: int
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]
    follows: Said | None = None


class Repair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a deduction comes back, and after what (信用修复).

    At most `most_percent` of its points, after `clean_days` without a breach; `grave_clean_days` where it took
    `grave_points` or more. `efforts`: one of these is proved.
    """

    most_percent: _Percent
    clean_days: _Days
    grave_points: _Deduction
    grave_clean_days: _Days
    efforts: Annotated[tuple[Literal["training", "promise"], ...], Meta(min_length=1)]


class Appeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For so many working days after its decision a deduction may be appealed; until then it is not final."""

    working_days: Annotated[int, Meta(ge=1, le=365)]


class Publicity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of tiers is told in public: `tiers` on the vendor's page, `praised` by name on the market's screen."""

    tiers: tuple[str, ...]
    praised: tuple[str, ...]


class CreditRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Tiers stand in falling order and the last starts at the floor.

    `repeat_percent`: what a repeat takes of what the first took, rounded up to whole points.
    """

    version: Annotated[str, Meta(min_length=1, max_length=64)]
    in_force_from: date
    base: int
    floor: int
    ceiling: int
    cycle: Literal["month", "quarter", "year"]
    repeat_days: _Days
    repeat_percent: Annotated[int, Meta(ge=100, le=1000)]
    repair: Repair
    appeal: Appeal
    publicity: Publicity
    deduction: tuple[Deduction, ...]
    tier: Annotated[tuple[Tier, ...], Meta(min_length=1)]
    recorded: tuple[Recorded, ...] = ()
    bonus: tuple[Bonus, ...] = ()

    def deduction_for(self, kind: AlertKind) -> Deduction | None:
        """Return the rule for a kind of alert; None where confirming it moves no score."""
        return next((rule for rule in self.deduction if rule.kind is kind), None)

    def points_for(self, rule: Deduction, severity: Severity, *, is_repeat: bool) -> int:
        """Return what a rule takes: negative. A repeat takes more, rounded up to whole points."""
        points = rule.points[severity]
        if not is_repeat:
            return points
        percent = rule.repeat_percent or self.repeat_percent
        return -((-points * percent + _WHOLE - 1) // _WHOLE)

    def recorded_for(self, name: str) -> Recorded | None:
        """Return the rule for what people record, by its name; None where there is none."""
        return next((rule for rule in self.recorded if rule.name == name), None)

    def bonus_for(self, name: BonusName) -> Bonus | None:
        """Return what a merit is worth; None where it is worth nothing."""
        return next((rule for rule in self.bonus if rule.name is name), None)

    def words_for(self, reason: str) -> Said | None:
        """Return the words of the rule behind a reason of the ledger; None where these rules do not know it."""
        known: dict[str, Said] = {rule.kind.value: rule for rule in self.deduction}
        known |= {rule.name: rule for rule in self.recorded}
        known |= {rule.name.value: rule for rule in self.bonus}
        return known.get(reason)

    def a_day(self, reason: str) -> int:
        """Return how many lines of a reason count a day, the gravest first: 1 unless a rule says more."""
        rule = next((one for one in self.deduction if one.kind == reason), None) or self.recorded_for(reason)
        return 1 if rule is None else rule.a_day

    def most_a_cycle(self) -> dict[str, int]:
        """Return of which reasons no more than so many points are added in a cycle."""
        limits = {rule.name.value: rule.most_a_cycle for rule in self.bonus}
        return limits | {rule.name: rule.most_a_cycle for rule in self.recorded if rule.most_a_cycle is not None}

    def tier_of(self, score: int, *, has_veto: bool = False) -> Tier:
        """Return the tier a score belongs to; the last where a veto item stands."""
        return self.tier[-1] if has_veto else next(tier for tier in self.tier if score >= tier.from_points)
