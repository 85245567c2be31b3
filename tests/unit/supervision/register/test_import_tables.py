"""Files that fill the register: what is understood of them, and every problem at its row and column."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from domain.register.records import VendorIdentity
from supervision.register.import_plan import Known, Plan, RowOutcome, codes_named, ids_named, plan_of
from supervision.register.import_tables import REGISTER_LIMITS, GivenTable, ImportKind, given_table, kind_told
from tables.files import table_of

NOTHING = Known(records={}, revisions={}, holders={})
MISTYPED = "ends in 4, but what stands before it gives 3: one character is mistyped, or two are exchanged"
HEADER = "商户编号,商户名称,统一社会信用代码,联系电话\n"


def read(text: str, kind: ImportKind = ImportKind.VENDORS, encoding: str = "utf-8") -> GivenTable:
    return given_table(table_of(text.encode(encoding), "f.csv", REGISTER_LIMITS), kind)


def plan(text: str, known: Known = NOTHING, kind: ImportKind = ImportKind.VENDORS) -> Plan:
    return plan_of(read(text, kind), kind, known)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_columns_are_found_by_their_titles_below_titles_and_above_notes(encoding: str) -> None:
    text = "三亚第一市场商户登记表,,\n 商户 编号 ,联系电话（手机）,备注\nV-1,13812345678,x\n,,\n"
    found = read(text, encoding=encoding)
    assert (found.columns, [one.number for one in found.rows]) == ({"vendor_id": 1, "phone": 2}, [3])
    assert found.rows[0].given == {"vendor_id": "V-1", "phone": "13812345678"}
    assert [(one.column, one.title, one.perhaps) for one in found.ignored] == [(3, "备注", "")]
    assert list(found.problems) == []


def test_a_workbook_is_read_as_a_list_is() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["摊位号", "面积", "启用日期"], ["A-1", 12.5, "2026-01-01"], ["A-2", "=1+1", None]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    found = given_table(table_of(out.getvalue(), "f.xlsx", REGISTER_LIMITS), ImportKind.STALLS)
    assert found.rows[0].given == {"stall_id": "A-1", "area_m2": "12.5", "open_from": "2026-01-01"}
    assert [str(one) for one in found.problems] == ["row 3, column B: holds a formula; expected its value"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("商户编号,商户名称", ImportKind.VENDORS),
        ("摊位号,区域,面积", ImportKind.STALLS),
        ("秤号,出厂编号,铅封号", ImportKind.SCALES),
        ("秤号,摊位号,商户编号,生效时间", ImportKind.BINDINGS),
        ("stall_id,vendor_id,from", ImportKind.BINDINGS),
        ("甲,乙", None),
    ],
)
def test_the_columns_tell_what_a_file_holds(header: str, kind: ImportKind | None) -> None:
    assert kind_told(table_of(f"{header}\n1,2,3,4\n".encode(), "f.csv", REGISTER_LIMITS)) is kind


def test_a_file_without_a_header_is_told_what_it_must_name() -> None:
    assert [str(one) for one in read("a,b\n1,2\n").problems] == [
        "no row names its columns; expected at least 商户编号 (vendor_id)"
    ]
    assert [str(one) for one in read("商户编号,手机,电话\n").problems] == [
        "row 1, column C: columns 手机, 电话 both mean phone; leave one of them",
        "row 1: nothing stands below it",
    ]
    assert read("商户编号,商户名称,联系电画\nV-1,x,1\n").ignored[0].perhaps == "phone"


def test_every_problem_is_told_at_its_row_and_column() -> None:
    text = HEADER + "V-1,阿海,91350100M000100Y44,12\nV 2,x,,\n,y,,\nV-1,z,,\nV-4,,,\n"
    assert [str(one) for one in plan(text).problems] == [
        f"row 2, column C (credit_code): {MISTYPED}",
        "row 2, column D (phone): is 12; expected a telephone number, as 13812345678 or 0898-88271234",
        "row 3, column A (vendor_id): is V 2; expected 1 to 64 letters, digits, '.', '_' or '-'",
        "row 4, column A (vendor_id): is missing",
        "row 5, column A (vendor_id): V-1 stands in the file twice, first in row 2",
        "row 6, column B (name): is missing",
    ]
    assert plan(text).counts[RowOutcome.CONFLICTING] == 5
    assert not plan(text).may_be_applied


def test_rows_are_new_changed_or_the_same() -> None:
    known = Known(
        records={"V-1": VendorIdentity(name="阿海", phone="13812345678"), "V-2": VendorIdentity(name="海角")},
        revisions={"V-1": 3, "V-2": 1},
        holders={},
    )
    text = HEADER + "V-1,,,138****5678\nV-2,天涯,,\nV-3,新,,\nV-1x,,,\n"
    found = plan(text, known)
    assert [(one.subject_id, one.outcome, one.revision) for one in found.rows] == [
        ("V-1", RowOutcome.UNCHANGED, 3),
        ("V-2", RowOutcome.CHANGED, 1),
        ("V-3", RowOutcome.NEW, 0),
        ("V-1x", RowOutcome.CONFLICTING, 0),
    ]
    assert found.rows[1].changes == {"name": ("海角", "天涯")}


def test_a_code_is_one_vendors_in_the_file_and_in_the_register() -> None:
    code = "91350100M000100Y43"
    text = HEADER + f"V-1,一,{code},\nV-2,二,{code.lower()},\n"
    assert [str(one) for one in plan(text).problems] == [
        f"row 3, column C (credit_code): {code} is the code of V-1: the same business is one vendor"
    ]
    table = read(HEADER + f"V-3,三,{code},\n")
    assert (ids_named(table, ImportKind.VENDORS), codes_named(table)) == (["V-3"], [code])
    taken = Known(records={}, revisions={}, holders={code: "V-9"})
    assert "is the code of V-9" in str(plan_of(table, ImportKind.VENDORS, taken).problems[0])
    own = Known(records={}, revisions={}, holders={code: "V-3"})
    assert plan_of(table, ImportKind.VENDORS, own).problems == []


def test_what_is_shown_of_a_change_is_masked_and_its_digest_is_not_fooled_by_it() -> None:
    one, other = (plan(HEADER + f"V-1,阿海,,138{middle}5678\n") for middle in ("1234", "4321"))
    assert one.rows[0].shown == other.rows[0].shown
    assert one.rows[0].shown["phone"] == ("", "138****5678")
    assert one.digest != other.digest
    assert one.digest == plan(HEADER + "V-1,阿海,,138 1234 5678\n").digest


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6))
def test_whatever_stands_in_a_file_is_planned_or_told(cells: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["商户编号", "商户名称", "统一社会信用代码", "联系电话"])
    writer.writerows(cells)
    found = plan(out.getvalue())
    for row in found.rows:
        assert (row.outcome is RowOutcome.CONFLICTING) == any(one.row == row.number for one in found.problems)
