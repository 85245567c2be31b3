"""Every form holds the same figures: the sections they are laid out from, the workbook, the CSV and the PDF."""

import csv
import io
from enum import StrEnum
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from credit.reports.as_pdf import MOST_ROWS, Paper, as_pdf, qr_svg
from credit.reports.as_table import as_csv, as_xlsx
from credit.reports.kinds import AboutWhom, Variant
from credit.reports.layout import Money, Points, Sheet, plain, text_of
from credit.reports.sections import sheet_of
from credit.reports.shape import canonical, digest_of
from credit.reports.shape_of_lines import VendorLine
from credit.reports.shape_of_parts import Figures, Subject
from credit.reports.words import TEXTS, Language, said
from tests.unit.credit.reports.a_report import KNOWN_AT, a_report

ADDRESS = "https://console.example/verify/7QK2M9XT41BD"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
PAPER = Paper("Steelyard", KNOWN_AT)


def word(value: StrEnum) -> str:
    return f"<{value}>"


def laid_out(language: Language = "en", **more: Any) -> Sheet:
    report = a_report(**more)
    return sheet_of(report, language, word, digest=digest_of(canonical(report)), address=ADDRESS)


def of_many(vendors: int) -> Sheet:
    lines = tuple(
        VendorLine(
            market_id="m",
            vendor_id=f"V{n}",
            name="档",
            stalls="",
            score=100,
            tier="A",
            score_before=100,
            tier_before="A",
            vetoes=0,
            figures=Figures(),
            alerts=(),
        )
        for n in range(vendors)
    )
    subject = Subject(kind=AboutWhom.MARKET, market_id="m", market_name="M")
    return laid_out(subject=subject, score=None, lines=(), vendors=lines, median=100, median_before=100)


def cells_of(sheet: Sheet) -> list[Any]:
    """Every figure and text of the sections, as they are in a table."""
    cells: list[Any] = []
    for section in sheet.sections:
        cells += [cell for _, cell in section.facts] + [cell for row in section.rows for cell in row]
    return cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_csv_and_workbook_hold_every_figure_of_the_sections(language: Language) -> None:
    sheet = laid_out(language)
    in_csv = [cell for row in csv.reader(io.StringIO(as_csv(sheet))) for cell in row]
    book = load_workbook(io.BytesIO(as_xlsx(sheet)))
    in_book = [cell.value for page in book for row in page.iter_rows() for cell in row]
    for cell in cells_of(sheet):
        match cell:
            case Money(fen):
                assert text_of(cell) in in_csv
                assert fen / 100 in in_book
            case Points(points):
                assert str(points) in in_csv
                assert points in in_book
            case int():
                assert str(cell) in in_csv
                assert cell in in_book
    assert sheet.digest in in_csv
    assert sheet.digest in in_book


def test_the_working_is_the_score() -> None:
    facts = {label: value for section in laid_out().sections for label, value in section.facts}
    assert facts["Working"] == "100 −3 −6 = 91"
    assert facts["Score on 2026-11-28"] == 91


def test_a_pdf_is_the_same_bytes_twice_and_names_the_digest() -> None:
    sheet = laid_out("zh")
    made = as_pdf(sheet, PAPER)
    assert made == as_pdf(sheet, PAPER)
    assert made.startswith(b"%PDF-1.7")
    assert sheet.digest.encode() in made
    assert b"NotoSansSC" in made
    assert made != as_pdf(laid_out("en"), PAPER)


def test_a_workbook_is_the_same_bytes_twice_and_nothing_of_it_runs() -> None:
    sheet = laid_out()
    assert as_xlsx(sheet) == as_xlsx(sheet)
    book = load_workbook(io.BytesIO(as_xlsx(sheet)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert any("=SUM(A1)" in str(cell.value) for cell in cells)


def test_csv_quotes_what_a_spreadsheet_would_run() -> None:
    sheet = laid_out(subject=Subject(kind=AboutWhom.VENDOR, name="=1+1", vendor_id="@x", stalls="-2"))
    cells = [cell for row in csv.reader(io.StringIO(as_csv(sheet).lstrip("\ufeff"))) for cell in row]
    assert {"'=1+1", "'@x", "'-2"} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "@", "+")]


def test_a_public_sheet_says_nothing_of_what_may_be_pending() -> None:
    public = laid_out(variant=Variant.PUBLIC, identity=None, appeals=(), promises=())
    keys = {section.key for section in public.sections}
    titles = {column.title for section in public.sections for column in section.columns}
    assert "appeals" not in keys
    assert not titles & {said("en", "finality"), said("en", "pending_of_them"), said("en", "awaiting")}
    facts = {label for section in public.sections for label, _ in section.facts}
    assert said("en", "score_final") not in facts


def test_a_score_that_is_not_told_in_public_is_said_to_be_so() -> None:
    public = laid_out(variant=Variant.PUBLIC, identity=None, appeals=(), promises=(), score=None, lines=(), withheld=1)
    sections = {section.key: section for section in public.sections}
    assert "lines" not in sections
    assert sections["score"].notes == (said("en", "score_withheld"),)
    assert as_pdf(public, PAPER).startswith(b"%PDF")


def test_what_does_not_fit_on_paper_says_how_much_there_is() -> None:
    short, long = as_pdf(of_many(3), PAPER), as_pdf(of_many(MOST_ROWS + 1), PAPER)
    assert len(long) > len(short)
    assert len(next(one for one in of_many(MOST_ROWS + 1).sections if one.key == "vendors").rows) == MOST_ROWS + 1
    everything = as_csv(of_many(MOST_ROWS + 1))
    assert f"V{MOST_ROWS}" in everything


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60))
def test_any_name_is_a_name_in_every_form(name: str) -> None:
    sheet = laid_out(subject=Subject(kind=AboutWhom.VENDOR, name=name, vendor_id=name, stalls=name))
    assert as_pdf(sheet, PAPER).startswith(b"%PDF")
    load_workbook(io.BytesIO(as_xlsx(sheet)))
    assert as_csv(sheet)


def test_a_name_cannot_turn_the_line_around_it() -> None:
    assert plain("abc\u202egpj.exe\n x  y\u200b\x07 ") == "abcgpj.exe x y"
    assert plain("阿海 海鲜") == "阿海 海鲜"
    assert plain("a\x85b\u2028c\ue000") == "a b c\ue000"


def test_a_code_is_drawn() -> None:
    assert "<svg" in qr_svg(ADDRESS)


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_in_both_languages_with_the_same_facts(key: str) -> None:
    zh, en = TEXTS[key]
    assert zh
    assert en
    assert facts_of(zh) == facts_of(en)


def facts_of(text: str) -> set[str]:
    return {text[begin + 1 : text.index("}", begin)] for begin, one in enumerate(text) if one == "{"}


def test_sections_stand_in_the_order_of_a_reader() -> None:
    keys = [section.key for section in laid_out().sections]
    order = [
        "about",
        "score",
        "tiers",
        "figures",
        "lines",
        "alerts",
        "promises",
        "penalties",
        "appeals",
        "method",
        "limits",
    ]
    assert keys == order
    assert all(first != second for first, second in pairwise(keys))


def test_a_character_that_no_font_has_is_told_by_its_code_point() -> None:
    from credit.reports.as_pdf import _drawable

    assert _drawable("阿海 A−→·〔𠮷〕\U0001f41f") == "阿海 A−→·〔[U+20BB7]〕[U+1F41F]"
