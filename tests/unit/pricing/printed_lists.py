"""Lists as offices print them: the same items in every form that a published list comes in."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as st
from openpyxl import Workbook

from domain.price_cap import CapStatus, CapUnit

_WIDE = str.maketrans("0123456789()", "０１２３４５６７８９（）")
NAMES = ("东星斑", "老虎斑", "芒果螺", "花螺", "基围虾", "大花龙虾", "和乐蟹", "红花蟹", "海鲤鱼", "海胆")
GRADES = ("", "大", "中", "小")
MEANINGS = {"大": "12–19个/斤", "中": "20-25个/斤", "小": "≤0.7斤/个", "": ""}


class Item(NamedTuple):
    """What a list says, whatever it looks like. `half_fen`: for 500 g where by weight."""

    name: str
    grade: str
    status: CapStatus
    by_piece: bool
    half_fen: int

    @property
    def understood(self) -> tuple[str, str, CapStatus, CapUnit | None, int | None]:
        """What must come back."""
        if self.status is not CapStatus.CAPPED:
            return self.name, self.grade, self.status, None, None
        unit = CapUnit.PIECE if self.by_piece else CapUnit.KG
        return self.name, self.grade, self.status, unit, self.half_fen * (1 if self.by_piece else 2)


@dataclass(frozen=True, slots=True)
class Form:
    """How a list is printed."""

    is_xlsx: bool
    encoding: str
    separator: str
    by_kg: bool
    grade_in_name: bool
    has_meaning: bool
    is_wide: bool
    titles: int
    is_unit_above: bool
    header_rows: int
    panels: int
    has_numbers: bool
    has_reference: bool
    notes: int
    dash: str


forms = st.builds(
    Form,
    is_xlsx=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    separator=st.sampled_from([",", "\t", ";"]),
    by_kg=st.booleans(),
    grade_in_name=st.booleans(),
    has_meaning=st.booleans(),
    is_wide=st.booleans(),
    titles=st.integers(0, 3),
    is_unit_above=st.booleans(),
    header_rows=st.integers(1, 2),
    panels=st.integers(1, 2),
    has_numbers=st.booleans(),
    has_reference=st.booleans(),
    notes=st.integers(0, 2),
    dash=st.sampled_from(["—", "-", "--", "——", "–"]),
)
items = st.lists(
    st.builds(
        Item,
        name=st.sampled_from(NAMES),
        grade=st.sampled_from(GRADES),
        status=st.sampled_from([CapStatus.CAPPED] * 4 + [CapStatus.UNCAPPED, CapStatus.OUT_OF_STOCK, CapStatus.ABSENT]),
        by_piece=st.booleans(),
        half_fen=st.integers(1, 999_999),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda item: (item.name, item.grade),
)


def printed(items: Sequence[Item], form: Form) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the file, and at which row and column the price of each item stands (from 1)."""
    rows: list[list[str]] = [[f"三亚市海鲜排档最高销售价格表 第{n}页"] for n in range(form.titles)]
    unit = "元/公斤" if form.by_kg else "元/500克"
    if form.is_unit_above:
        rows.append(["单位：" + unit])
    head, below = _head(form, "" if form.is_unit_above else unit)
    rows.append(head * form.panels)
    merged = []
    if form.header_rows > 1:
        rows.append(below * form.panels)
        merged = [(len(rows) - 1, n + 1) for n, text in enumerate(below * form.panels) if not text]
    places = []
    width = len(head)
    for n, item in enumerate(items):
        panel = n % form.panels
        if panel == 0:
            rows.append([""] * width * form.panels)
        cells = _cells(item, n, form)
        rows[-1][panel * width : (panel + 1) * width] = cells
        places.append((len(rows), panel * width + _price_column(head) + 1))
    rows += [["备注：本清单由价格部门公布。"], ["举报电话：12315"]][: form.notes]
    return (_xlsx(rows, merged) if form.is_xlsx else _csv(rows, form)), places


def _head(form: Form, unit: str) -> tuple[list[str], list[str]]:
    head = (["序号"] if form.has_numbers else []) + ["品 名"] + ([] if form.grade_in_name else ["规格等级"])
    head += ["批发参考价"] if form.has_reference else []
    price = f"最高销售价（{unit}）" if unit else "最高销售价"
    if form.header_rows == 1:
        return [*head, price], []
    return [*head, "最高销售价"], [""] * len(head) + [unit or "公布价"]


def _price_column(head: Sequence[str]) -> int:
    return len(head) - 1


def _cells(item: Item, number: int, form: Form) -> list[str]:
    meaning = MEANINGS[item.grade] if form.has_meaning else ""
    grade = f"{item.grade} {meaning}".strip()
    bracketed = f"({grade})" if grade else ""
    name = item.name + (bracketed if form.grade_in_name else "")
    cells = ([str(number + 1)] if form.has_numbers else []) + [name] + ([] if form.grade_in_name else [grade])
    cells += ["31.5"] if form.has_reference else []
    cells.append(_price(item, form))
    return [cell.translate(_WIDE) if form.is_wide else cell for cell in cells]


def _price(item: Item, form: Form) -> str:
    signs = {CapStatus.UNCAPPED: form.dash, CapStatus.OUT_OF_STOCK: "/", CapStatus.ABSENT: ""}
    if item.status in signs:
        return signs[item.status]
    fen = item.half_fen * 2 if form.by_kg and not item.by_piece else item.half_fen
    yuan = f"{fen // 100}.{fen % 100:02d}"
    return yuan.removesuffix(".00") + ("元/只" if item.by_piece else "")


def _csv(rows: Sequence[Sequence[str]], form: Form) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=form.separator).writerows(rows)
    return text.getvalue().encode(form.encoding)


def _xlsx(rows: Sequence[Sequence[str]], merged: Sequence[tuple[int, int]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    width = max(map(len, rows))
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                sheet.cell(number, column, _as_number(text))
        if len(row) == 1 and width > 1:
            sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=width)
    for row_number, column in merged:
        sheet.merge_cells(start_row=row_number, end_row=row_number + 1, start_column=column, end_column=column)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _as_number(text: str) -> str | float:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() else text
