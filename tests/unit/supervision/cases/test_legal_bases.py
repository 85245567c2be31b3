"""Legal bases: each row with its source, every mistake of a file at once, and no number to reckon with."""

from pathlib import Path

import msgspec
import pytest

import supervision.cases.deciding
import supervision.cases.legal_bases
from domain.alert import AlertKind
from domain.errors import BadFile
from steelyard.resources import data_directory
from supervision.cases.legal_bases import LegalBasis, SourceKind, read_legal_bases

SHIPPED = read_legal_bases(data_directory() / "legal_bases.toml")
ROW = """
[[basis]]
code = "one"
conduct = "不执行政府指导价"
conduct_en = "not keeping to a guided price"
law = "价格法"
article = "第三十九条"
consequence = "责令改正"
statutory_range = "见规定"
applies_to = ["经营者"]
source = "价格法"
source_kind = "law_text"
is_verified = false
"""


def read(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "legal_bases.toml"
    path.write_text('version = "1"\ntitle = "t"\n' + text, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_legal_bases(path)
    return list(caught.value.problems)


def test_every_shipped_row_names_its_source_and_none_claims_to_be_verified() -> None:
    assert all(one.source and one.source_kind is SourceKind.SECOND_HAND for one in SHIPPED.basis)
    assert not any(one.is_verified for one in SHIPPED.basis)


def test_a_benchmark_that_is_shipped_is_of_somewhere_and_says_of_where() -> None:
    with_one = {one.code: [grade.name for grade in one.benchmark] for one in SHIPPED.basis if one.benchmark}
    assert with_one == {
        "price_intervention": ["轻微", "一般", "较严重", "严重", "特别严重"],
        "price_fraud": ["从重"],
        "grade_raised": ["从轻或者减轻", "一般"],
    }
    assert all("转载" in grade.source for one in SHIPPED.basis for grade in one.benchmark)


def test_rows_are_found_by_the_kinds_of_a_case() -> None:
    found = SHIPPED.of_kinds(frozenset({AlertKind.GRADE_UPGRADE}))
    assert [one.code for one in found] == ["grade_raised"]
    assert SHIPPED.of_kinds(frozenset({AlertKind.CLOCK_DRIFT})) == ()


def test_no_field_of_a_row_is_a_number_so_that_no_fine_can_be_computed() -> None:
    """And neither module of a decision reckons: there is no arithmetic on an amount in their code."""
    types = {field.type for field in msgspec.structs.fields(LegalBasis)}
    assert not types & {int, float}
    for module in (supervision.cases.legal_bases, supervision.cases.deciding):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert "overcharge" not in source
        assert not any(f"amount_fen {sign}" in source for sign in "+-*/")
        assert not any(f"{sign} decision.amount_fen" in source for sign in "+-*/")


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = ROW.replace('"law_text"', '"hearsay"')
    verified = ROW.replace('"law_text"', '"second_hand"').replace("is_verified = false", "is_verified = true")
    problems = read(tmp_path, wrong + verified + ROW)
    assert len(problems) == 3
    assert "source_kind" in problems[0]
    assert "twice" in problems[1]
    assert "is_verified" in problems[2]


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ["basis: there is none; expected one at least"]
