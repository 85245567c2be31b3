"""Merged items: the map from old to new, nothing that was checked is lost, and what looks like one item twice."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import AlertKind
from domain.errors import IllegalTransition, RuleViolation
from domain.supervision_item import AnswerKind, Basis, Item, Method, Question, RiskClass, SubItem
from supervision.items.comparison import compare
from supervision.items.likeness import likely_duplicates, matching
from supervision.items.merging import cycle_in, require_mergeable, require_never_reused, resolved, whole_of


def an_item(code: str, name: str = "", law: str = "价格法", article: str = "第十三条", **more: Any) -> Item:
    values: dict[str, Any] = {
        "name": name or f"事项{code}",
        "name_en": code,
        "department": "market",
        "qualification": "price",
        "basis": (Basis(law=law, article=article),),
        "methods": (Method.ON_SITE,),
        "per_year": {RiskClass.A: 1, RiskClass.B: 2, RiskClass.C: 4, RiskClass.D: 12},
    }
    return Item(code=code, **{**values, **more})


def asking(code: str, text: str) -> Question:
    return Question(code=code, text=text, text_en=text, answer=AnswerKind.COMPLIES)


def test_an_old_code_is_followed_through_every_merge() -> None:
    assert resolved("A", {"A": "B", "B": "C"}) == "C"
    assert resolved("Z", {"A": "B"}) == "Z"


@given(st.dictionaries(st.integers(0, 12), st.integers(0, 12), max_size=13))
def test_a_map_without_a_round_trip_resolves_and_one_with_it_is_found(numbers: dict[int, int]) -> None:
    into = {str(old): str(new) for old, new in numbers.items()}
    circle = cycle_in(into)
    if circle:
        assert circle[0] == circle[-1]
        assert all(into[one] == after for one, after in pairwise(circle))
        with pytest.raises(ValueError, match="circle"):
            resolved(circle[0], into)
    else:
        assert all(resolved(code, into) not in into for code in into)


def test_merging_refuses_what_cannot_be() -> None:
    present = ["A", "B", "C"]
    require_mergeable("A", "B", present, {})
    with pytest.raises(RuleViolation, match="cannot become part of itself"):
        require_mergeable("A", "A", present, {})
    with pytest.raises(RuleViolation, match="there is no item X"):
        require_mergeable("A", "X", present, {})
    with pytest.raises(IllegalTransition, match="A became part of C already"):
        require_mergeable("A", "C", ["C"], {"A": "B", "B": "C"})


def test_the_code_of_a_merged_item_is_never_used_again() -> None:
    require_never_reused(["B"], {"A": "B"})
    with pytest.raises(RuleViolation, match=r"A \(merged into B\)"):
        require_never_reused(["A", "B"], {"A": "B"})


def test_a_merged_item_checks_all_that_both_checked() -> None:
    kept = an_item(
        "P1",
        questions=(asking("tags", "标价？"), asking("unit", "单位？")),
        sub_items=(SubItem(code="1", name="一", name_en="one"),),
        alert_kinds=(AlertKind.PRICE_SCALED,),
    )
    other = an_item(
        "C1",
        law="价格规定",
        methods=(Method.REMOTE, Method.ON_SITE),
        per_year={RiskClass.A: 0, RiskClass.B: 4, RiskClass.C: 4, RiskClass.D: 1},
        questions=(asking("other", "标价？"), asking("unit", "公示？")),
        sub_items=(SubItem(code="1", name="二", name_en="two"),),
        alert_kinds=(AlertKind.UNIT_CONFUSION,),
    )
    whole = whole_of(kept, other)
    assert (whole.code, whole.name) == ("P1", kept.name)
    assert [one.named for one in whole.basis] == ["价格法 第十三条", "价格规定 第十三条"]
    assert whole.methods == (Method.ON_SITE, Method.REMOTE)
    assert dict(whole.per_year) == {RiskClass.A: 1, RiskClass.B: 4, RiskClass.C: 4, RiskClass.D: 12}
    # The same question in other words' code is asked once; another question under a taken code keeps its item's.
    assert [(one.code, one.text) for one in whole.questions] == [
        ("tags", "标价？"),
        ("unit", "单位？"),
        ("C1.unit", "公示？"),
    ]
    assert [one.code for one in whole.sub_items] == ["1", "C1.1"]
    assert whole.alert_kinds == (AlertKind.PRICE_SCALED, AlertKind.UNIT_CONFUSION)


def test_the_same_item_twice_is_suggested_and_neighbours_are_not() -> None:
    items = [
        an_item("P1", "明码标价"),
        an_item("C1", "明码标价监督检查"),
        an_item("C2", "海鲜明码标价专项检查", law="地方规定"),
        an_item("M1", "计量器具检定", law="计量法实施细则"),
        an_item("R1", "红黄牌公示"),
    ]
    found = [(one.kept.code, one.other.code, bool(one.shared)) for one in likely_duplicates(items)]
    assert found == [("P1", "C1", True), ("C1", "C2", False), ("P1", "C2", False)]


def test_the_one_with_more_to_check_is_kept() -> None:
    (found,) = likely_duplicates([an_item("A", "明码标价"), an_item("B", "明码标价", questions=(asking("q", "？"),))])
    assert (found.kept.code, found.other.code) == ("B", "A")


def test_a_search_wants_every_word_in_code_name_or_basis() -> None:
    items = [an_item("P1", "明码标价"), an_item("M1", "检定", law="计量法")]
    assert [one.code for one in matching(items, "标价 第十三条")] == ["P1"]
    assert [one.code for one in matching(items, "m1")] == ["M1"]
    assert [one.code for one in matching(items, "　计量法　")] == ["M1"]
    assert matching(items, "标价 计量法") == []
    assert len(matching(items, "")) == 2


def test_a_version_is_compared_with_the_one_before() -> None:
    old = [an_item("A"), an_item("B"), an_item("C"), an_item("D")]
    new = [an_item("A"), an_item("B", "别名"), an_item("E")]
    found = compare(old, new, {"C": "A"})
    assert (found.added, found.changed, found.merged, found.left_out) == (("E",), ("B",), ("C",), ("D",))
