"""The files that lists are read from, and the names a person said the meaning of while reading one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.types.json import Jsonb

from db.queries import load
from domain.ids import SpeciesCode
from domain.units import PriceUnit

_SQL = load("cap_list_files")
#: How long a file that only was looked at is kept.
_LOOKED_AT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file and what it was to be: `asked` as it was given, `unit` where the file does not say its own."""

    name: str
    content: bytes
    unit: PriceUnit | None
    asked: dict[str, Any]


def put(conn: Connection, file: StoredFile, *, by: str, at: datetime, cap_list_id: int | None = None) -> int:
    """Keep a file, with its list where there is one already; return its file_id.

    What nobody made a list of within a day is forgotten.
    """
    conn.execute(_SQL["forget_old_files"], {"before": at - _LOOKED_AT_FOR})
    values = {
        "name": file.name,
        "content": file.content,
        "unit": file.unit,
        "asked": Jsonb(file.asked),
        "by": by,
        "at": at,
        "cap_list_id": cap_list_id,
    }
    row = conn.execute(_SQL["insert_file"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no file_id")
    return int(row[0])


def looked_at(conn: Connection, file_id: int, *, by: str) -> StoredFile | None:
    """Return a file that its own uploader has not made a draft of yet, held until the transaction ends."""
    row = conn.execute(_SQL["file_by_id"], {"file_id": file_id, "by": by}).fetchone()
    if row is None:
        return None
    name, content, unit, asked = row
    return StoredFile(name=name, content=bytes(content), unit=None if unit is None else PriceUnit(unit), asked=asked)


def became(conn: Connection, file_id: int, cap_list_id: int) -> None:
    """Note which list a file became."""
    conn.execute(_SQL["file_became"], {"file_id": file_id, "cap_list_id": cap_list_id})


def of_list(conn: Connection, cap_list_id: int) -> tuple[str, bytes] | None:
    """Return the name and the bytes of the file a list was read from; None where it was not read from one."""
    row = conn.execute(_SQL["file_of_list"], {"cap_list_id": cap_list_id}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def add_name(conn: Connection, name: str, species: SpeciesCode, *, by: str, at: datetime) -> bool:
    """Let a name mean a species; False where it means one already."""
    values = {"name": name, "species_code": species, "by": by, "at": at}
    return conn.execute(_SQL["add_species_name"], values).fetchone() is not None
