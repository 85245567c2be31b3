"""The catalogue of supervision items, for programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Base64Bytes, Field

from db import items
from domain.alert import AlertKind
from domain.errors import NotFound, RuleViolation
from domain.supervision_item import AnswerKind, CatalogueState, Item, Method, RiskClass
from supervision.items import importing, keeping
from supervision.items.catalogue_file import read_catalogue
from supervision.items.catalogue_table import Head
from supervision.items.comparison import Comparison
from supervision.items.importing import TableFile
from supervision.items.likeness import matching
from supervision.items.merging import map_of, resolved
from web.access import Permission, Viewer
from web.api.models import Body, Model
from web.signed_in import EditsItems, SeesItems
from web.state import Db, Now
from web.texts import Text

router = APIRouter(tags=["items"])


class BasisSeen(Model):
    """A law and its article; `source`: where it was read."""

    law: str
    article: str
    source: str


class SubItemSeen(Model):
    """A part of an item."""

    code: str
    name: str
    name_en: str


class QuestionSeen(Model):
    """What a checklist asks."""

    code: str
    text: str
    text_en: str
    answer: AnswerKind
    unit: str


class ItemSeen(Model):
    """An item. `per_year`: visits a year by the regulator's risk class of a subject."""

    code: str
    name: str
    name_en: str
    department: str
    qualification: str
    basis: list[BasisSeen]
    methods: list[Method]
    per_year: dict[RiskClass, int]
    sub_items: list[SubItemSeen]
    questions: list[QuestionSeen]
    alert_kinds: list[AlertKind]


class ItemFound(Model):
    """An item by a code: `code` is what was asked for, `item` what it is now, in version `catalogue_id`."""

    code: str
    catalogue_id: int
    version: str
    item: ItemSeen


class Version(Model):
    """A version of the catalogue. `merged`: how many items were merged away in it."""

    catalogue_id: int
    version: str
    title: str
    source: str
    state: CatalogueState
    items: int
    sub_items: int
    merged: int
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class MergeSeen(Model):
    """What was merged into what; `now_called` follows later merges."""

    old_code: str
    old_name: str
    into_code: str
    now_called: str
    reason: str
    merged_by: str
    merged_at: datetime


class NewDraft(Body):
    """A catalogue's TOML file, as text."""

    file_name: Text = "items.toml"
    content: Text = ""


class NewTable(Body):
    """A catalogue's table (CSV or XLSX, base64), and what it does not say of itself."""

    file_name: Annotated[Text, Field(min_length=1, max_length=200)]
    content: Base64Bytes
    version: Annotated[Text, Field(max_length=4000)] = ""
    title: Annotated[Text, Field(max_length=4000)] = ""
    source: Annotated[Text, Field(max_length=4000)] = ""


class TableProblem(Model):
    """What is wrong with a table, and where; `row` and `column` count from 1, 0: the whole. `what`: which field."""

    row: int
    column: int
    what: str
    says: str


class MergePlanned(Model):
    """An item that the table says becomes part of another."""

    old_code: str
    into_code: str
    reason: str


class TablePreview(Model):
    """What a table would be: codes it adds, changes and leaves out, what it merges, and the items before and after."""

    may_be_kept: bool
    items: int
    sub_items: int
    problems: list[TableProblem]
    ignored_columns: list[str]
    added: list[str]
    changed: list[str]
    left_out: list[str]
    merged: list[MergePlanned]
    before: int
    after: int
    before_overall: int


class NewMerge(Body):
    """Which item becomes part of which, and why."""

    old_code: Text = ""
    into_code: Text = ""
    reason: Text = ""


@router.get("/items")
def items_in_force(
    conn: Db,
    viewer: SeesItems,
    q: Annotated[str, Query(max_length=200, description="words of code, name or law")] = "",
    version: Annotated[int | None, Query(ge=1, le=2**62, description="another version than the one in force")] = None,
) -> list[ItemSeen]:
    """The items of the version in force; none where no version is."""
    found = _version(conn, viewer, version)
    return [] if found is None else [_seen(one) for one in matching(items.items_of(conn, found), q)]


@router.get("/items/versions")
def versions(conn: Db, viewer: SeesItems) -> list[Version]:
    """Every version, the newest first; drafts for those who may edit."""
    state = None if viewer.may(Permission.EDIT_ITEMS) else CatalogueState.PUBLISHED
    return [Version.model_validate(one) for one in items.catalogues(conn, state=state)]


@router.get("/items/merges")
def merges(conn: Db, viewer: SeesItems) -> list[MergeSeen]:  # noqa: ARG001 - who may see is in the signature
    """Every merge that holds, the oldest first."""
    found = items.merges(conn)
    into = map_of(found)
    return [
        MergeSeen(
            old_code=one.old_code,
            old_name=one.old_name,
            into_code=one.into_code,
            now_called=resolved(one.old_code, into),
            reason=one.reason,
            merged_by=one.merged_by,
            merged_at=one.merged_at,
        )
        for one in found
    ]


