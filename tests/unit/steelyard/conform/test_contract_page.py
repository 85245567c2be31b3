"""The page of the wire contract has every statement that `steelyard conform` checks, in its order and its words."""

import re
from pathlib import Path

from steelyard.conform.check import STATEMENTS

PAGE = Path(__file__).parents[4] / "docs" / "wire-contract.md"
ROW = re.compile(r"^\| (?P<number>[A-Z]\d+) \| (?P<weight>must|may) \| (?P<text>.+) \|$", re.MULTILINE)


def test_the_page_has_the_statements_of_the_check() -> None:
    _before, _heading, section = PAGE.read_text(encoding="utf-8").partition("\n## Conformance\n")
    told = [(row["number"], row["weight"], row["text"]) for row in ROW.finditer(section)]
    assert told == [(one.number, "must" if one.is_must else "may", one.text) for one in STATEMENTS]
    assert len({number for number, _weight, _text in told}) == len(told)
