"""Every message of templates and code has its Chinese words, none is left over, and every value has a message."""

import re
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from web.i18n import FIRST, Language, language_of, translations
from web.words import CATEGORIES, KINDS, WORDS, message_of

WEB = Path(str(files("web")))
METHODS = [
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("templates/**.txt", "jinja2.ext:babel_extract"),
    ("**.py", "python"),
]
KEYWORDS = {"mark": None, "_": None, "gettext": None, "ngettext": (1, 2)}

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")

MessageId = str | tuple[str, ...]


def used() -> set[MessageId]:
    options = {pattern: {"extensions": "jinja2.ext.i18n"} for pattern, _ in METHODS[:2]}
    found = extract_from_dir(WEB, METHODS, keywords=KEYWORDS, options_map=options)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def catalog() -> list[Message]:
    with (WEB / "locale" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return [message for message in read_po(file, locale="zh") if message.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def translated() -> set[MessageId]:
    return {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalog() if all(forms(m.string))}


def test_every_message_has_chinese_words() -> None:
    assert used() - translated() == set()


def test_no_translation_is_left_of_a_message_that_is_gone() -> None:
    assert translated() - used() == set()


def test_no_translation_is_a_guess() -> None:
    assert [message.id for message in catalog() if message.fuzzy] == []


def test_placeholders_survive_translation() -> None:
    for message in catalog():
        english, chinese = forms(message.id)[0], forms(message.string)[0]
        assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(chinese))


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_every_value_has_words_in_both_languages(kind: type[StrEnum]) -> None:
    for value in kind:
        assert translations(Language.EN).gettext(message_of(value)) == message_of(value)
        assert translations(Language.ZH).gettext(message_of(value)) != message_of(value)


def test_no_two_kinds_of_values_have_the_same_name() -> None:
    """A template names a kind where the database gave bare text: one name would hide the other."""
    assert sorted(KINDS) == sorted(kind.__name__ for kind in WORDS)


def test_every_category_of_the_shipped_species_has_words() -> None:
    shipped = (Path(__file__).parents[3] / "data" / "species.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.rsplit(",", 1)[1] for line in shipped} <= set(CATEGORIES)


@pytest.mark.parametrize(("cookie", "language"), [(None, FIRST), ("", FIRST), ("xx", FIRST), ("en", Language.EN)])
def test_chinese_comes_first_and_english_is_a_switch(cookie: str | None, language: Language) -> None:
    assert FIRST is Language.ZH
    assert language_of(cookie) is language
