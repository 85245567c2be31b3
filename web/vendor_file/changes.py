"""What was changed in the register about the vendor, and who saw what of it in full."""

from db.register import events, views
from domain.register.personal import PersonalField, ViewedHow
from domain.register.personal import mask as hidden
from domain.register.records import RegisterEvent, SubjectKind
from web.access import Permission
from web.i18n import mark
from web.register_words import FIELD_WORDS, value_of
from web.vendor_file.section import Asked, Cell, Column, Lines, Moment, Said, Section, Word


def section(asked: Asked) -> Section:
    """Return the trail of the vendor's identity: what was, what is, who changed it, when and why."""
    found = events.of_subject(
        asked.conn, asked.vendor.market_id, SubjectKind.VENDOR, asked.vendor.vendor_id, limit=asked.most_rows + 1
    )
    shown = found[: asked.most_rows]
    return Section(
        key="changes",
        title=mark("Changes in the register"),
        columns=(
            Column("at", mark("When")),
            Column("action", mark("What")),
            Column("changes", mark("Before → after")),
            Column("because", mark("Reason")),
            Column("by", mark("By")),
            Column("source", mark("Through")),
        ),
        rows=tuple(
            (one.at, Word(one.action), changes_of(one, in_full=asked.in_full), one.because, one.by, Word(one.source))
            for one in shown
        ),
        more=len(found) > len(shown),
        empty=mark("Nothing was changed since it was registered."),
        moments=tuple(Moment(one.at, mark("The register is changed"), Word(one.action)) for one in shown),
    )


def seen(asked: Asked) -> Section | None:
    """Return who saw the vendor's personal data in full; only for who may see it too."""
    if not asked.viewer.may(Permission.SEE_PERSONAL_DATA):
        return None
    found = views.of_vendor(asked.conn, asked.vendor.market_id, asked.vendor.vendor_id, limit=asked.most_rows + 1)
    return Section(
        key="personal_data_views",
        title=mark("Who saw personal data in full"),
        columns=(
            Column("at", mark("When")),
            Column("by", mark("By")),
            Column("fields", mark("Data that was seen")),
            Column("how", mark("Through")),
            Column("because", mark("Reason")),
        ),
        rows=tuple(
            (one.at, one.by, _fields(one.fields), Word(ViewedHow(one.how)), one.because)
            for one in found[: asked.most_rows]
        ),
        more=len(found) > asked.most_rows,
        empty=mark("Nobody has seen it in full."),
    )


def changes_of(event: RegisterEvent, *, in_full: bool) -> Cell:
    """Return what a step changed, field by field; a person's data masked unless `in_full`."""
    lines: list[Cell] = []
    for field, (was, holds) in event.changes.items():
        both = [was, holds]
        if field in set(PersonalField) and not in_full:
            both = [hidden(PersonalField(field), text) for text in both]
        before, after = (_told(field, text) for text in both)
        lines.append(Lines((Said(FIELD_WORDS.get(field, field)), before, "→", after)))
    return Lines(tuple(lines)) if lines else None


def _told(field: str, text: str) -> Cell:
    value = value_of(field, text)
    return (text or None) if value is None else Word(value)


def _fields(names: list[str]) -> Cell:
    return Lines(tuple(Said(FIELD_WORDS.get(name, name)) for name in names))
