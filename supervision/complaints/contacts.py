"""How a complainant can be reached: read from what was typed, into one spelling. Pure."""

import re
from typing import Final

from domain.complaint import Contact, ContactKind

#: 11 digits of a Chinese mobile, an area code with 7 or 8 digits, or anybody's number with its country code (E.164).
_MOBILE: Final = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_LANDLINE: Final = re.compile(r"(0\d{2,3}\d{7,8})")
_ABROAD: Final = re.compile(r"\+([1-9]\d{7,14})")
_EMAIL: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s().\-–—]")
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９＋－（）＠．", "0123456789+-()@.")
LONGEST: Final = 128


def contact_of(text: str) -> Contact | None:
    """Return the contact in a text; None where it is neither a phone number nor an e-mail address."""
    plain = text.strip().translate(_FULL_WIDTH)
    if len(plain) > LONGEST:
        return None
    if "@" in plain:
        return Contact(ContactKind.EMAIL, plain.lower()) if _EMAIL.fullmatch(plain) else None
    digits = _BETWEEN_DIGITS.sub("", plain)
    if not digits.isascii():
        return None
    if mobile := _MOBILE.fullmatch(digits):
        return Contact(ContactKind.PHONE, f"+86{mobile[1]}")
    if landline := _LANDLINE.fullmatch(digits):
        return Contact(ContactKind.PHONE, landline[1])
    return Contact(ContactKind.PHONE, digits) if _ABROAD.fullmatch(digits) else None
