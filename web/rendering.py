"""Templates → pages: one environment a language, everything escaped, nothing inline. And the texts of e-mails."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, partial
from importlib.resources import files
from typing import Any, cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.alert import Alert
from messages.showing import show_text
from supervision.register.fields import EntryProblem
from tables.cells import Problem
from web import formats
from web.access import Permission, Viewer
from web.approval_notes import note_in_words
from web.file_words import told_of_row
from web.finding_words import explained
from web.i18n import HTML_TAGS, OWN_NAMES, PUNCTUATION, Language, language_of, translations
from web.refused_words import refusal_in_words
from web.register_words import field_word, said_value, value_of
from web.visit_notes import visit_note
from web.words import (
    CATEGORIES,
    KINDS,
    NOTED_BY_THE_RULE,
    SHAPES,
    event_message,
    message_of,
)
from web.words_of_merits import evidence_in_words
from web.words_of_quarantine import held_because, what_to_do
from web.words_of_repairs import condition_in_words

LANGUAGE_COOKIE = "steelyard-language"

_FORMATS = (
    "money",
    "price",
    "price_per_500g",
    "bare_price",
    "bare_price_per_500g",
    "percent",
    "weight",
    "span",
    "points",
    "clock",
    "clock_seconds",
    "day",
    "last_day",
)


class Renderer:
    """Holds the environments."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in Language}
        self._plain = {language: _environment(language, escape=False) for language in Language}

    def page(
        self,
        request: Request,
        template: str,
        *,
        viewer: Viewer | None = None,
        status: int = 200,
        language: Language | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """Return a page in the language of the request, or in one that its address names (`language`)."""
        headers = {"Vary": "Cookie"} if language is None else None
        language = language or language_of(request.cookies.get(LANGUAGE_COOKIE))
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        text = (
            self._environments[language]
            .get_template(template)
            .render(viewer=viewer, here=request.url.path, back_to=where, **values)
        )
        return HTMLResponse(text, status_code=status, headers=headers)

    def text(self, language: Language, template: str, **values: Any) -> str:
        """Return HTML that is no page of the console, as an e-mail."""
        return self._environments[language].get_template(template).render(**values)

    def plain(self, language: Language, template: str, **values: Any) -> str:
        """Return plain text: nothing of it is escaped."""
        return self._plain[language].get_template(template).render(**values)


def _environment(language: Language, *, escape: bool = True) -> Environment:
    environment = Environment(
        loader=PackageLoader("web", "templates"),
        autoescape=escape,  # noqa: S701 - plain text of an e-mail has nothing to escape
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = translations(language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]

    def word(value: StrEnum | str, kind: str = "") -> str:
        """The words for a value; `kind` names its enumeration where the database gave bare text."""
        return texts.gettext(message_of(KINDS[kind](value) if kind else cast("StrEnum", value)))

    def category(name: str) -> str:
        return texts.gettext(CATEGORIES[name]) if name in CATEGORIES else name

    def why_held(reason: str) -> str:
        return texts.gettext(held_because(reason))

    def event_word(kind: str) -> str:
        return texts.gettext(event_message(kind))

    def to_do(reason: str) -> str:
        return texts.gettext(what_to_do(reason))

    def in_words(alert: Alert) -> str | None:
        """What a rule saw, as a sentence; None for alerts that are no finding."""
        return explained(alert, texts.gettext)

    def complaint(problem: Problem) -> str:
        """What is wrong with a list's file, in the language of the page."""
        told = (said_value(value, texts.gettext) for value in problem.values)
        return texts.gettext(message_of(problem.complaint)).format(*told)

    def entry_problem(problem: EntryProblem) -> str:
        """What is wrong with a value of the register, in the language of the page."""
        told = (said_value(value, texts.gettext) for value in problem.values)
        return texts.gettext(message_of(problem.fault)).format(*told)

    def trail_value(text: str, field: str) -> str:
        """A text of the trail, in words where it stands for a value of the domain."""
        value = value_of(field, text)
        return text if value is None else texts.gettext(message_of(value))

    environment.filters.update({name: getattr(formats, name) for name in _FORMATS})
    environment.filters.update(
        word=word,
        in_words=in_words,
        complaint=complaint,
        entry_problem=entry_problem,
        field_word=field_word,
        trail_value=trail_value,
        check_note=lambda step: note_in_words(step.action, step.note, texts.gettext, PUNCTUATION[language]["list"]),
        visit_note=lambda event: visit_note(event.action, event.note, texts.gettext),
        refused_words=lambda error: refusal_in_words(error, texts.gettext),
        told_of_row=partial(told_of_row, translate=texts.gettext),
        condition_words=lambda condition: condition_in_words(condition, texts.gettext),
        evidence_words=lambda event: evidence_in_words(event, texts.gettext),
        category=category,
        why_held=why_held,
        what_to_do=to_do,
        event_word=event_word,
        segment=formats.segment,
        duration=lambda seconds: formats.duration(seconds, language.value),
        shown=show_text,
    )
    environment.globals.update(_globals(language))
    return environment


def _globals(language: Language) -> Mapping[str, Any]:
    return {
        "language": language,
        "html_lang": HTML_TAGS[language],
        "languages": OWN_NAMES,
        "Permission": Permission,
        "shapes": SHAPES,
        "rule_notes": NOTED_BY_THE_RULE,
        "marks": PUNCTUATION[language],
        "static": static_url,
    }


@cache
def static_url(name: str) -> str:
    """Return the address of a static file, with its content's digest: a new file is a new address."""
    digest = hashlib.sha256((files("web") / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
