"""Occurrences gathered into leads, and the bands of severity."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.alert import AlertKind, Severity
from domain.errors import BadFile
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.weighing import WeighingKey
from pricing.leads import Occurrence, gather
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def occurrence(
    seq: int, *, vendor: str | None = "V-1", species: str = "F01", scale: str = "S-1", permille: int = 10
) -> Occurrence:
    return Occurrence(
        key=WeighingKey(MarketId("m"), ScaleId(scale), JournalId("j"), seq, NOON + timedelta(seconds=seq)),
        kind=AlertKind.PRICE_OVER_CAP,
        vendor_id=None if vendor is None else VendorId(vendor),
        stall_id=StallId("A-1"),
        species=SpeciesCode(species),
        business_day=date(2026, 11, 22),
        excess_fen=permille,
        excess_permille=permille,
        overcharge_fen=100,
    )


def test_one_lead_a_vendor_kind_species_and_day_with_everything_counted() -> None:
    (lead,) = gather([occurrence(2), occurrence(1, permille=90), occurrence(3, scale="S-2")])
    assert [one.key.seq for one in lead.occurrences] == [1, 2, 3]
    assert (lead.worst.key.seq, lead.overcharge_fen) == (1, 300)


def test_other_vendors_and_species_are_other_leads() -> None:
    assert len(gather([occurrence(1), occurrence(2, vendor="V-2"), occurrence(3, species="F02")])) == 3


def test_without_a_vendor_the_scale_is_the_subject() -> None:
    leads = gather([occurrence(1, vendor=None), occurrence(2, vendor=None, scale="S-2")])
    assert [lead.worst.key.scale_id for lead in leads] == ["S-1", "S-2"]


def test_leads_come_in_the_same_order_for_every_worker() -> None:
    many = [occurrence(n, vendor=f"V-{n % 7}", species=f"F{n % 3}") for n in range(50)]
    assert gather(many) == gather(list(reversed(many)))


@pytest.mark.parametrize(
    ("permille", "severity"),
    [
        (0, Severity.LOW),
        (50, Severity.LOW),
        (51, Severity.MEDIUM),
        (200, Severity.MEDIUM),
        (201, Severity.HIGH),
        (1000, Severity.HIGH),
        (1001, Severity.CRITICAL),
    ],
)
def test_the_shipped_bands_of_severity(permille: int, severity: Severity) -> None:
    assert read_rules_policy(policy_directory() / "rules.toml").severity_of(permille) is severity


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("payment_rounding_fen = 0", "payment_rounding_fen = -1", "payment_rounding_fen"),
        ('name = "high"', 'name = "huge"', "huge"),
        ("up_to_permille = 200", "up_to_permille = 20", "bands must rise"),
        ("up_to_permille = 1000", "", "only the last is without"),
        ("version =", "verzion =", "verzion"),
        ("[judging]", "[judging", "line"),
    ],
)
def test_a_policy_file_with_a_mistake_says_which(old: str, new: str, says: str, tmp_path: Path) -> None:
    shipped = (policy_directory() / "rules.toml").read_text(encoding="utf-8")
    assert old in shipped
    path = tmp_path / "rules.toml"
    path.write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_rules_policy(path)
    assert says in str(refused.value)
