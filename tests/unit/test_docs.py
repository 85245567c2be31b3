"""The pages hang together: links lead somewhere, and no page is left alone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)(?P<target>[^)#\s]*)(#(?P<anchor>[^)\s]+))?\)")
HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[tuple[Path, str | None]]:
    prose = CODE.sub("", page.read_text(encoding="utf-8"))
    return [
        ((page.parent / link["target"]).resolve() if link["target"] else page, link["anchor"])
        for link in LINK.finditer(prose)
    ]


def anchors(page: Path) -> set[str]:
    """As code hosts make them of headings: lower case, words by hyphens, no other signs."""
    prose = CODE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", found["text"].lower()).replace(" ", "-") for found in HEADING.finditer(prose)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert anchor is None or anchor in anchors(target), f"{target.name}#{anchor}"


def test_every_page_is_reached_from_the_first_one() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting += [target for target, _anchor in links(page)]
    assert {page for page in PAGES if page not in reached} == set()


def test_decisions_are_numbered_without_a_gap_and_say_their_number() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for number, page in zip(numbers, decisions, strict=True):
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. ")
