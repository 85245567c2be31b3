"""A published list: read whole, or refused with every problem."""

from pathlib import Path

import pytest

from domain.errors import BadFile
from domain.ids import SpeciesCode
from domain.price_cap import CapStatus
from pricing.cap_list_file import parse_cap_list
from steelyard.market_files import read_species
from steelyard.resources import data_directory

NAMES = {"东星斑鱼": SpeciesCode("F01"), "芒果螺": SpeciesCode("S01")}
HEAD = "name,grade,cap_yuan_per_500g\n"


def test_a_price_per_500_g_becomes_fen_per_kg() -> None:
    (item,) = parse_cap_list(HEAD + "东星斑鱼,,315\n", "f", NAMES)
    assert (item.species, item.cap_fen, item.published_as) == ("F01", 63000, "315 yuan/500 g")


def test_the_two_published_signs_are_told_apart() -> None:
    items = parse_cap_list("\ufeff" + HEAD + "东星斑鱼,,—\n芒果螺,大,/\n", "f", NAMES)
    assert [(item.status, item.cap_fen, item.grade) for item in items] == [
        (CapStatus.UNCAPPED, None, ""),
        (CapStatus.OUT_OF_STOCK, None, "大"),
    ]


def test_the_real_list_of_2013_is_read_whole() -> None:
    path = data_directory() / "cap_list_sanya_2013-08-26.csv"
    names = {name: one.species_code for one in read_species(data_directory()) for name in (one.name_zh, *one.names)}
    items = parse_cap_list(path.read_text(encoding="utf-8"), path.name, names)
    by_key = {(str(item.species), item.grade): item.cap_fen for item in items}
    assert len(items) == 36
    assert (by_key["F01", ""], by_key["S01", "大"], by_key["S01", "小"]) == (63000, 18400, 3600)
    assert by_key["F19", "中"] == 53200


@pytest.mark.parametrize("cap", ["", "abc", "-5", "0", "0.00", "1.234", "12,5", "1e3", "９９", "1000000000"])
def test_a_cap_that_is_no_price_is_refused_with_its_row(cap: str) -> None:
    with pytest.raises(BadFile) as refused:
        parse_cap_list(HEAD + f'东星斑鱼,,"{cap}"\n', "caps.csv", NAMES)
    assert f"row 2, cap_yuan_per_500g: {cap!r}; expected yuan" in str(refused.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadFile) as refused:
        parse_cap_list(HEAD + "大白鲨,,9\n东星斑鱼,,x\n芒果螺,大,5\n芒果螺,大,6\n", "caps.csv", NAMES)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "row 2, name",
        "row 3, cap_yuan_per_500g",
        "row 5, name",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "columns missing"),
        ("a,b\n1,2\n", "columns missing: name, grade, cap_yuan_per_500g; found: a, b"),
        (HEAD, "no items"),
    ],
)
def test_a_file_that_is_no_list_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadFile, match="problem") as refused:
        parse_cap_list(text, "f", NAMES)
    assert says in str(refused.value)


def test_the_shipped_list_names_its_source() -> None:
    assert "cap_list_sanya_2013-08-26.csv" in Path(data_directory() / "SOURCES.md").read_text(encoding="utf-8")
