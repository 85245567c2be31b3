"""A list as somebody looks at it: itself, its items, and what it changed against the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import Connection

from db import cap_list_pages
from db.cap_list_pages import ItemDetail, ListDetail, SpeciesTitle
from domain.ids import MarketId, SpeciesCode
from pricing.list_comparison import Change, ListedItem, compare, said_of


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedAt:
    """A list and its items; `before`: what it took over from, which `changes` are against (None: nothing)."""

    detail: ListDetail
    items: Sequence[ItemDetail]
    before: ListDetail | None
    changes: Sequence[Change]
    titles: Mapping[SpeciesCode, SpeciesTitle]


def look_at(conn: Connection, cap_list_id: int, scope: MarketId | None) -> LookedAt | None:
    """Return a list in scope (None: all), or None."""
    detail = cap_list_pages.one(conn, cap_list_id, scope)
    if detail is None:
        return None
    before_id = cap_list_pages.before(conn, cap_list_id)
    before = None if before_id is None else cap_list_pages.one(conn, before_id, scope)
    items = cap_list_pages.items(conn, cap_list_id)
    old = [] if before is None else cap_list_pages.items(conn, before.cap_list_id)
    return LookedAt(
        detail=detail,
        items=items,
        before=before,
        changes=compare(map(_listed, old), map(_listed, items)),
        titles=cap_list_pages.species_titles(conn),
    )


def _listed(item: ItemDetail) -> ListedItem:
    return ListedItem(item.species_code, item.grade, said_of(item))
