"""The life of the catalogue: a draft, merges in it, publication by a second person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import items
from db.items import MergedItem, NewCatalogue
from domain.alert import AlertKind
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.supervision_item import Catalogue, CatalogueState, Item
from supervision.items.catalogue_file import CatalogueFile, FiledMerge
from supervision.items.merging import map_of, require_mergeable, require_never_reused, resolved, whole_of

_LONGEST_REASON: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundItem:
    """An item, and the version it was found in. `asked` is the code that was asked for, where that one was merged."""

    catalogue: Catalogue
    item: Item
    asked: str


def draft_from_file(conn: Connection, filed: CatalogueFile, *, by: str, at: datetime) -> int:
    """Keep a file's catalogue as a draft; return its catalogue_id.

    Merges of the file that were made in an earlier version are not made again. Raise RuleViolation where a code of a
    merged item is used again, IllegalTransition where there is a draft, or a version of that name.
    """
    whole, new = drafted(filed, map_of(items.merges(conn)))
    head = NewCatalogue(version=filed.version, title=filed.title, source=filed.source, departments=filed.departments)
    catalogue_id = items.insert_draft(conn, head, whole, by=by, at=at)
    for one in new:
        merged = MergedItem(item=one.item, into_code=one.into_code, reason=one.reason)
        items.insert_merge(conn, catalogue_id, merged, by=by, at=at)
    return catalogue_id


def drafted(filed: CatalogueFile, into: Mapping[str, str]) -> tuple[list[Item], list[FiledMerge]]:
    """Return the items of a file with what is merged in it, and the merges that are new; `into`: every one so far.

    Raise RuleViolation where a code of a merged item is used again, or one was merged otherwise before. Pure.
    """
    require_never_reused((one.code for one in filed.items), into)
    new = [one for one in filed.merges if one.item.code not in into]
    for one in filed.merges:
        known = into.get(one.item.code)
        if known is not None and known != one.into_code:
            raise RuleViolation(
                f"item {one.item.code} was merged into {known}, not into {one.into_code}; that is for ever"
            )
    whole = {one.code: one for one in filed.items}
    final = {one.item.code: one.into_code for one in filed.merges}
    for one in new:
        target = resolved(one.into_code, final)
        whole[target] = whole_of(whole[target], one.item)
    return list(whole.values()), new


def draft_from_force(conn: Connection, version: str, *, by: str, at: datetime) -> int:
    """Copy the version in force into a draft with a new name; return its catalogue_id."""
    current = items.in_force(conn)
    if current is None:
        raise RuleViolation("no version is in force yet: import a file first", problem="no_catalogue")
    if not version.strip():
        raise RuleViolation(
            "version is empty; expected a name for the new version, like 2027-01", problem="no_version_name"
        )
    head = NewCatalogue(
        version=version.strip(), title=current.title, source=current.source, departments=current.departments
    )
    return items.insert_draft(conn, head, items.items_of(conn, current.catalogue_id), by=by, at=at)


def merge(
    conn: Connection, catalogue_id: int, old_code: str, into_code: str, *, reason: str, by: str, at: datetime
) -> None:
    """Make an item part of another one in a draft. Raise RuleViolation or IllegalTransition where that cannot be."""
    _draft(conn, catalogue_id)
    if not reason.strip():
        raise RuleViolation(
            "say why the two are one item: the reason is kept with the merge for ever", problem="no_reason"
        )
    if len(reason) > _LONGEST_REASON:
        raise RuleViolation(
            f"the reason has {len(reason)} signs; expected {_LONGEST_REASON} at most", problem="too_long"
        )
    present = {one.code: one for one in items.items_of(conn, catalogue_id)}
    require_mergeable(old_code, into_code, present, map_of(items.merges(conn, with_draft=catalogue_id)))
    old = present[old_code]
    items.insert_merge(
        conn, catalogue_id, MergedItem(item=old, into_code=into_code, reason=reason.strip()), by=by, at=at
    )
    items.take_into(conn, catalogue_id, old_code, whole_of(present[into_code], old))


def publish(conn: Connection, catalogue_id: int, *, by: str, at: datetime) -> Catalogue:
    """Put a draft into force. Raise RuleViolation for who drafted it or merged in it: a second person looks at it."""
    draft = _draft(conn, catalogue_id)
    if by in {draft.drafted_by, *(one.merged_by for one in items.merges_in(conn, catalogue_id))}:
        raise RuleViolation(
            f"{by} worked on this draft: a second person looks at it and publishes it", problem="own_draft"
        )
    items.decide(conn, catalogue_id, CatalogueState.PUBLISHED, by=by, at=at)
    return _known(conn, catalogue_id)


def discard(conn: Connection, catalogue_id: int, *, by: str, at: datetime) -> None:
    """Give a draft up. It stays readable; its merges never hold."""
    _draft(conn, catalogue_id)
    items.decide(conn, catalogue_id, CatalogueState.DISCARDED, by=by, at=at)


def item_for(conn: Connection, kind: AlertKind) -> FoundItem | None:
    """Return the item of the version in force that a kind of alert belongs to; None: it belongs to none."""
    found = items.code_for_kind(conn, kind)
    if found is None:
        return None
    catalogue_id, code = found
    return find(conn, code, catalogue_id=catalogue_id)


def find(conn: Connection, code: str, *, catalogue_id: int | None = None) -> FoundItem:
    """Return an item by its code: as a version has it, or as the version in force has what it became part of.

    A code that no version in force knows is looked for in older ones. Raise NotFound.
    """
    if catalogue_id is not None:
        found = items.item(conn, catalogue_id, code)
        if found is None:
            raise NotFound(f"there is no item {code} in version {catalogue_id}")
        return FoundItem(catalogue=_known(conn, catalogue_id), item=found, asked=code)
    now_called = resolved(code, map_of(items.merges(conn)))
    versions = items.versions_of(conn, now_called)
    if not versions:
        raise NotFound(f"there is no item {code} in any published version")
    newest = _known(conn, versions[0].catalogue_id)
    found = items.item(conn, newest.catalogue_id, now_called)
    if found is None:
        raise LookupError(f"item {now_called} left version {newest.catalogue_id} between two questions")
    return FoundItem(catalogue=newest, item=found, asked=code)


def _known(conn: Connection, catalogue_id: int) -> Catalogue:
    found = items.one(conn, catalogue_id)
    if found is None:
        raise NotFound(f"there is no version {catalogue_id} of the catalogue")
    return found


def _draft(conn: Connection, catalogue_id: int) -> Catalogue:
    found = items.one_locked(conn, catalogue_id)
    if found is None:
        raise NotFound(f"there is no version {catalogue_id} of the catalogue")
    if found.state is not CatalogueState.DRAFT:
        raise IllegalTransition(
            f"version {found.version} is {found.state} by {found.decided_by}; only a draft changes", problem="late"
        )
    return found
