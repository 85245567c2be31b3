"""Every refusal of inspections and supervision items has words of a page, and each of them names what it was told."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from domain.errors import FieldRefused, RuleViolation
from supervision.notices.addresses import BadAddress
from web.i18n import Language, translations
from web.refused_words import REFUSED_WORDS, refusal_in_words

_ROOT = Path(__file__).parents[3]
_RAISED_IN = [
    *_ROOT.glob("supervision/inspections/*.py"),
    *_ROOT.glob("supervision/items/[km]e*.py"),
    *_ROOT.glob("web/pages/inspections/p*.py"),
    *_ROOT.glob("supervision/exports/*.py"),
    *_ROOT.glob("credit/rotation/*.py"),
    *_ROOT.glob("web/pages/rotation/*.py"),
    _ROOT / "supervision/register/rotating.py",
    *_ROOT.glob("pricing/*.py"),
    _ROOT / "web/list_forms.py",
    _ROOT / "web/pages/markup_rates.py",
    _ROOT / "db/exemptions.py",
    _ROOT / "db/markup_rates.py",
    _ROOT / "db/inspectors.py",
    _ROOT / "db/items.py",
    _ROOT / "web/price_scopes.py",
]
_ERRORS = {"RuleViolation", "IllegalTransition", "NotFound"}


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield every problem that the code names, with the names of its facts."""
    for path in _RAISED_IN:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in _ERRORS:
                continue
            values = {one.arg: one.value for one in call.keywords}
            if "problem" not in values:
                continue
            facts = values.get("facts")
            names = [ast.literal_eval(one) for one in facts.keys if one] if isinstance(facts, ast.Dict) else []
            if isinstance(values["problem"], ast.Constant):
                yield str(values["problem"].value), frozenset(names)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_problem_has_words_and_the_words_name_only_what_was_told() -> None:
    found = list(raised())
    assert len({problem for problem, _ in found}) > 30
    for problem, facts in found:
        assert places(REFUSED_WORDS[problem]) <= facts, problem


@pytest.mark.parametrize("language", list(Language))
def test_a_refusal_is_told_in_the_language_of_the_page(language: Language) -> None:
    facts = {"day": "2027-12-01", "first": "2026-11-28", "last": "2027-02-26"}
    error = RuleViolation("rectify_by is …", problem="not_a_day_within", facts=facts)
    told = refusal_in_words(error, translations(language).gettext)
    assert ("请选择" in told) == (language is Language.ZH)
    assert all(day in told for day in facts.values())


def test_a_field_of_exports_is_told_by_its_own_words() -> None:
    zh = translations(Language.ZH).gettext
    assert refusal_in_words(FieldRefused("name", "x", "another", problem="taken"), zh) == "已有同名的接收方。"
    assert "不能向该地址推送" in refusal_in_words(BadAddress("url is …"), zh)


def test_what_has_no_words_is_left_to_its_own_sentence() -> None:
    assert not refusal_in_words(RuleViolation("something else"), str)
    assert not refusal_in_words(FieldRefused("name", "", "one", problem="unheard_of"), str)
    assert not refusal_in_words(ValueError("no refusal"), str)
