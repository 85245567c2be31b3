"""Which of what is registered is personal, and what is shown of it to whom does not need to see it.

Personal Information Protection Law (个人信息保护法, 2021-11-01): article 6 (no more than the purpose needs), 51
(who may see what, and records of it), 28 (identity numbers are sensitive: none is kept).
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

HIDDEN: Final = "*"
_MOBILE: Final = re.compile(r"(?:\+86)?(1\d{10})")
_LANDLINE: Final = re.compile(r"(0\d{2,3})-?(\d{7,8})(-\d{1,6})?")
_SHORTEST_PARTLY_SHOWN: Final = 8
_SHOWN_AT_AN_END: Final = 4


class PersonalField(StrEnum):
    """A field of a vendor that is about a person."""

    PHONE = "phone"
    LICENCE_NO = "licence_no"
    LEGAL_REPRESENTATIVE = "legal_representative"


class ViewedHow(StrEnum):
    """How personal data was seen in full."""

    PAGE = "page"
    JSON = "json"
    XLSX = "xlsx"
    API = "api"
    COMMAND = "command"


def tidy_phone(text: str) -> str | None:
    """Return a Chinese telephone number as it is kept (13812345678, 0898-88271234, 0898-88271234-8); None for none."""
    plain = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text)).replace("–", "-").replace("—", "-")
    mobile = _MOBILE.fullmatch(plain.replace("-", ""))
    if mobile is not None:
        return mobile[1]
    landline = _LANDLINE.fullmatch(plain)
    return None if landline is None else f"{landline[1]}-{landline[2]}{landline[3] or ''}"


def mask(field: PersonalField, value: str) -> str:
    """Return what everybody may see of a value: 138****5678, 4602********016, 王*."""
    if field is PersonalField.LEGAL_REPRESENTATIVE:
        return value[:1] + HIDDEN * min(2, max(1, len(value) - 1)) if value else ""
    return _middle_hidden(value, 3 if field is PersonalField.PHONE else _SHOWN_AT_AN_END)


def masked(values: Mapping[str, str]) -> dict[str, str]:
    """Return values by field name with those of persons masked."""
    personal = set(PersonalField)
    return {name: mask(PersonalField(name), value) if name in personal else value for name, value in values.items()}


def masked_changes(changes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return what fields said before and say now, with those of persons masked."""
    olds = masked({name: was for name, (was, _) in changes.items()})
    news = masked({name: now for name, (_, now) in changes.items()})
    return {name: (olds[name], news[name]) for name in changes}


def _middle_hidden(value: str, shown_first: int) -> str:
    """Of a short value only the last two characters are shown, of a very short one nothing."""
    if len(value) >= _SHORTEST_PARTLY_SHOWN + 2:
        hidden = len(value) - shown_first - _SHOWN_AT_AN_END
        return value[:shown_first] + HIDDEN * hidden + value[-_SHOWN_AT_AN_END:]
    return HIDDEN * len(value[:-2]) + value[-2:] if len(value) > _SHOWN_AT_AN_END else HIDDEN * len(value)
