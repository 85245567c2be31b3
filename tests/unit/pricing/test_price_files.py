"""References and rates as files: units exact, signs kept, every problem with its place."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadFile, RuleViolation
from domain.ids import SpeciesCode
from domain.price_cap import CapUnit
from domain.wholesale import WholesaleReference
from pricing.money_texts import permille, price_fen
from pricing.rate_file import RateFile, Validity, parse_rates
from pricing.reference_file import parse_references
from pricing.slip_photo import LARGEST_PHOTO, photo_type
from steelyard.resources import data_directory
from tables.texts import text_of

DAY = date(2026, 11, 22)
NAMES = {"东星斑": SpeciesCode("F01"), "海鲈": SpeciesCode("F12"), "象鼻蚌": SpeciesCode("S14")}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"x" * 20 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 20 + b"\xff\xd9"


def read(text: str) -> list[WholesaleReference]:
    return parse_references(text, "f.csv", NAMES, day=DAY, source="s")


def told(text: str) -> list[tuple[str, str, int | None, str]]:
    return [(one.species, one.grade, one.price_fen, one.published_as) for one in read(text)]


def test_a_file_per_500_g_with_a_sign_for_none() -> None:
    assert told("\ufeffname,grade,price_yuan_per_500g\r\n海鲈,,３６\r\n东星斑,大,99.5\r\n象鼻蚌,,／\r\n") == [
        ("F12", "", 7200, "36 yuan/500 g"),
        ("F01", "大", 19900, "99.5 yuan/500 g"),
        ("S14", "", None, "/"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "品名,规格,批发价（元/500克）\n东星斑,大,99.5\n",
        "名称,等级,价格(元/斤)\n东星斑,大,９９.５\n",
        "品种,规格,均价（元/公斤）,产地\n东星斑,大,199,海南\n",
        "品名,规格,批发均价,单位\n东星斑,大,199,千克\n",
    ],
)
def test_a_wholesale_markets_own_table(text: str) -> None:
    (one,) = read(text)
    assert (one.species, one.grade, one.price_fen) == ("F01", "大", 19900)


def test_two_titles_that_mean_one_column_are_told() -> None:
    with pytest.raises(BadFile, match="several columns are price_yuan_per_500g"):
        read("品名,批发价（元/500克）,零售价（元/500克）\n东星斑,99.5,130\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_in_the_encodings_that_spreadsheets_save(encoding: str) -> None:
    assert text_of("品名,价格\n".encode(encoding), "f.csv") == "品名,价格\n"


@pytest.mark.parametrize(("data", "expected"), [(b"a\0b", "NUL bytes"), (b"\xff\xff", "neither in UTF-8 nor")])
def test_what_is_no_text_is_told(data: bytes, expected: str) -> None:
    with pytest.raises(BadFile, match=expected):
        text_of(data, "f.csv")


def test_a_file_per_kg_and_one_that_says_the_unit_in_each_row() -> None:
    assert told("name,price_yuan_per_kg\n海鲈,72\n") == [("F12", "", 7200, "72 yuan/kg")]
    rows = read("name,price,unit\n海鲈,36,斤\n东星斑,72,元/公斤\n象鼻蚌,120,只\n")
    assert [(one.price_fen, one.unit) for one in rows] == [
        (7200, CapUnit.KG),
        (7200, CapUnit.KG),
        (12000, CapUnit.PIECE),
    ]


def test_every_problem_of_a_reference_file_with_row_and_column() -> None:
    with pytest.raises(BadFile) as bad:
        read("name,grade,price,unit\n石斑,,36,kg\n海鲈,,0,kg\n海鲈,,1.234,kg\n海鲈,,5,lb\n东星斑,,5,kg\n东星斑,,6,kg\n")
    assert [problem.split(";")[0] for problem in bad.value.problems] == [
        "row 2, name: '石斑' is no known species or alias",
        "row 3, price: '0'",
        "row 4, price: '1.234'",
        "row 5, unit: 'lb'",
        "row 7, name: '东星斑' '' stands in the file twice",
    ]


@pytest.mark.parametrize("text", ["", "name,price\n海鲈,3\n", "name,price_yuan_per_kg\n", 'name,price_yuan_per_kg\n"'])
def test_a_file_without_what_is_needed_is_refused(text: str) -> None:
    with pytest.raises(BadFile):
        read(text)


def rates(text: str) -> RateFile:
    return parse_rates(text, "f.csv", Validity(valid_from=DAY, valid_until=None, source="the bureau"))


def test_the_shipped_rates_are_read_and_the_category_without_one_is_named() -> None:
    read_file = rates((data_directory() / "markup_rates_sanya.csv").read_text(encoding="utf-8"))
    assert [(one.category, one.markup_permille, one.allowance_permille) for one in read_file.rates] == [
        ("fish", 1900, 100),
        ("shellfish", 1600, 100),
        ("shrimp", 900, 100),
        ("crab", 900, 100),
    ]
    assert [one.ceiling_fen_per_kg for one in read_file.rates] == [60000, 30000, 70000, 50000]
    assert read_file.without_rate == ("other",)
    assert read_file.rates[0].source == "2012 Spring Festival; Sanya price bureau, reported 2012-02-03"


def test_every_problem_of_a_rate_file() -> None:
    head = "category,markup_rate_percent,purchase_allowance_percent,reference_ceiling_yuan_per_500g\n"
    with pytest.raises(BadFile) as bad:
        rates(head + "fish,190,10,0\nmeat,1,1,1\ncrab,x,,250\nfish,190.55,10,300\n")
    assert [problem.split(";")[0] for problem in bad.value.problems] == [
        "row 2, reference_ceiling_yuan_per_500g: '0'",
        "row 3, category: 'meat'",
        "row 4, markup_rate_percent: 'x'",
        "row 4, purchase_allowance_percent: ''",
        "row 5, category: 'fish' stands in the file twice",
        "row 5, markup_rate_percent: '190.55'",
    ]


@given(st.integers(1, 99_999_999), st.sampled_from(["500g", "kg", "piece"]))
def test_units_convert_exactly(fen: int, unit: str) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    assert price_fen(text, unit) == fen * (2 if unit == "500g" else 1)


@given(st.integers(0, 99_999))
def test_percentages_convert_exactly(tenths: int) -> None:
    assert permille(f"{tenths // 10}.{tenths % 10}%") == tenths
    assert Fraction(tenths, 1000) == Fraction(permille(f"{tenths // 10}.{tenths % 10}") or 0, 1000)


@pytest.mark.parametrize(("photo", "media_type"), [(PNG, "image/png"), (JPEG + b"\0" * 9, "image/jpeg")])
def test_a_photo_is_known_by_its_bytes(photo: bytes, media_type: str) -> None:
    assert photo_type(photo) == media_type


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (b"GIF89a" + PNG, "no JPEG and no PNG"),
        (b"<svg>", "no JPEG and no PNG"),
        (PNG[:-4], "cut off"),
        (JPEG[:-1], "cut off"),
        (PNG + b"\0" * LARGEST_PHOTO, "too large"),
    ],
)
def test_what_is_no_photo_is_refused(photo: bytes, said: str) -> None:
    with pytest.raises(RuleViolation, match=said):
        photo_type(photo)
