"""docs/items.md says of the shipped catalogue what is in it."""

from pathlib import Path

from supervision.items.catalogue_file import read_catalogue

ROOT = Path(__file__).parents[4]


def test_the_page_s_table_is_the_shipped_catalogue() -> None:
    filed = read_catalogue((ROOT / "data" / "supervision_items.toml").read_bytes(), "shipped")
    page = (ROOT / "docs" / "items.md").read_text(encoding="utf-8")
    for one in filed.items:
        if one.alert_kinds:
            kinds = ", ".join(f"`{kind}`" for kind in one.alert_kinds)
            assert f"| {one.code} {one.name} | {kinds} |" in page
    before = len(filed.items) + len(filed.merges)
    assert f"{len(filed.items)} items that three departments listed as\n{before}." in page
