"""A catalogue's table: its rows become items, and every problem has its row and column."""

from pathlib import Path

import pytest

from domain.alert import AlertKind
from domain.supervision_item import AnswerKind, Basis, Department, Item, Method, RiskClass
from supervision.items.catalogue_file import read_catalogue
from supervision.items.catalogue_table import Head, KnownItems, ReadTable, read_catalogue_table
from supervision.items.table_titles import TABLE_LIMITS, TITLES, CatalogueComplaint
from tables.files import table_of

SHIPPED = read_catalogue(
    (Path(__file__).parents[4] / "data" / "supervision_items.toml").read_bytes(), "supervision_items.toml"
)
HEAD = Head(version="2027-01", title="清单", source="市局")
NOBODY = KnownItems(departments={}, items={}, into={})
IN_FORCE = KnownItems(
    departments={one.code: one for one in SHIPPED.departments},
    items={one.code: one for one in SHIPPED.items},
    into={one.item.code: one.into_code for one in SHIPPED.merges},
)
TITLE = "事项编号,事项名称,部门编号,部门名称,人员资质,检查方式,法律依据,条款,A类,B类,C类,D类"
FIRST = "X1,明码标价,mkt,市场局,price,现场,价格法,第十三条,1,4,12,12"


def read(text: str, known: KnownItems = NOBODY) -> ReadTable:
    return read_catalogue_table(table_of(text.encode(), "items.csv", TABLE_LIMITS), HEAD, known)


def problems(text: str, known: KnownItems = NOBODY) -> list[tuple[int, int, str]]:
    return [(one.row, one.column, one.says) for one in read(text, known).problems]


def only(found: ReadTable) -> Item:
    assert list(map(str, found.problems)) == []
    [item] = found.filed.items
    return item


def test_a_row_is_an_item_and_its_department_is_new() -> None:
    found = read(f"三亚市监管事项清单,,\n{TITLE}\n{FIRST}\n")
    item = only(found)
    assert (item.code, item.name, item.name_en, item.department) == ("X1", "明码标价", "明码标价", "mkt")
    assert item.basis == (Basis(law="价格法", article="第十三条"),)
    assert item.methods == (Method.ON_SITE,)
    assert item.per_year == {RiskClass.A: 1, RiskClass.B: 4, RiskClass.C: 12, RiskClass.D: 12}
    assert found.filed.departments == (Department(code="mkt", name="市场局", name_en="市场局"),)
    assert (found.filed.version, found.filed.title, found.filed.source) == ("2027-01", "清单", "市局")


def test_rows_below_an_item_bring_its_sub_items_questions_and_bases() -> None:
    title = f"{TITLE},子项,检查内容,回答方式,单位,预警类型"
    nothing = "," * 12
    item = only(
        read(
            f"{title}\n{FIRST},标示齐全,是否标价,,,unit_confusion\n"
            f"X1{nothing}按标价结算,抽查几种,数值,种,\n"
            f"{nothing.replace(',,,,,,,,,,,,', ',,,,,,《价格违法行为行政处罚规定》第十三条,,,,,,')},,,,\n"
        )
    )
    assert [(one.code, one.name) for one in item.sub_items] == [("1", "标示齐全"), ("2", "按标价结算")]
    assert [(one.code, one.answer, one.unit) for one in item.questions] == [
        ("q1", AnswerKind.COMPLIES, ""),
        ("q2", AnswerKind.NUMBER, "种"),
    ]
    assert [one.named for one in item.basis] == ["价格法 第十三条", "价格违法行为行政处罚规定 第十三条"]
    assert item.alert_kinds == (AlertKind.UNIT_CONFUSION,)


def test_an_empty_cell_leaves_what_is_in_force_and_a_dash_says_none() -> None:
    before = IN_FORCE.items["P02"]
    found = read("编号,名称,A类,预警类型\nP02,明码标价,2,—\n", IN_FORCE)
    item = only(found)
    assert item.per_year == {**before.per_year, RiskClass.A: 2}
    assert item.alert_kinds == ()
    same = (item.name_en, item.basis, item.methods, item.sub_items, item.questions, item.department)
    assert same == (
        before.name_en,
        before.basis,
        before.methods,
        before.sub_items,
        before.questions,
        before.department,
    )
    assert only(read("编号,名称,子项\nP02,明码标价,-\n", IN_FORCE)).sub_items == ()


def test_what_was_asked_before_keeps_its_code() -> None:
    before = IN_FORCE.items["P02"]
    tags = next(one for one in before.questions if one.code == "tags")
    item = only(read(f"编号,名称,检查内容\nP02,明码标价,新的问题\n,,{tags.text}\n", IN_FORCE))
    assert [one.code for one in item.questions] == ["q1", "tags"]
    assert item.questions[1] == tags


def test_a_department_is_known_by_its_name_too() -> None:
    name = IN_FORCE.departments["price"].name
    assert only(read(f"编号,名称,部门\nP02,明码标价,{name}\n", IN_FORCE)).department == "price"


