"""A catalogue's file: what the shipped one says, and every mistake by its place."""

import re
from pathlib import Path

import pytest

from domain.alert import AlertKind
from domain.errors import BadFile
from domain.supervision_item import AnswerKind, RiskClass
from supervision.items.catalogue_file import MOST_BYTES, read_catalogue

SHIPPED = Path(__file__).parents[4] / "data" / "supervision_items.toml"
HEAD = """version = "1"
title = "t"
source = "s"
[[department]]
code = "market"
zh = "市场"
en = "market"
"""
ITEM = """
[[item]]
code = "{code}"
zh = "明码标价"
en = "price marking"
department = "market"
qualification = "price"
method = ["on_site"]
basis = [{{ law = "价格法", article = "第十三条" }}]
per_year = {{ A = 1, B = 4, C = 12, D = 12 }}
{more}
"""


def item(code: str = "P1", more: str = "") -> str:
    return ITEM.format(code=code, more=more)


def merged(code: str, into: str) -> str:
    return item(code, f'into = "{into}"\nbecause = "the same"').replace("[[item]]", "[[merged]]")


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(BadFile) as refused:
        read_catalogue(text.encode(), "items.toml")
    return refused.value.problems


def test_the_shipped_catalogue_names_a_basis_and_a_source_for_every_item() -> None:
    filed = read_catalogue(SHIPPED.read_bytes(), SHIPPED.name)
    assert (len(filed.items), len(filed.merges)) == (19, 5)
    assert "参考样式" in filed.title
    for one in (*filed.items, *(merge.item for merge in filed.merges)):
        assert all(re.search("[一-龥A-Z]{2}.*[0-9（]", basis.source) for basis in one.basis), one.code


def test_every_kind_of_alert_that_is_of_one_matter_belongs_to_one_shipped_item() -> None:
    filed = read_catalogue(SHIPPED.read_bytes(), SHIPPED.name)
    kinds = [kind for one in filed.items for kind in one.alert_kinds]
    # A list that is missing is the office's own lack: no subject is checked for it. A complaint may be about anything.
    assert sorted(kinds) == sorted(set(AlertKind) - {AlertKind.CAP_LIST_MISSING, AlertKind.COMPLAINT})


def test_an_item_is_read_whole() -> None:
    more = """alert_kinds = ["price_over_cap"]
sub = [{ code = "1", zh = "子项", en = "sub" }]
question = [{ code = "n", zh = "几种", en = "how many", answer = "number", unit = "种" }]"""
    (one,) = read_catalogue((HEAD + item("P1", more)).encode(), "f").items
    assert one.basis[0].named == "价格法 第十三条"
    assert one.per_year[RiskClass.C] == 12
    assert (one.sub_items[0].name, one.questions[0].answer, one.questions[0].unit) == ("子项", AnswerKind.NUMBER, "种")
    assert one.alert_kinds == (AlertKind.PRICE_OVER_CAP,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", "Invalid value"),
        ('version = "1"', "missing required field `title`"),
        ("item = []\n" + HEAD, "item is empty; expected at least one"),
        (HEAD + item("P 1"), "code is 'P 1'; expected 1 to 32 letters"),
        (HEAD + item("P1") + item("P1"), "item 'P1' stands 2 times; expected once"),
        (HEAD + item().replace('"market"\nqual', '"police"\nqual'), "department is 'police'; expected one of market"),
        (HEAD + item().replace(", D = 12", ""), "per_year lacks D"),
        (HEAD + item().replace("A = 1", "A = -1"), "item 1 ('P1'): Expected `int` >= 0"),
        (HEAD + item().replace("on_site", "by_smell"), "Invalid enum value 'by_smell'"),
        (
            HEAD
            + item("P1", 'alert_kinds = ["price_over_cap"]')
            + item("P2")
            + merged("P3", "P2").replace("[[merged]]", '[[merged]]\nalert_kinds = ["price_over_cap"]'),
            "alert kind 'price_over_cap' stands 2 times; expected once",
        ),
        (HEAD + item("P1", "colour = 1"), "unknown field `colour`"),
        (HEAD + item("P1", 'alert_kinds = ["nonsense"]'), "Invalid enum value 'nonsense'"),
        (
            HEAD + item("P1", 'alert_kinds = ["low_use"]') + item("P2", 'alert_kinds = ["low_use"]'),
            "alert kind 'low_use' stands 2 times",
        ),
        (HEAD + item() + merged("P2", "P9"), "merged P2: into is 'P9'; expected the code of an item"),
        (HEAD + item() + merged("P2", "P3") + merged("P3", "P2"), "merged P2 → P3 → P2: an item cannot become part"),
        (HEAD + item() + merged("P2", "P2"), "merged P2 → P2"),
        (HEAD + item() + merged("P1", "P1"), "item 'P1' stands 2 times"),
    ],
)
def test_a_mistake_is_said_with_its_place(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(text)), problems(text)


def test_every_problem_is_told_of_at_once() -> None:
    found = problems(HEAD + item("P 1") + item("P2").replace("on_site", "x") + item("P3").replace(", D = 12", ""))
    assert [any(f"{word}" in one for one in found) for word in ("P 1", "P2", "P3")] == [True] * 3


def test_what_is_no_text_or_too_large_is_refused() -> None:
    with pytest.raises(BadFile, match="byte 0 is no UTF-8"):
        read_catalogue(b"\xff\xfe", "f")
    with pytest.raises(BadFile, match="expected 1048576 at most"):
        read_catalogue(b" " * (MOST_BYTES + 1), "f")


def test_what_was_merged_may_be_about_the_kinds_of_what_it_became_part_of() -> None:
    kinds = 'alert_kinds = ["price_over_cap"]'
    text = HEAD + item("P1", kinds) + merged("P2", "P1").replace("[[merged]]", f"[[merged]]\n{kinds}")
    assert len(read_catalogue(text.encode(), "f").merges) == 1
