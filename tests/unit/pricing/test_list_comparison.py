"""What a list changes: every item once, large changes marked from the first fen beyond 30 %."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit
from pricing.list_comparison import ChangeKind, ListedItem, Said, compare, counted

F01 = SpeciesCode("F01")
CODES = [SpeciesCode(code) for code in ("F01", "F02", "S01")]
CAPPED = st.builds(Said, st.just(CapStatus.CAPPED), st.sampled_from(CapUnit), st.integers(1, 1000))
OTHER = st.builds(Said, st.sampled_from([CapStatus.UNCAPPED, CapStatus.OUT_OF_STOCK]), st.just(CapUnit.KG), st.none())
LISTS = st.lists(
    st.builds(
        ListedItem, st.sampled_from(["F01", "F02", "S01"]).map(SpeciesCode), st.sampled_from(["", "大"]), CAPPED | OTHER
    ),
    unique_by=lambda item: (item.species, item.grade),
)


def said(fen: int | None, status: CapStatus = CapStatus.CAPPED, unit: CapUnit = CapUnit.KG) -> Said:
    return Said(status, unit, fen)


def marked_up(permille: int) -> Said:
    return Said(CapStatus.OUT_OF_STOCK, CapUnit.KG, None, (permille, None))


@pytest.mark.parametrize(
    ("before", "after", "kind", "permille", "is_large"),
    [
        (said(1000), said(1000), ChangeKind.SAME, 0, False),
        (said(1000), said(1300), ChangeKind.UP, 300, False),
        (said(10000), said(13001), ChangeKind.UP, 301, True),
        (said(10000), said(7000), ChangeKind.DOWN, -300, False),
        (said(10000), said(6999), ChangeKind.DOWN, -301, True),
        (said(1000), said(2000), ChangeKind.UP, 1000, True),
        (said(1000), said(None, CapStatus.UNCAPPED), ChangeKind.STATUS, None, False),
        (said(None, CapStatus.OUT_OF_STOCK), said(None, CapStatus.UNCAPPED), ChangeKind.STATUS, None, False),
        (said(1000), said(1000, unit=CapUnit.PIECE), ChangeKind.UNIT, None, True),
        (marked_up(900), marked_up(900), ChangeKind.SAME, None, False),
        (marked_up(900), marked_up(1900), ChangeKind.STATUS, None, False),
        (None, said(1000), ChangeKind.NEW, None, False),
        (said(1000), None, ChangeKind.GONE, None, False),
    ],
)
def test_what_happened_to_an_item(
    before: Said | None, after: Said | None, kind: ChangeKind, permille: int | None, is_large: bool
) -> None:
    old, new = ([] if one is None else [ListedItem(F01, "大", one)] for one in (before, after))
    (change,) = compare(old, new)
    assert (change.kind, change.permille, change.is_large) == (kind, permille, is_large)


@given(LISTS, LISTS)
def test_every_item_of_both_lists_is_told_of_once(old: list[ListedItem], new: list[ListedItem]) -> None:
    changes = compare(old, new)
    keys = [(one.species, one.grade) for one in changes]
    assert len(keys) == len(set(keys))
    assert set(keys) == {(one.species, one.grade) for one in (*old, *new)}
    assert sum(counted(changes).values()) == len(changes)


@given(LISTS)
def test_a_list_changes_nothing_against_itself(items: list[ListedItem]) -> None:
    assert {one.kind for one in compare(items, items)} <= {ChangeKind.SAME}
