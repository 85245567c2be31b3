"""Why a file cannot be used is said in the reader's language, whatever wrote it down."""

import io

import pytest
from openpyxl import Workbook

from domain.errors import BadFile
from tables.files import table_of
from web.file_words import told_of_file
from web.i18n import Language, translations


def workbook(*sheets: str) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in sheets:
        book.create_sheet(name)["A1"] = name
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件为空"),
        (b" \r\n", "文件为空"),
        (b"x" * 5_000_000, "文件过大"),
        (b"\xd0\xcf\x11\xe0", "旧版或加密"),
        (b"PK\x03\x04 no archive", "工作簿已损坏"),
        (b"\x00\x01\x02", "无法作为表格读取"),
        (b"\xff\xff\xff", "无法作为表格读取"),
        (workbook("one", "two"), "有 2 个工作表含内容（'one', 'two'）"),
    ],
    ids=range(8),
)
def test_a_file_that_cannot_be_read_is_refused_in_chinese(data: bytes, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        table_of(data, "a.csv")
    told = told_of_file(str(refused.value), translations(Language.ZH).gettext)
    assert told is not None
    assert said in told


def test_what_nobody_put_into_words_is_left_to_the_technical_ones() -> None:
    assert told_of_file("a.csv: 1 problem(s)\n  is odd", str) is None