@router.get("/items/of-alerts/{kind}")
def item_of_alerts(conn: Db, viewer: SeesItems, kind: AlertKind) -> ItemFound:  # noqa: ARG001 - see above
    """The item that a kind of alert belongs to."""
    found = keeping.item_for(conn, kind)
    if found is None:
        raise NotFound(f"no item of the version in force has alerts of the kind {kind}")
    return _found(found)


@router.get("/items/code/{code}")
def item_by_code(conn: Db, viewer: SeesItems, code: str) -> ItemFound:  # noqa: ARG001 - see above
    """An item by its code, whatever it was merged into since."""
    return _found(keeping.find(conn, code))


@router.post("/items/drafts", status_code=201)
def draft(conn: Db, now: Now, viewer: EditsItems, new: NewDraft) -> Version:
    """Keep a file's catalogue as a draft."""
    filed = read_catalogue(new.content.encode(), new.file_name)
    return _told(conn, keeping.draft_from_file(conn, filed, by=viewer.username, at=now))


@router.post("/items/previews")
def preview_table(conn: Db, _viewer: EditsItems, new: NewTable) -> TablePreview:
    """What a table would be; nothing is kept."""
    shown = importing.preview(conn, _table(new))
    nothing = Comparison(added=(), changed=(), merged=(), left_out=())
    changes = nothing if shown.read.problems else shown.comparison
    return TablePreview(
        may_be_kept=shown.may_be_kept,
        items=len(shown.items),
        sub_items=shown.sub_items,
        problems=[TableProblem.model_validate(one) for one in shown.read.problems],
        ignored_columns=[one.title for one in shown.read.ignored],
        added=list(changes.added),
        changed=list(changes.changed),
        left_out=list(changes.left_out),
        merged=[MergePlanned(old_code=old, into_code=into, reason=why) for old, into, why in shown.merged],
        before=shown.reduction.before,
        after=shown.reduction.after,
        before_overall=shown.overall.before,
    )


@router.post("/items/drafts/from-table", status_code=201)
def draft_from_table(conn: Db, now: Now, viewer: EditsItems, new: NewTable) -> Version:
    """Keep a table as a draft; one with a problem keeps nothing, and all its problems are told."""
    return _told(conn, importing.keep(conn, _table(new), by=viewer.username, at=now))


@router.post("/items/drafts/{catalogue_id}/merge")
def merge(conn: Db, now: Now, viewer: EditsItems, catalogue_id: int, new: NewMerge) -> Version:
    """Make an item of a draft part of another one."""
    old, into = new.old_code, new.into_code
    keeping.merge(conn, catalogue_id, old, into, reason=new.reason, by=viewer.username, at=now)
    return _told(conn, catalogue_id)


@router.post("/items/drafts/{catalogue_id}/publish")
def publish(conn: Db, now: Now, viewer: EditsItems, catalogue_id: int) -> Version:
    """Put a draft into force, as a second person."""
    return Version.model_validate(keeping.publish(conn, catalogue_id, by=viewer.username, at=now))


@router.post("/items/drafts/{catalogue_id}/discard")
def discard(conn: Db, now: Now, viewer: EditsItems, catalogue_id: int) -> Version:
    """Give a draft up."""
    keeping.discard(conn, catalogue_id, by=viewer.username, at=now)
    return _told(conn, catalogue_id)


def _table(new: NewTable) -> TableFile:
    head = Head(version=new.version.strip(), title=new.title.strip(), source=new.source.strip())
    return TableFile(name=new.file_name, content=new.content, head=head)


def _version(conn: Db, viewer: Viewer, version: int | None) -> int | None:
    found = items.in_force(conn) if version is None else items.one(conn, version)
    is_open = found is not None and (found.state is CatalogueState.PUBLISHED or viewer.may(Permission.EDIT_ITEMS))
    if version is not None and not is_open:
        raise NotFound(f"there is no version {version} of the catalogue that you may see")
    return None if found is None else found.catalogue_id


def _told(conn: Db, catalogue_id: int) -> Version:
    found = items.one(conn, catalogue_id)
    if found is None:
        raise RuleViolation(f"there is no version {catalogue_id}")
    return Version.model_validate(found)


def _found(found: keeping.FoundItem) -> ItemFound:
    return ItemFound(
        code=found.asked,
        catalogue_id=found.catalogue.catalogue_id,
        version=found.catalogue.version,
        item=_seen(found.item),
    )


def _seen(item: Item) -> ItemSeen:
    return ItemSeen.model_validate(item)
