"""What a visit asks: as items are called now until it begins, and from then on as it was fixed."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from psycopg import Connection

from db import inspection_checklists, inspections, items
from domain.supervision_item import Item
from supervision.inspections.checklist import Checklist, Wanted, checklist_of, items_now
from supervision.items.merging import map_of


def checklist(conn: Connection, inspection_id: int) -> Checklist:
    """Return everything that a visit asks, each question once."""
    return checklists(conn, [inspection_id])[inspection_id]


def checklists(conn: Connection, inspection_ids: Collection[int]) -> dict[int, Checklist]:
    """Return what each visit asks."""
    fixed = inspection_checklists.several(conn, inspection_ids)
    found = _asked_now(conn, [one for one in inspection_ids if one not in fixed])
    return found | {inspection_id: msgspec.convert(asked, Checklist) for inspection_id, asked in fixed.items()}


def fix(conn: Connection, inspection_id: int, at: datetime) -> None:
    """Fix what a visit asks from now on: a catalogue published later would take answers off the list.

    Once it is fixed nothing changes it. A visit that began before lists were fixed has it fixed by its next answer.
    """
    if inspection_checklists.one(conn, inspection_id) is None:
        inspection_checklists.fix(
            conn, inspection_id, msgspec.to_builtins(_asked_now(conn, [inspection_id])[inspection_id]), at
        )


def _asked_now(conn: Connection, inspection_ids: Collection[int]) -> dict[int, Checklist]:
    if not inspection_ids:
        return {}
    into, versions = map_of(items.merges(conn)), dict[int, dict[str, Item]]()
    current = items.in_force(conn)
    newest = {} if current is None else {one.code: one for one in items.items_of(conn, current.catalogue_id)}
    wanted: dict[int, list[Wanted]] = {one: [] for one in inspection_ids}
    for inspection_id, tasks in inspections.tasks_of_each(conn, inspection_ids).items():
        for task in tasks:
            if task.catalogue_id not in versions:
                versions[task.catalogue_id] = {one.code: one for one in items.items_of(conn, task.catalogue_id)}
            found = items_now(task.items, into, versions[task.catalogue_id], newest)
            wanted[inspection_id].append(Wanted(department=task.department, items=found))
    return {inspection_id: checklist_of(asked) for inspection_id, asked in wanted.items()}
