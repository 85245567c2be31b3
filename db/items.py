"""The catalogue of supervision items: versions, their items, and what was merged into what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection, errors
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.alert import AlertKind
from domain.errors import IllegalTransition
from domain.supervision_item import Catalogue, CatalogueState, Department, Item, Merge

_SQL = load("items")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCatalogue:
    """The head of a version that is drafted."""

    version: str
    title: str
    source: str
    departments: tuple[Department, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionOfItem:
    """A published version that holds an item."""

    catalogue_id: int
    version: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedItem:
    """An item that is to become part of another, with the reason."""

    item: Item
    into_code: str
    reason: str


def insert_draft(conn: Connection, new: NewCatalogue, items: Sequence[Item], *, by: str, at: datetime) -> int:
    """Keep a draft with its items; return its catalogue_id.

    Raise IllegalTransition where there is a draft already, or a version of that name; the transaction is over then.
    """
    head = {"version": new.version, "title": new.title, "source": new.source, "by": by, "at": at}
    try:
        row = conn.execute(_SQL["insert_catalogue"], {**head, "departments": _json(new.departments)}).fetchone()
    except errors.UniqueViolation as error:
        if error.diag.constraint_name == "item_catalogues_one_draft":
            raise IllegalTransition(
                "there is a draft already: publish or discard it first", problem="draft_already"
            ) from None
        raise IllegalTransition(
            f"there is a version {new.version!r} already: give this one another name", problem="version_taken"
        ) from None
    if row is None:
        raise LookupError("INSERT … RETURNING gave no catalogue_id")
    parameters = {"catalogue_id": row[0], "items": _json(items)}
    conn.execute(_SQL["insert_items"], parameters)
    conn.execute(_SQL["insert_kinds"], parameters)
    return int(row[0])


def insert_merge(conn: Connection, catalogue_id: int, merged: MergedItem, *, by: str, at: datetime) -> None:
    """Note in a draft that an item became part of another."""
    conn.execute(
        _SQL["insert_merge"],
        {
            "catalogue_id": catalogue_id,
            "old_code": merged.item.code,
            "into_code": merged.into_code,
            "old_item": _json(merged.item),
            "reason": merged.reason,
            "by": by,
            "at": at,
        },
    )


def take_into(conn: Connection, catalogue_id: int, old_code: str, whole: Item) -> None:
    """In a draft, take an item out and let `whole` stand for both."""
    conn.execute(_SQL["delete_kinds_of"], {"catalogue_id": catalogue_id, "codes": [old_code, whole.code]})
    conn.execute(_SQL["delete_item"], {"catalogue_id": catalogue_id, "code": old_code})
    conn.execute(_SQL["replace_item"], {"catalogue_id": catalogue_id, "code": whole.code, "body": _json(whole)})
    conn.execute(_SQL["insert_kinds"], {"catalogue_id": catalogue_id, "items": _json([whole])})


def decide(conn: Connection, catalogue_id: int, state: CatalogueState, *, by: str, at: datetime) -> None:
    """Publish or discard a draft."""
    conn.execute(_SQL["decide"], {"catalogue_id": catalogue_id, "state": state, "by": by, "at": at})


def catalogues(
    conn: Connection,
    *,
    catalogue_id: int | None = None,
    state: CatalogueState | None = None,
    in_force: bool = False,
) -> list[Catalogue]:
    """Return versions, the newest first."""
    parameters = {"catalogue_id": catalogue_id, "state": state, "in_force": in_force}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, Catalogue) for row in cursor.execute(_SQL["catalogues"], parameters).fetchall()]


def one(conn: Connection, catalogue_id: int) -> Catalogue | None:
    """Return a version, or None."""
    return next(iter(catalogues(conn, catalogue_id=catalogue_id)), None)


def one_locked(conn: Connection, catalogue_id: int) -> Catalogue | None:
    """Return a version that nobody else changes until the transaction ends, or None."""
    conn.execute(_SQL["lock_catalogue"], {"catalogue_id": catalogue_id})
    return one(conn, catalogue_id)


def in_force(conn: Connection) -> Catalogue | None:
    """Return the version that was published last, or None."""
    return next(iter(catalogues(conn, in_force=True)), None)


def items_of(conn: Connection, catalogue_id: int) -> list[Item]:
    """Return the items of a version in their order."""
    return _items(conn, "items_of", {"catalogue_id": catalogue_id, "code": None})


def item(conn: Connection, catalogue_id: int, code: str) -> Item | None:
    """Return an item as a version has it, or None."""
    return next(iter(_items(conn, "items_of", {"catalogue_id": catalogue_id, "code": code})), None)


def merged_item(conn: Connection, code: str) -> Item | None:
    """Return an item as it was when it became part of another, or None."""
    return next(iter(_items(conn, "merged_item", {"code": code})), None)


def versions_of(conn: Connection, code: str) -> list[VersionOfItem]:
    """Return the published versions that hold an item, the newest first."""
    with conn.cursor(row_factory=class_row(VersionOfItem)) as cursor:
        return cursor.execute(_SQL["versions_of"], {"code": code}).fetchall()


def merges(conn: Connection, *, with_draft: int | None = None) -> list[Merge]:
    """Return every merge that holds, the oldest first; `with_draft`: those of a draft too."""
    with conn.cursor(row_factory=class_row(Merge)) as cursor:
        return cursor.execute(_SQL["merges"], {"with_draft": with_draft}).fetchall()


def merges_in(conn: Connection, catalogue_id: int) -> list[Merge]:
    """Return the merges that were made in a version."""
    with conn.cursor(row_factory=class_row(Merge)) as cursor:
        return cursor.execute(_SQL["merges_in"], {"catalogue_id": catalogue_id}).fetchall()


def code_for_kind(conn: Connection, kind: AlertKind) -> tuple[int, str] | None:
    """Return the version in force and the code of the item that a kind of alert belongs to; None: to no item."""
    row = conn.execute(_SQL["code_for_kind"], {"kind": kind}).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def _items(conn: Connection, name: str, parameters: dict[str, Any]) -> list[Item]:
    return [msgspec.convert(row[0], Item) for row in conn.execute(_SQL[name], parameters).fetchall()]


def _json(value: Any) -> Jsonb:
    return Jsonb(msgspec.to_builtins(value))
