"""What people type about vendors, stalls and scales, and what they are told of it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.register.records import SealState, TankSupply, VendorKind, as_texts, differences
from domain.scale import AccuracyClass
from supervision.register import reading
from supervision.register.entries import (
    SCALE_FIELDS,
    STALL_FIELDS,
    VENDOR_FIELDS,
    area_text,
    over,
    read_scale,
    read_stall,
    read_vendor,
    read_verification,
)
from supervision.register.reading import WrongError

SHANGHAI = ZoneInfo("Asia/Shanghai")
VENDOR = {
    "name": "阿海海鲜档",
    "credit_code": "91350100m000100y43",
    "legal_representative": "王敏",
    "phone": "138 1234 5678",
    "licence_from": "2024年3月1日",
    "licence_until": "长期",
}


def test_a_vendor_is_read_as_it_is_kept() -> None:
    found = read_vendor(VENDOR).record
    assert found is not None
    assert found.credit_code == "91350100M000100Y43"
    assert found.kind is VendorKind.COMPANY
    assert (found.phone, found.licence_from, found.licence_until) == ("13812345678", date(2024, 3, 1), None)


def test_every_problem_is_told_at_once() -> None:
    wrong = {
        "name": " ",
        "kind": "shop",
        "credit_code": "91350100M000100Y44",
        "licence_no": "110108000000061",
        "phone": "1234",
        "licence_from": "2024-13-01",
        "legal_representative": "11010519491231002X",
    }
    entry = read_vendor(wrong)
    assert entry.record is None
    assert [str(one) for one in entry.problems] == [
        "name is missing",
        "kind is shop; expected company (企业) or individual (个体)",
        "credit_code ends in 4, but what stands before it gives 3: one character is mistyped, or two are exchanged",
        "licence_no ends in 1, but what stands before it gives 5: one character is mistyped, or two are exchanged",
        "legal_representative is the number of an identity card, which is not kept",
        "phone is 1234; expected a telephone number, as 13812345678 or 0898-88271234",
        "licence_from is 2024-13-01; expected a day, as 2026-11-27",
    ]


def test_a_kind_that_the_code_contradicts_and_a_licence_that_ends_before_it_begins() -> None:
    entry = read_vendor({**VENDOR, "kind": "个体工商户", "licence_until": "2024-02-29"})
    assert [str(one) for one in entry.problems] == [
        "kind says individual, but the code is of a kind company",
        "licence_until is 2024-02-29, before 2024-03-01",
    ]


@pytest.mark.parametrize(
    ("typed", "area_dm2"), [("12.5", 1250), ("１２．５㎡", 1250), ("9 平方米", 900), ("0.01", 1), ("12.50m2", 1250)]
)
def test_an_area_is_read_exactly(typed: str, area_dm2: int) -> None:
    found = read_stall({"area_m2": typed}).record
    assert found is not None
    assert found.area_dm2 == area_dm2
    assert reading.area_dm2(area_text(area_dm2)) == area_dm2


@pytest.mark.parametrize("typed", ["0", "-1", "12.345", "big", "1e3"])
def test_what_is_no_area_is_told(typed: str) -> None:
    assert [one.field for one in read_stall({"area_m2": typed}).problems] == ["area_m2"]


@given(st.integers(1, 10**7 - 1))
def test_an_area_is_shown_as_it_is_read(area_dm2: int) -> None:
    assert reading.area_dm2(area_text(area_dm2)) == area_dm2


def test_a_scale_is_read_as_it_is_kept() -> None:
    texts = {
        "division_g": "5克",
        "max_g": "15 kg",
        "accuracy_class": "Ⅲ",
        "usual_tare_g": "",
        "verified_until": "2027/6/30",
        "seal_state": "完好",
        "production_code": " P 1 ",
    }
    found = read_scale(texts).record
    assert found is not None
    assert (found.facts.division_g, found.facts.max_g) == (5, 15_000)
    assert found.facts.accuracy_class is AccuracyClass.MEDIUM
    assert (found.facts.verified_until, found.seal_state) == (date(2027, 6, 30), SealState.INTACT)
    assert found.facts.production_code == "P 1"
    assert [str(one) for one in read_scale({"division_g": "15 kg", "max_g": "5"}).problems] == [
        "division_g is 15000 g, not below the maximum of 5 g"
    ]


def test_a_verification_that_passed_holds_until_a_day_and_one_that_failed_until_none() -> None:
    passed = {"verified_on": "2026-06-30", "result": "合格", "certificate_no": "C-1", "valid_until": "2027-06-29"}
    assert read_verification(passed).record is not None
    assert [str(one) for one in read_verification({**passed, "valid_until": ""}).problems] == ["valid_until is missing"]
    assert [str(one) for one in read_verification({**passed, "result": "不合格"}).problems] == [
        "valid_until names a day, but a verification that failed holds until none"
    ]
    assert [str(one) for one in read_verification({**passed, "valid_until": "2026-06-29"}).problems] == [
        "valid_until is 2026-06-29, before 2026-06-30"
    ]
    assert len(read_verification({}).problems) == 3


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=SHANGHAI)),
        ("2026-11-27 08:30", datetime(2026, 11, 27, 8, 30, tzinfo=SHANGHAI)),
        ("2026-11-27T08:30:05", datetime(2026, 11, 27, 8, 30, 5, tzinfo=SHANGHAI)),
        ("2026年11月7日 8:05", datetime(2026, 11, 7, 8, 5, tzinfo=SHANGHAI)),
        ("2026-11-27T00:30:00Z", datetime(2026, 11, 27, 8, 30, tzinfo=SHANGHAI)),
    ],
)
def test_moments_are_by_the_clock_of_the_market(typed: str, moment: datetime) -> None:
    assert reading.moment_in(SHANGHAI)(typed) == moment


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-02-30", "2026-11-27 25:00", "2026-11-27 08:60"])
def test_what_is_no_moment_is_told(typed: str) -> None:
    with pytest.raises(WrongError):
        reading.moment_in(SHANGHAI)(typed)


@pytest.mark.parametrize("typed", ["A 1", "a/b", "..", "x" * 65])
def test_what_is_no_stall_is_told(typed: str) -> None:
    with pytest.raises(WrongError):
        reading.stall_id(typed)
    assert reading.stall_id("海鲜区１２号") == "海鲜区12号"


def test_an_empty_cell_leaves_what_is_registered_and_a_dash_clears_it() -> None:
    known = {"name": "阿海", "phone": "13812345678", "licence_no": "110108000000016"}
    laid, problems = over(known, {"name": " ", "phone": "—", "licence_no": "1101*******0016"})
    assert (laid, problems) == ({**known, "phone": ""}, [])
    _, problems = over(known, {"phone": "139****5678"})
    assert [one.field for one in problems] == ["phone"]


def test_every_field_that_can_be_typed_is_one_of_the_record() -> None:
    vendor, stall, scale = (reader({"name": "x"}).record for reader in (read_vendor, read_stall, read_scale))
    assert set(VENDOR_FIELDS) == set(as_texts(vendor))
    assert {one.replace("area_m2", "area_dm2") for one in STALL_FIELDS} == set(as_texts(stall))
    assert set(SCALE_FIELDS) == set(as_texts(scale))


def test_differences_name_what_was_and_what_is() -> None:
    before, after = read_vendor(VENDOR).record, read_vendor({**VENDOR, "phone": "0898-88271234"}).record
    assert differences(before, after) == {"phone": ("13812345678", "0898-88271234")}
    assert differences(before, before) == {}
    assert differences(None, after)["name"] == ("", "阿海海鲜档")


@given(st.dictionaries(st.sampled_from([*VENDOR_FIELDS, *STALL_FIELDS, *SCALE_FIELDS]), st.text(max_size=40)))
def test_whatever_is_typed_is_read_or_told(texts: dict[str, str]) -> None:
    for reader in (read_vendor, read_stall, read_scale, read_verification):
        entry = reader(texts)
        assert (entry.record is None) == bool(entry.problems)


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("position_class", " a级 ", "A"),
        ("position_class", "Ｂ１", "B1"),
        ("floor", "1", 1),
        ("floor", "２楼", 2),
        ("floor", "B1", -1),
        ("floor", "-1F", -1),
        ("tank", "有", TankSupply.YES),
        ("tank", "no", TankSupply.NO),
        ("neighbours", "A-2、A-4，A-2 海鲜区１号", "A-2, A-4, 海鲜区1号"),
        ("goods_zone", " 活鲜 ", "活鲜"),
    ],
)
def test_what_a_rotation_asks_of_a_stall_is_read(field: str, typed: str, read: object) -> None:
    found = read_stall({field: typed})
    assert found.problems == ()
    assert getattr(found.record, field) == read


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("position_class", "A-1"),
        ("position_class", "ABCDEFGHI"),
        ("floor", "0"),
        ("floor", "61"),
        ("floor", "-6"),
        ("floor", "upstairs"),
        ("tank", "perhaps"),
        ("neighbours", "a/b"),
        ("neighbours", " ".join(f"A-{n}" for n in range(13))),
    ],
)
def test_what_a_rotation_cannot_use_of_a_stall_is_named(field: str, typed: str) -> None:
    assert [one.field for one in read_stall({field: typed}).problems] == [field]
