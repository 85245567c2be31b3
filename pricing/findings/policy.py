"""The part of `policy/rules.toml` for the findings: a section a rule, with its thresholds, severity and legal basis."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.alert import AlertKind, Severity

_Count = Annotated[int, Meta(ge=0)]
_Positive = Annotated[int, Meta(ge=1)]
_Text = Annotated[str, Meta(min_length=1)]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every rule has: how severe what it sees is, and by which law and article. Nothing computes a fine."""

    severity: Severity
    basis_zh: _Text
    basis_en: _Text


class AmountMismatch(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount that is not net x price. `rounding_fen`: 1; 10 where the market settles in jiao."""

    rounding_fen: _Count


class PriceScaled(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price below this part of the cap: a digit is missing."""

    below_permille: _Positive


class UnitConfusion(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price this near to twice the cap, or to half of it."""

    within_permille: _Count


class GradeUpgrade(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pieces outside the declared grade by more than this."""

    tolerance_permille: _Count


class ZeroAbnormal(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zero further off than this part of Max; `otherwise_g` where Max is not registered."""

    of_max_permille: _Positive
    otherwise_g: _Positive


class TareAbuse(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Less tared than the registered basket, by more than this; or a tare above this part of the gross weight."""

    short_of_usual_permille: _Count
    above_gross_permille: _Positive


class BelowMinimum(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Min in divisions e, by accuracy class."""

    least_divisions_class_3: _Positive
    least_divisions_class_4: _Positive


class OtherOveruse(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sales of goods that no list names, against what the market's vendors together have of them (binomial tail)."""

    least_sales: _Positive
    least_permille: _Positive
    floor_permille: _Positive
    by_chance_in_a_million: _Positive


class SpeciesSuspect(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The median price of capped goods on one day, against the market's median for them in the days before."""

    least_sales: _Positive
    least_samples: _Positive
    below_permille: _Positive
    above_permille: _Positive


class SplitWeighing(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Runs of weighings of the same goods and of like weight, one right after the other."""

    gap_s: _Positive
    alike_permille: _Count
    least_run: _Positive
    least_runs: _Positive


class RepeatedWeighing(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same goods, price and weight again, right after."""

    gap_s: _Positive
    within_g: _Count
    least_pairs: _Positive


class FrequentVoids(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sales over the cap that were voided afterwards, counted a day."""

    least_voids: _Positive


class PriceOffUsual(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices against the vendor's own median for the same goods in the days before: by ratio, and robust deviations."""

    days: _Positive
    least_samples: _Positive
    deviations: _Positive
    below_permille: _Positive
    above_permille: _Positive
    least_sales: _Positive


class PriceSpike(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Uncapped goods against the market's median in the days before: by ratio, and by so many robust deviations."""

    days: _Positive
    least_samples: _Positive
    above_permille: _Positive
    deviations: _Positive


class ScaleSilent(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The longest silence of a day, by how many weighings the neighbours' median scale made meanwhile."""

    least_neighbours: _Positive
    least_expected: _Positive


class LowUse(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weighings over some days against the median vendor of the market."""

    days: _Positive
    least_peers: _Positive
    least_median: _Positive
    below_permille: _Positive


class ScaleDoubled(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weighings of a day that go to and fro between two journals of one scale, so many times."""

    least_turns: _Positive


class VerificationDue(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many days before a verification ends; each is told of once."""

    days_before: tuple[_Positive, ...]


class CapListMissing(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From this hour of the market's day on, a list should be in force. About the authority, never a vendor."""

    from_hour: Annotated[int, Meta(ge=0, le=23)]


class ToleranceBand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A settled weight up to and including `up_to_g` may be short by `short_g`."""

    up_to_g: _Positive
    short_g: _Positive


class ToleranceRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bands of goods above a price and up to another, in fen a kg; None: whatever is above."""

    up_to_fen_per_kg: _Positive | None = None
    bands: tuple[ToleranceBand, ...]


class ShortWeight(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tolerance table (零售商品称重计量监督管理办法, 附表 1), and what a market allows for live fish.

    `rows` rise by price and bands by weight. `live`: categories the table does not cover; for them the market's own
    tolerance is the larger of the two, and is never called statutory. Short by `critical_from_permille` or more is
    critical, as a cheating device is.
    """

    rows: tuple[ToleranceRow, ...]
    live: tuple[str, ...]
    critical_from_permille: _Positive
    market_permille: _Count
    market_least_g: _Count


class FindingsPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section a rule, named as the kind of alert that it raises."""

    #: Whether the market's goods are fit for a rule at all is a market's to say: what is named here is not looked for.
    off: tuple[AlertKind, ...]
    amount_mismatch: AmountMismatch
    price_scaled: PriceScaled
    unit_confusion: UnitConfusion
    grade_upgrade: GradeUpgrade
    unstable_weight: Rule
    zero_abnormal: ZeroAbnormal
    tare_abuse: TareAbuse
    below_minimum: BelowMinimum
    other_overuse: OtherOveruse
    species_suspect: SpeciesSuspect
    split_weighing: SplitWeighing
    repeated_weighing: RepeatedWeighing
    frequent_voids: FrequentVoids
    price_off_usual: PriceOffUsual
    price_spike: PriceSpike
    scale_silent: ScaleSilent
    low_use: LowUse
    scale_doubled: ScaleDoubled
    scale_unsuitable: Rule
    verification_due: VerificationDue
    verification_expired: Rule
    scale_unregistered: Rule
    scale_moved: Rule
    cap_list_missing: CapListMissing
    complaint: Rule
    short_weight: ShortWeight

    def rule_of(self, kind: AlertKind) -> Rule | None:
        """Return the rule that raises a kind of alert; None for kinds that are no finding."""
        rule: Rule | None = getattr(self, kind.value, None)
        return rule

    def severity_of(self, kind: AlertKind, permille: int) -> Severity | None:
        """Return how severe a finding is, `permille` being how far beyond; None for kinds that are no finding."""
        rule = self.rule_of(kind)
        if kind is AlertKind.SHORT_WEIGHT and permille >= self.short_weight.critical_from_permille:
            return Severity.CRITICAL
        return None if rule is None else rule.severity

    def speaks(self, kind: AlertKind) -> bool:
        """Say whether a rule is on."""
        return kind not in self.off


Language = Literal["zh", "en"]


def basis(rule: Rule, language: Language) -> str:
    """Return the legal basis in a language."""
    return rule.basis_zh if language == "zh" else rule.basis_en
