"""What the columns of a catalogue's table may be called, how large it may be, and what may be wrong with it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.supervision_item import AnswerKind, Method
from tables.cells import TableLimits

_MIB: Final = 1024 * 1024
#: Rows below the titles: some for each item.
MOST_ROWS: Final = 15_000
MOST_ITEMS: Final = 5_000
TABLE_LIMITS: Final = TableLimits(
    most_bytes=4 * _MIB,
    most_rows=MOST_ROWS + 1_000,
    most_columns=60,
    most_characters=500,
    most_unpacked_bytes=96 * _MIB,
    most_elements=1_000_000,
    most_merged_cells=20_000,
)

PER_YEAR: Final = ("per_year_a", "per_year_b", "per_year_c", "per_year_d")
REQUIRED: Final = ("code", "name")
#: The first of each is how an expectation names it.
TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("事项编号", "事项编码", "主项编号", "主项编码", "编号", "编码"),
    "name": ("事项名称", "监管事项", "主项名称", "事项", "主项", "名称", "zh"),
    "name_en": ("事项英文", "英文名称", "en"),
    "department": ("部门编号", "部门代码", "部门编码", "departmentcode"),
    "department_name": ("监管部门", "实施部门", "责任部门", "实施主体", "部门名称", "部门"),
    "department_name_en": ("部门英文",),
    "qualification": ("人员资质", "检查人员资质", "资质"),
    "method": ("检查方式", "监管方式", "检查方法", "方式", "methods"),
    "law": ("法律依据", "检查依据", "设定依据", "依据", "法律法规", "basis"),
    "article": ("条款", "条文"),
    "basis_source": ("依据出处", "出处", "source"),
    "per_year_a": ("A类每年次数", "A类每年", "A类", "A"),
    "per_year_b": ("B类每年次数", "B类每年", "B类", "B"),
    "per_year_c": ("C类每年次数", "C类每年", "C类", "C"),
    "per_year_d": ("D类每年次数", "D类每年", "D类", "D"),
    "alert_kinds": ("预警类型", "预警"),
    "sub_code": ("子项编号", "子项编码"),
    "sub": ("子项名称", "子项", "subitem"),
    "sub_en": ("子项英文",),
    "question_code": ("问题编号", "检查内容编号"),
    "question": ("检查内容", "检查要点", "检查问题", "问题"),
    "question_en": ("检查内容英文", "问题英文"),
    "answer": ("回答方式", "答案类型", "回答"),
    "unit": ("单位",),
    "into": ("并入事项", "并入", "合并至", "合并到"),
    "because": ("并入理由", "合并理由", "合并原因", "reason"),
}
METHODS: Final[Mapping[str, Method]] = {
    **{one.value: one for one in Method},
    **dict.fromkeys(("现场", "现场检查", "实地", "实地检查"), Method.ON_SITE),
    **dict.fromkeys(("书面", "书面检查", "资料", "资料核查", "文件"), Method.DOCUMENT),
    **dict.fromkeys(("远程", "远程监管", "非现场", "非现场监管", "网络"), Method.REMOTE),
}
ANSWERS: Final[Mapping[str, AnswerKind]] = {
    **{one.value: one for one in AnswerKind},
    **dict.fromkeys(("是否符合", "符合", "是否"), AnswerKind.COMPLIES),
    **dict.fromkeys(("数值", "数字", "数量"), AnswerKind.NUMBER),
    **dict.fromkeys(("文字", "文本", "描述"), AnswerKind.TEXT),
}


class CatalogueComplaint(StrEnum):
    """What is wrong with a catalogue's table, in words; `{0}` … are values. Other languages translate these."""

    LACKING = "is missing, and no version in force says it"
    NO_CODE = "is {0}; expected 1 to 32 letters, digits, '.' or '-'"
    TWICE = "item {0} stands in the file twice, first in row {1}"
    BEGINS_WITH_NONE = "is missing; a row without a code belongs to the item above it, and there is none"
    DIFFERS = "is {0}, and {1} in row {2}; expected the same, or nothing, in each row of an item"
    NO_DEPARTMENT = "is {0}; expected one of {1}, or the code and the name of a new one"
    NO_METHOD = "is {0}; expected on_site (现场), document (书面) or remote (远程)"
    NO_TIMES = "is {0}; expected visits a year, a whole number from 0 to 366"
    NO_ALERT_KIND = "is {0}; expected a kind of alerts, as price_over_cap"
    KIND_TAKEN = "{0} belongs to item {1} too; a kind of alerts belongs to one item"
    NO_ANSWER = "is {0}; expected complies (是否符合), number (数值) or text (文字)"
    PART_TWICE = "{0} stands in item {1} twice"
    NOT_HERE = "is {0}; expected the code of another item of this file"
    CIRCLE = "{0}: an item cannot become part of itself"
    NEVER_AGAIN = "{0} was merged into {1}; its code is never used again"
    MERGED_OTHERWISE = "{0} was merged into {1}, not into {2}; that is for ever"
    TOO_MANY_ITEMS = "there are {0} items; expected {1} at most"
