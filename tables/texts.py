"""The text of a file that somebody hands over, in the encodings that spreadsheets of the trade save. Pure."""

from typing import Final

from domain.errors import BadFile

_ENCODINGS: Final = ("utf-8-sig", "gb18030")


def text_of(data: bytes, file_name: str) -> str:
    """Return a file's text: UTF-8 with or without BOM, or GB18030. Raise BadFile where it is none."""
    if b"\0" in data:
        raise BadFile(file_name, ("is no text: it holds NUL bytes; expected CSV",))
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(file_name, ("is text neither in UTF-8 nor in GB18030; save it as 'CSV UTF-8'",))