def test_merges_are_read_with_their_reasons_and_told_again_are_none() -> None:
    into = "编号,名称,并入,并入理由\n"
    found = read(f"{into}P02,明码标价,,\nP01,政府调控价执行情况,P02,同一依据\nC02,旧,P02,再说一次\n", IN_FORCE)
    assert list(map(str, found.problems)) == []
    assert [(one.item.code, one.into_code, one.reason) for one in found.filed.merges] == [("P01", "P02", "同一依据")]
    assert [one.code for one in found.filed.items] == ["P02"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TITLE}\n{FIRST.replace('X1', 'X 1')}\n", (2, 1, "is X 1; expected 1 to 32 letters")),
        (f"{TITLE}\n{FIRST}\n{FIRST.replace('X1', 'X2')}\n{FIRST}\n", (4, 1, "item X1 stands in the file twice")),
        (f"{TITLE}\n{FIRST.replace('X1', '')}\n", (2, 1, "is missing; a row without a code")),
        (f"{TITLE}\n{FIRST}\nX1,另一个,,,,,,,,,,\n", (3, 2, "is 另一个, and 明码标价 in row 2")),
        (f"{TITLE}\n{FIRST.replace('mkt', '')}\n", (2, 4, "is 市场局; expected one of —")),
        (f"{TITLE}\n{FIRST.replace('price', '')}\n", (2, 5, "is missing, and no version in force says it")),
        (f"{TITLE}\n{FIRST.replace('现场', '望远镜')}\n", (2, 6, "is 望远镜; expected on_site (现场)")),
        (f"{TITLE}\n{FIRST.replace('现场', '')}\n", (2, 6, "is missing")),
        (f"{TITLE}\n{FIRST.replace('价格法', '')}\n", (2, 7, "is missing")),
        (f"{TITLE}\n{FIRST.replace(',4,', ',四,')}\n", (2, 10, "is 四; expected visits a year")),
        (f"{TITLE}\n{FIRST.replace(',4,', ',367,')}\n", (2, 10, "is 367; expected visits a year")),
        (f"{TITLE}\n{FIRST.replace(',4,', ',,')}\n", (2, 10, "is missing")),
        (f"{TITLE},预警类型\n{FIRST},no_such_kind\n", (2, 13, "is no_such_kind; expected a kind of alerts")),
        (
            f"{TITLE},预警类型\n{FIRST},low_use\n{FIRST.replace('X1', 'X2')},low_use\n",
            (3, 13, "low_use belongs to item X1 too"),
        ),
        (f"{TITLE},检查内容,回答方式\n{FIRST},好吗,也许\n", (2, 14, "is 也许; expected complies")),
        (f"{TITLE},子项编号,子项\n{FIRST},1,甲\n,,,,,,,,,,,,1,乙\n", (2, 14, "1 stands in item X1 twice")),
        (f"{TITLE},子项编号,子项\n{FIRST},一,甲\n", (2, 14, "is 一; expected 1 to 32")),
        (f"{TITLE},并入,并入理由\n{FIRST},X9,因为\n", (2, 13, "is X9; expected the code of another item")),
        (f"{TITLE},并入,并入理由\n{FIRST},X1,因为\n", (2, 13, "is X1; expected the code of another item")),
        (f"{TITLE},并入,并入理由\n{FIRST},X2,\n{FIRST.replace('X1', 'X2')},,\n", (2, 14, "is missing")),
        (
            f"{TITLE},并入,并入理由\n{FIRST},X2,a\n{FIRST.replace('X1', 'X2')},X1,b\n",
            (2, 13, "X1 → X2 → X1: an item cannot become part of itself"),
        ),
        ("名称,部门\n明码标价,市场局\n", (0, 0, "no row names its columns; expected at least 事项编号 (code)")),
    ],
)
def test_a_problem_is_told_at_its_row_and_column(text: str, expected: tuple[int, int, str]) -> None:
    row, column, says = expected
    told = problems(text)
    assert [one for one in told if one[:2] == (row, column) and one[2].startswith(says)], told


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("C02,又来,,", "C02 was merged into P02; its code is never used again"),
        ("C02,又来,P01,b", "C02 was merged into P02, not into P01; that is for ever"),
    ],
)
def test_the_code_of_what_was_merged_is_never_used_again(row: str, says: str) -> None:
    text = f"编号,名称,并入,并入理由\nP02,明码标价,,\nP01,政府调控价执行情况,,\n{row}\n"
    assert [one[2] for one in problems(text, IN_FORCE)] == [says]


def test_every_problem_is_told_at_once() -> None:
    rows = "".join(f"X{n},名{n},mkt,市场局,price,望远镜,价格法,,1,1,1,x\n" for n in range(5))
    assert len(problems(f"{TITLE}\n{rows}")) == 10
    assert [one[:2] for one in problems(f"{TITLE}\nX 1,a,mkt,市场局,price,望远镜,价格法,,1,1,1,x\n")] == [
        (2, 1),
        (2, 6),
        (2, 12),
    ]


def test_every_title_leads_to_one_field() -> None:
    titles = [title.lower() for field, names in TITLES.items() for title in (field, *names)]
    assert sorted(titles) == sorted(set(titles))
    assert len(set(CatalogueComplaint)) == len(CatalogueComplaint)
