"""A catalogue from a table: what it would be and change, and its draft."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import item_files, items
from domain.errors import BadFile, FieldRefused
from domain.supervision_item import Catalogue, Item
from supervision.items.catalogue_table import Head, KnownItems, ReadTable, read_catalogue_table
from supervision.items.comparison import Comparison, compare
from supervision.items.keeping import draft_from_file, drafted
from supervision.items.merging import Reduction, map_of
from supervision.items.table_titles import TABLE_LIMITS
from tables.files import table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFile:
    """A table and what it is to be."""

    name: str
    content: bytes
    head: Head


@dataclass(frozen=True, kw_only=True, slots=True)
class CataloguePreview:
    """What a table would be. `names`: what every code it changes is called; `overall`: with every merge until then."""

    file: TableFile
    read: ReadTable
    before: Catalogue | None
    items: tuple[Item, ...]
    merged: tuple[tuple[str, str, str], ...]
    comparison: Comparison
    names: dict[str, str]
    reduction: Reduction
    overall: Reduction

    @property
    def may_be_kept(self) -> bool:
        """Whether it can become a draft as it is."""
        return not self.read.problems and bool(self.items)

    @property
    def sub_items(self) -> int:
        """How many sub-items its items have."""
        return sum(len(one.sub_items) for one in self.items)


def preview(conn: Connection, file: TableFile) -> CataloguePreview:
    """Return what a table would be; nothing is kept. Raise BadFile for what is no table, FieldRefused for its head."""
    _require_head(file.head)
    before, merges = items.in_force(conn), items.merges(conn)
    present = [] if before is None else items.items_of(conn, before.catalogue_id)
    known = KnownItems(
        departments={} if before is None else {one.code: one for one in before.departments},
        items={one.code: one for one in present},
        into=map_of(merges),
    )
    read = read_catalogue_table(table_of(file.content, file.name, TABLE_LIMITS), file.head, known)
    whole = list(read.filed.items) if read.problems else drafted(read.filed, known.into)[0]
    new = {one.item.code: one.into_code for one in read.filed.merges}
    names = {one.code: one.name for one in [*present, *whole]}
    return CataloguePreview(
        file=file,
        read=read,
        before=before,
        items=tuple(whole),
        merged=tuple((one.item.code, one.into_code, one.reason) for one in read.filed.merges),
        comparison=compare(present, whole, {**known.into, **new}),
        names=names | {one.item.code: one.item.name for one in read.filed.merges},
        reduction=Reduction(before=len(whole) + len(new), after=len(whole)),
        overall=Reduction(before=len(whole) + len(new) + len(merges), after=len(whole)),
    )


def keep(conn: Connection, file: TableFile, *, by: str, at: datetime, file_id: int | None = None) -> int:
    """Keep a table as a draft, with its file; return the catalogue_id. `file_id`: where the file is kept already.

    Raise BadFile with every problem, and what `draft_from_file` raises.
    """
    with conn.transaction():
        shown = preview(conn, file)
        if not shown.may_be_kept:
            raise BadFile(file.name, tuple(map(str, shown.read.problems)) or ("holds no item",))
        catalogue_id = draft_from_file(conn, shown.read.filed, by=by, at=at)
        kept = file_id
        if kept is None:
            kept = item_files.put(conn, file.name, file.content, _asked(file.head), by=by, at=at)
        item_files.became(conn, kept, catalogue_id)
    return catalogue_id


def put(conn: Connection, file: TableFile, *, by: str, at: datetime) -> int:
    """Keep a table that somebody is to look at; return its file_id. Raise FieldRefused, BadFile for what is none."""
    _require_head(file.head)
    table_of(file.content, file.name, TABLE_LIMITS)
    return item_files.put(conn, file.name, file.content, _asked(file.head), by=by, at=at)


def uploaded(conn: Connection, file_id: int, *, by: str) -> TableFile | None:
    """Return a table that its own uploader has not made a draft of yet, held until the transaction ends, or None."""
    found = item_files.looked_at(conn, file_id, by=by)
    return None if found is None else TableFile(name=found.name, content=found.content, head=Head(**found.asked))


def _asked(head: Head) -> dict[str, str]:
    return {"version": head.version, "title": head.title, "source": head.source}


def _require_head(head: Head) -> None:
    for field, text, most in (("version", head.version, 64), ("title", head.title, 500), ("source", head.source, 2000)):
        if not text.strip() or len(text) > most:
            found = f"{len(text)} characters long" if text.strip() else ""
            raise FieldRefused(field, found, f"1 to {most} characters: a table does not say it", problem="missing")
