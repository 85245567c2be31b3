"""One checklist of everything that several tasks ask, each question once. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.supervision_item import Item, Question
from supervision.items.merging import resolved


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question of a checklist: of which item, and which departments want to know."""

    item_code: str
    item_name: str
    item_name_en: str
    question: Question
    departments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a department wants of a visit: its items, as they are called now."""

    department: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checklist:
    """The questions, and how many there would be if every department came with its own."""

    questions: tuple[Asked, ...]
    before: int

    @property
    def after(self) -> int:
        """How many there are."""
        return len(self.questions)


def checklist_of(wanted: Sequence[Wanted]) -> Checklist:
    """Return one checklist: an item that several want once, and a question in the same words once, whoever asks."""
    asked: dict[str, Asked] = {}
    before = 0
    for one in wanted:
        for item in one.items:
            before += len(item.questions)
            for question in item.questions:
                known = asked.get(question.text)
                departments = () if known is None else known.departments
                asked[question.text] = Asked(
                    item_code=item.code if known is None else known.item_code,
                    item_name=item.name if known is None else known.item_name,
                    item_name_en=item.name_en if known is None else known.item_name_en,
                    question=question if known is None else known.question,
                    departments=departments if one.department in departments else (*departments, one.department),
                )
    return Checklist(questions=tuple(asked.values()), before=before)


def items_now(
    codes: Iterable[str], into: Mapping[str, str], own: Mapping[str, Item], newest: Mapping[str, Item]
) -> tuple[Item, ...]:
    """Return the items of codes, each once: as they stood in their `own` version, merged ones as what they became.

    `into` is the map of merged items, `newest` the version in force. What an item took in since is asked only where one
    of its old codes is wanted: nothing is lost, and nothing is added to what was planned.
    """
    found: dict[str, Item] = {}
    for code in codes:
        now_called = resolved(code, into)
        if now_called == code and code in own:
            found.setdefault(code, own[code])
        elif now_called in newest:
            found[now_called] = newest[now_called]
        elif code in own:
            found.setdefault(code, own[code])
    return tuple(found.values())
