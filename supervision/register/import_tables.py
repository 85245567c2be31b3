"""A file of vendors, stalls, scales or bindings → rows by the names of their fields, with their places. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from supervision.register.entries import SCALE_FIELDS, STALL_FIELDS, VENDOR_FIELDS
from tables.cells import Problem, Row, Table, TableLimits

_MIB: Final = 1024 * 1024
#: A market has some hundred stalls, a district's file some thousand: so many rows below the titles of the columns.
MOST_ROWS: Final = 10_000
#: Above and between them stand titles, dates and empty rows.
REGISTER_LIMITS: Final = TableLimits(
    most_bytes=4 * _MIB,
    most_rows=MOST_ROWS + 1_000,
    most_columns=40,
    most_characters=500,
    most_unpacked_bytes=96 * _MIB,
    most_elements=1_000_000,
    most_merged_cells=20_000,
)
#: Above the header stand titles and dates, never more than these.
_LOOKED_AT: Final = 20
_LEAST_KNOWN: Final = 2


class ImportKind(StrEnum):
    """What a file holds, a row each."""

    VENDORS = "vendors"
    STALLS = "stalls"
    SCALES = "scales"
    BINDINGS = "bindings"


class ImportComplaint(StrEnum):
    """What is wrong with a file beside its values, in words; `{0}` … are values. Other languages translate these."""

    NO_HEADER = "no row names its columns; expected at least {0}"
    COLUMN_TWICE = "columns {0} both mean {1}; leave one of them"
    NOTHING_BELOW = "nothing stands below it"
    TWICE = "{0} stands in the file twice, first in row {1}"
    UNKNOWN = "{0} is not registered in this market"
    UNKNOWN_PERHAPS = "{0} is not registered in this market; perhaps {1} is meant"
    CODE_TAKEN = "{0} is the code of {1}: the same business is one vendor"
    REFUSED = "cannot be: {0}"
    TOO_MANY_ROWS = "has {0} rows below its titles; expected at most {1}: split the file"
    TOO_MANY = "has {0} rows; expected at most {1} that say who has what from when: split the file"


#: Titles of columns, made plain as `_key` does it.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "vendor_id": ("商户编号", "商户号", "经营户编号", "商户id", "商户代码", "vendor", "vendorid"),
    "name": ("商户名称", "名称", "店名", "字号", "商户", "经营户", "企业名称", "name", "vendorname"),
    "kind": ("类型", "主体类型", "商户类型", "经营主体类型", "kind", "type"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "creditcode", "uscc"),
    "licence_no": ("执照号", "营业执照号", "营业执照注册号", "注册号", "执照号码", "licenceno", "licenseno"),
    "legal_representative": ("法定代表人", "法人", "法人代表", "负责人", "经营者", "legalrepresentative"),
    "phone": ("电话", "联系电话", "手机", "手机号", "手机号码", "联系方式", "phone", "telephone"),
    "licence_from": ("执照起", "执照有效期起", "有效期起", "成立日期", "licencefrom"),
    "licence_until": ("执照止", "执照有效期止", "有效期止", "有效期至", "执照有效期至", "licenceuntil"),
    "stall_id": ("摊位号", "摊位", "摊位编号", "摊号", "档口号", "档口", "stall", "stallid"),
    "place": ("区域", "大厅", "厅", "位置", "片区", "place", "hall"),
    "row_no": ("排", "排号", "行", "row", "rowno"),
    "area_m2": ("面积", "建筑面积", "摊位面积", "area", "aream2"),
    "open_from": ("启用日期", "启用", "开放日期", "openfrom"),
    "open_until": ("停用日期", "停用", "openuntil"),
    "position_class": ("位置等级", "摊位等级", "位次", "档次", "positionclass"),
    "goods_zone": ("经营区", "品类区", "商品区", "经营品类", "goodszone"),
    "floor": ("楼层", "层", "floor"),
    "tank": ("鱼池", "活水池", "暂养池", "活鲜池", "tank"),
    "neighbours": ("相邻摊位", "邻摊", "相邻", "neighbours", "neighbors"),
    "scale_id": ("秤号", "秤编号", "电子秤编号", "计价秤编号", "秤", "scale", "scaleid"),
    "serial_number": ("出厂编号", "序列号", "机身号", "serialnumber", "serial"),
    "maker": ("生产厂家", "厂家", "制造商", "生产企业", "maker", "manufacturer"),
    "model": ("型号", "规格型号", "model"),
    "division_g": ("分度值", "检定分度值", "e", "division", "divisiong"),
    "max_g": ("最大称量", "max", "最大秤量", "maxg"),
    "accuracy_class": ("准确度等级", "等级", "accuracyclass", "class"),
    "usual_tare_g": ("常用皮重", "皮重", "筐重", "usualtareg", "usualtare"),
    "verified_until": ("检定有效期", "检定有效期至", "检定有效期止", "有效期至", "有效期", "verifieduntil"),
    "production_code": ("生产码", "productioncode"),
    "repair_code": ("维修码", "repaircode"),
    "verification_code": ("检定码", "verificationcode"),
    "seal_no": ("铅封号", "封印号", "铅封编号", "sealno", "seal"),
    "seal_state": ("铅封状态", "封印状态", "铅封", "sealstate"),
    "moment": ("生效时间", "生效日期", "起始时间", "起始日期", "开始时间", "开始日期", "自", "from", "moment", "since"),
}
_FIELDS: Final[Mapping[ImportKind, tuple[str, ...]]] = {
    ImportKind.VENDORS: ("vendor_id", *VENDOR_FIELDS),
    ImportKind.STALLS: ("stall_id", *STALL_FIELDS),
    ImportKind.SCALES: ("scale_id", *SCALE_FIELDS),
    ImportKind.BINDINGS: ("scale_id", "stall_id", "vendor_id", "moment"),
}
_REQUIRED: Final[Mapping[ImportKind, tuple[str, ...]]] = {
    ImportKind.VENDORS: ("vendor_id",),
    ImportKind.STALLS: ("stall_id",),
    ImportKind.SCALES: ("scale_id",),
    ImportKind.BINDINGS: ("stall_id", "moment"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoredColumn:
    """A column that means nothing here: its number from 1, its title, and which field it may mean."""

    column: int
    title: str
    perhaps: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenRow:
    """A row: its number, and what it gives by field (empty: nothing)."""

    number: int
    given: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenTable:
    """The rows of a file; `columns`: where each field stands, counted from 1."""

    columns: Mapping[str, int]
    rows: Sequence[GivenRow]
    ignored: Sequence[IgnoredColumn]
    problems: Sequence[Problem]

    def problem(self, row: int, field: str, complaint: StrEnum, *values: str) -> Problem:
        """Return a problem at the place of a field."""
        return Problem(row=row, column=self.columns.get(field, 0), what=field, complaint=complaint, values=values)


def given_table(table: Table, kind: ImportKind) -> GivenTable:
    """Return the rows of a table by field. Without a header there are none, and a problem says what it must name."""
    return table_by_titles(
        table, {field: _ALIASES.get(field, ()) for field in _FIELDS[kind]}, _REQUIRED[kind], most_rows=MOST_ROWS
    )


def table_by_titles(
    table: Table, titles: Mapping[str, tuple[str, ...]], required: Sequence[str], *, most_rows: int
) -> GivenTable:
    """Return the rows of a table by the titles that each field's column may have (or the field's own name).

    The row that names all `required` fields is the header; without one a problem says what it must name.
    """
    meaning = {_key(alias): field for field, aliases in titles.items() for alias in (field, *aliases)}
    header = _header(table, meaning, required)
    if header is None:
        needed = ", ".join(f"{titles[one][0]} ({one})" for one in required)
        problem = Problem(row=0, column=0, what="", complaint=ImportComplaint.NO_HEADER, values=(needed,))
        return GivenTable(columns={}, rows=(), ignored=(), problems=(*table.problems, problem))
    columns: dict[str, int] = {}
    ignored, problems = [], list(table.problems)
    for number, title in enumerate(header.cells, start=1):
        field = meaning.get(_key(title))
        if field is None and title:
            near = get_close_matches(_key(title), list(meaning), n=1, cutoff=0.6)
            ignored.append(IgnoredColumn(column=number, title=title, perhaps=meaning[near[0]] if near else ""))
        elif field in columns:
            both = f"{header.cells[columns[field] - 1]}, {title}"
            values = (both, field)
            problems.append(
                Problem(
                    row=header.number, column=number, what="", complaint=ImportComplaint.COLUMN_TWICE, values=values
                )
            )
        elif field is not None:
            columns[field] = number
    below = [row for row in table.rows if row.number > header.number and not row.is_one_cell]
    rows = [
        GivenRow(number=row.number, given={field: row.at(number - 1).strip() for field, number in columns.items()})
        for row in below
        if row.cells != header.cells
    ]
    rows = [row for row in rows if any(row.given.values())]
    if not rows:
        problems.append(Problem(row=header.number, column=0, what="", complaint=ImportComplaint.NOTHING_BELOW))
    if len(rows) > most_rows:
        counts = (str(len(rows)), str(most_rows))
        problems.append(Problem(row=0, column=0, what="", complaint=ImportComplaint.TOO_MANY_ROWS, values=counts))
    return GivenTable(columns=columns, rows=rows, ignored=ignored, problems=problems)


def kind_told(table: Table) -> ImportKind | None:
    """Return what a file holds, as its columns tell: the kind of which most are known; None where two fit alike."""
    scores = {}
    for kind in ImportKind:
        meaning = {_key(alias): field for field in _FIELDS[kind] for alias in (field, *_ALIASES.get(field, ()))}
        header = _header(table, meaning, _REQUIRED[kind])
        known = set() if header is None else {meaning[key] for key in map(_key, header.cells) if key in meaning}
        scores[kind] = len(known)
    best = max(scores.values())
    kinds = [kind for kind, score in scores.items() if score == best]
    return kinds[0] if best >= _LEAST_KNOWN and len(kinds) == 1 else None


def _header(table: Table, meaning: Mapping[str, str], required: Sequence[str]) -> Row | None:
    for row in table.rows[:_LOOKED_AT]:
        fields = {meaning[key] for key in map(_key, row.cells) if key in meaning}
        if fields.issuperset(required) and len(fields) >= _LEAST_KNOWN:
            return row
    return None


def _key(title: str) -> str:
    plain = re.sub(r"[((].*?[))]", "", unicodedata.normalize("NFKC", title))
    return re.sub(r"[\s_\-*:：/.]", "", plain).lower()
