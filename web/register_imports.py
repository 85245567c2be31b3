"""Who may fill what of the register from a file, and what a file may be called."""

from typing import Final

from supervision.register.import_tables import ImportKind
from web.access import Permission, Viewer
from web.texts import is_usable

_LONGEST_NAME: Final = 200


def require_kind(viewer: Viewer, kind: ImportKind) -> None:
    """Raise NotAllowed where the viewer may not change what such a file holds."""
    viewer.require(Permission.EDIT_IDENTITIES if kind is ImportKind.VENDORS else Permission.EDIT_REGISTRY)


def file_name(name: str) -> str:
    """Return the name of an uploaded file without its folders."""
    last = name.rpartition("/")[2].rpartition("\\")[2][-_LONGEST_NAME:]
    return last if last and is_usable(last) else "file"
