"""A published list: read whole in every form it comes in, or refused with every problem at its place."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.price_cap import CapStatus, CapUnit, GradeMeaning
from domain.units import PriceUnit
from pricing.list_reading.grades_of_lists import grade_in_brackets, grade_in_column, meaning_told
from pricing.list_reading.names_of_lists import name_told
from pricing.list_reading.recognising import recognise
from pricing.list_reading.understanding import ListLine, ReadList, read_list
from pricing.list_reading.units_of_lists import unit_told
from steelyard.market_files import read_species
from steelyard.resources import data_directory
from tables.cells import column_letter
from tests.unit.pricing.printed_lists import Form, Item, forms, items, printed

SHIPPED = "cap_list_sanya_2013-08-26.csv"
HEAD = "name,grade,cap_yuan_per_500g\n"


def read(text: str, unit: PriceUnit | None = None) -> ReadList:
    return read_list(text.encode(), "caps.csv", unit)


def lines_of(text: str, unit: PriceUnit | None = None) -> list[ListLine]:
    found = read(text, unit)
    assert found.problems == []
    return list(found.lines)


def problems_of(text: str, unit: PriceUnit | None = None) -> list[str]:
    return [str(problem) for problem in read(text, unit).problems]


@settings(max_examples=60)
@given(items, forms)
def test_however_a_list_is_printed_it_says_the_same(wanted: list[Item], form: Form) -> None:
    data, _places = printed(wanted, form)
    found = read_list(data, "list")
    assert found.problems == []
    understood = [
        (one.names[0], one.grade, one.status, one.unit if one.cap_fen else None, one.cap_fen) for one in found.lines
    ]
    assert understood == [item.understood for item in wanted]


@settings(max_examples=40)
@given(items, forms, st.data())
def test_every_planted_error_is_told_at_its_place(wanted: list[Item], form: Form, data: st.DataObject) -> None:
    planted = data.draw(st.sets(st.integers(0, len(wanted) - 1), min_size=1), label="planted")
    file, places = printed(wanted, form)
    spoiled = _spoiled(file, [places[n] for n in planted], form)
    found = read_list(spoiled, "list")
    expected = sorted(places[n] for n in planted)
    assert [(one.row, one.column, one.what) for one in found.problems] == [(*place, "price") for place in expected]
    assert len(found.lines) == len(wanted) - len(planted)


def _spoiled(file: bytes, places: list[tuple[int, int]], form: Form) -> bytes:
    """Put a word where a price stands."""
    if form.is_xlsx:
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(file))
        for row, column in places:
            book.worksheets[0].cell(row, column, "面议")
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    rows = [line.split(form.separator) for line in file.decode(form.encoding).split("\r\n")]
    for row, column in places:
        rows[row - 1][column - 1] = "面议"
    return "\r\n".join(form.separator.join(row) for row in rows).encode(form.encoding)


def test_a_price_per_500_g_becomes_fen_per_kg() -> None:
    (line,) = lines_of(HEAD + "东星斑鱼,,315\n")
    assert (line.names, line.cap_fen, line.published_as) == (("东星斑鱼",), 63000, "315 yuan/500 g")


def test_the_real_list_of_2013_is_read_whole_with_what_its_grades_mean() -> None:
    path = data_directory() / SHIPPED
    names = {name: one.species_code for one in read_species(data_directory()) for name in (one.name_zh, *one.names)}
    found = read_list(path.read_bytes(), path.name)
    recognised = recognise(found.lines, names)
    assert (found.problems, recognised.unknown, recognised.problems) == ([], [], [])
    by_key = {(str(item.species), item.grade): item for item in recognised.items}
    assert len(recognised.items) == 36
    assert [by_key[key].cap_fen for key in (("F01", ""), ("S01", "大"), ("S01", "小"))] == [63000, 18400, 3600]
    assert by_key["F19", "中"].cap_fen == 53200
    assert by_key["F19", "大"].meaning == GradeMeaning(least_piece_g=1000, note="≥2斤/条")
    assert by_key["S01", "大"].meaning == GradeMeaning(
        least_pieces_per_500g=12, most_pieces_per_500g=19, note="12–19个/斤"
    )


@pytest.mark.parametrize("cap", ["abc", "-5", "0", "0.00", "1.234", "12,5", "1e3", "1000000000", "12 13", "5元/两"])
def test_a_cap_that_is_no_price_is_refused_with_its_row_and_column(cap: str) -> None:
    (problem,) = problems_of(HEAD + f'东星斑鱼,,"{cap}"\n')
    assert problem.startswith(f"row 2, column C (price): {cap!r}; expected yuan with at most two decimals and above 0,")


@pytest.mark.parametrize(
    ("sign", "status"),
    [
        ("—", CapStatus.UNCAPPED),
        ("-", CapStatus.UNCAPPED),
        ("--", CapStatus.UNCAPPED),
        ("——", CapStatus.UNCAPPED),
        ("/", CapStatus.OUT_OF_STOCK),
        ("／", CapStatus.OUT_OF_STOCK),
        ("缺货", CapStatus.OUT_OF_STOCK),
        ("", CapStatus.ABSENT),
    ],
)
def test_the_published_signs_are_told_apart(sign: str, status: CapStatus) -> None:
    (line,) = lines_of(HEAD + f"东星斑鱼,,{sign}\n")
    assert (line.status, line.cap_fen) == (status, None)


@pytest.mark.parametrize(
    ("header", "price", "expected"),
    [
        ("最高价（元/500克）", "100", (CapUnit.KG, 20000)),
        ("最高价 元／斤", "100", (CapUnit.KG, 20000)),
        ("最高价(元/公斤)", "100", (CapUnit.KG, 10000)),
        ("price yuan/kg", "100", (CapUnit.KG, 10000)),
        ("限价（元/只）", "100", (CapUnit.PIECE, 10000)),
        ("最高价（元/500克）", "25元/只", (CapUnit.PIECE, 2500)),
        ("最高价（元/500克）", "90元/公斤", (CapUnit.KG, 9000)),
        ("最高价（元/500克）", "１，２３４．５", (CapUnit.KG, 246900)),
        ("最高价（元/500克）", "¥ 82.50", (CapUnit.KG, 16500)),
    ],
)
def test_the_unit_is_what_the_list_says(header: str, price: str, expected: tuple[CapUnit, int]) -> None:
    (line,) = lines_of(f'品名,{header}\n海胆,"{price}"\n')
    assert (line.unit, line.cap_fen) == expected


def test_a_unit_of_its_own_column_goes_before_the_headers() -> None:
    first, second, third = lines_of("品名,单位,最高价\n东星斑,元/500克,100\n鲍鱼,元/只,20\n墨鱼,公斤,30\n")
    assert [first.cap_fen, second.cap_fen, third.cap_fen] == [20000, 2000, 3000]
    assert second.unit is CapUnit.PIECE


def test_a_list_that_says_no_unit_asks_for_one_once() -> None:
    text = "品名,最高价\n东星斑,100\n老虎斑,90\n"
    (problem,) = problems_of(text)
    assert problem.startswith("row 1, column B (unit): does not say what its prices are for")
    assert [line.cap_fen for line in lines_of(text, PriceUnit.KG)] == [10000, 9000]


def test_an_option_or_a_title_that_contradicts_the_header_is_refused() -> None:
    (problem,) = problems_of(HEAD + "东星斑,,100\n", PriceUnit.KG)
    assert "says yuan/500 g, but the unit option says yuan/kg" in problem
    (problem,) = problems_of("单位：元/公斤,\n品名,最高价（元/500克）\n东星斑,100\n")
    assert "row 2, column B (unit): says yuan/500 g, but a line above or below says yuan/kg" in problem


@pytest.mark.parametrize(
    ("text", "grade", "bounds"),
    [
        ("大 12–19个/斤", "大", (12, 19, None, None)),
        ("中20-25个/斤", "中", (20, 25, None, None)),
        ("10-15只/公斤", "10-15只/公斤", (5, 7, None, None)),
        ("30~50只/500g", "30~50只/500g", (30, 50, None, None)),
        ("大 ≥2斤/条", "大", (None, None, 1000, None)),
        ("中 ≤0.7斤/个", "中", (None, None, None, 350)),
        ("0.6–0.9斤/只", "0.6–0.9斤/只", (None, None, 300, 450)),
        ("400克以上", "400克以上", (None, None, 400, None)),
        ("200g以下/只", "200g以下/只", (None, None, None, 200)),
        ("中 ≈1.9斤/条", "中", (None, None, None, None)),
        ("大", "大", (None, None, None, None)),
        ("膏蟹", "膏蟹", (None, None, None, None)),
        ("一级", "一级", (None, None, None, None)),
    ],
)
def test_a_grade_means_what_its_definition_says(text: str, grade: str, bounds: tuple[int | None, ...]) -> None:
    told = grade_in_brackets(text)
    assert told is not None
    one = told.meaning
    found = (one.least_pieces_per_500g, one.most_pieces_per_500g, one.least_piece_g, one.most_piece_g)
    assert (told.word, found) == (grade, bounds)


def test_a_range_that_falls_sets_no_bound_but_stays_as_a_note() -> None:
    assert meaning_told("25-20个/斤") == GradeMeaning(note="25-20个/斤")


@pytest.mark.parametrize(
    ("text", "names", "aliases", "grade"),
    [
        ("紫红笛鲷(红友/红立鱼)", ("紫红笛鲷",), ("红友", "红立鱼"), ""),
        ("马蹄螺/塔螺(大 ≥0.8斤/个)", ("马蹄螺", "塔螺"), (), "大"),
        ("石头鱼(中)", ("石头鱼",), (), "中"),
        ("花 螺(东风螺)(小)", ("花螺",), ("东风螺",), "小"),
        ("石头鱼 中", ("石头鱼",), (), "中"),
        ("军曹鱼(俗称:海干草)", ("军曹鱼",), ("海干草",), ""),
        ("大闸蟹(元/只)", ("大闸蟹",), (), ""),
    ],
)
def test_a_name_is_told_from_its_aliases_and_its_grade(
    text: str, names: tuple[str, ...], aliases: tuple[str, ...], grade: str
) -> None:
    told = name_told(text)
    assert told is not None
    assert (told.names, told.aliases, told.grade) == (names, aliases, grade)


def test_a_grades_own_column_takes_any_word() -> None:
    assert grade_in_column("南海").word == "南海"
    told = grade_in_column("大(12-19个/斤)")
    assert (told.word, told.meaning.most_pieces_per_500g) == ("大", 19)


@pytest.mark.parametrize("text", ["12-19个/斤", "红友", "≥2斤/条", "大", ""])
def test_what_is_no_unit_is_none(text: str) -> None:
    assert unit_told(text) is None


def test_a_column_of_each_grade_is_read_as_that_grade() -> None:
    found = lines_of("品名,最高销售价（元/500克）,,\n,大,中,小\n芒果螺,92,28,\n排海螺,35,28,18\n")
    assert [(one.names[0], one.grade, one.cap_fen) for one in found] == [
        ("芒果螺", "大", 18400),
        ("芒果螺", "中", 5600),
        ("排海螺", "大", 7000),
        ("排海螺", "中", 5600),
        ("排海螺", "小", 3600),
    ]


def test_a_name_that_stands_once_over_its_grades_is_theirs() -> None:
    found = lines_of(HEAD + "芒果螺,大,92\n,中,28\n东星斑,,315\n")
    assert [(one.names[0], one.grade) for one in found] == [("芒果螺", "大"), ("芒果螺", "中"), ("东星斑", "")]


def test_sections_notes_and_repeated_headers_are_no_items() -> None:
    found = read("品名,最高价（元/斤）\n一、鱼类,\n东星斑,315\n贝类：,\n海白,5\n备注：以上为最高价,\n")
    assert (found.problems, [one.names[0] for one in found.lines]) == ([], ["东星斑", "海白"])
    assert found.notes == ["一、鱼类", "贝类:", "备注:以上为最高价"]


def test_two_columns_that_may_both_be_the_cap_are_not_chosen_between() -> None:
    (problem,) = problems_of("品名,价格一（元/斤）,价格二（元/斤）\n东星斑,1,2\n")
    assert problem == "row 1, column C (header): columns B and C both look like the cap; leave one of them"


def test_names_prices_grades_and_doubles_are_all_told_at_once() -> None:
    found = read(HEAD + "大白鲨,,9\n东星斑(大),中,5\n芒果螺(,,5\n,,7\n芒果螺,大,x\n芒果螺,小,5\n芒果螺,小,6\n")
    recognised = recognise(found.lines, {"芒果螺": "S01", "东星斑": "F01"})  # type: ignore[dict-item]
    told = [*found.problems, *recognised.problems, *(one.as_problem() for one in recognised.unknown)]
    assert sorted((one.row, one.column, one.what) for one in told) == [
        (2, 1, "name"),
        (3, 2, "grade"),
        (4, 1, "name"),
        (5, 1, "name"),
        (6, 3, "price"),
        (8, 1, "name"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no row names its columns"),
        ("品名,规格\n东星斑,大\n", "row 1 (header): columns missing: price; found: 品名, 规格"),
        (HEAD, "row 1 (header): no items stand below it"),
    ],
)
def test_a_table_that_is_no_list_says_what_it_lacks(text: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(says)


def test_columns_are_named_as_a_spreadsheet_names_them() -> None:
    assert [column_letter(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]


def test_the_shipped_list_names_its_source() -> None:
    assert SHIPPED in Path(data_directory() / "SOURCES.md").read_text(encoding="utf-8")
