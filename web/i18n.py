"""Languages. Messages are English in the code and the templates; `web/locale/<language>` holds the others."""

import gettext
import io
from enum import StrEnum
from functools import cache
from importlib.resources import files

from babel.messages import mofile, pofile


class Language(StrEnum):
    """A language of the pages."""

    ZH = "zh"
    EN = "en"


#: Chinese first: it is what managers and regulators read. English is a switch away.
FIRST = Language.ZH
HTML_TAGS = {Language.ZH: "zh-CN", Language.EN: "en"}
OWN_NAMES = {Language.ZH: "中文", Language.EN: "English"}
#: Between pieces that a template puts together; Chinese has marks of its own, which need no space.
PUNCTUATION = {
    Language.ZH: {"colon": "：", "comma": "，", "list": "、", "stop": "。", "open": "（", "close": "）", "space": ""},
    Language.EN: {"colon": ": ", "comma": ", ", "list": ", ", "stop": ".", "open": " (", "close": ")", "space": " "},
}


def mark(message: str) -> str:
    """Return `message` as it is, marked so that it is collected for translation where it is only looked up later."""
    return message


def language_of(text: str | None) -> Language:
    """Return the language a cookie names; the first one where it names none."""
    return Language(text) if text in set(Language) else FIRST


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """Return the messages of a language. Messages without a translation stay English."""
    source = files("web") / "locale" / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return gettext.NullTranslations()
    with source.open("rb") as file:
        catalog = pofile.read_po(file, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
