"""Lines by their names → the items of a list by species; what is not recognised stays with its place. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.cap_lists import NewCapItem
from domain.ids import SpeciesCode
from domain.price_cap import CapKind, CapStatus
from pricing.list_reading.complaints import Complaint
from pricing.list_reading.understanding import ListLine
from tables.cells import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownName:
    """A name that no species goes by. `rows` and `column` say where it stands; `aliases` what stood in brackets."""

    name: str
    aliases: tuple[str, ...]
    rows: tuple[int, ...]
    column: int

    def as_problem(self) -> Problem:
        """Return what is wrong with it, where nobody says what it means."""
        return Problem(
            row=self.rows[0],
            column=self.column,
            what="name",
            complaint=Complaint.UNKNOWN_NAME,
            values=(repr(self.name),),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """The items of a list, what was not recognised, and what contradicts itself."""

    items: Sequence[NewCapItem]
    unknown: Sequence[UnknownName]
    problems: Sequence[Problem]


def recognise(
    lines: Sequence[ListLine], species_by_name: Mapping[str, SpeciesCode], *, is_advisory: bool = False
) -> Recognised:
    """Say which species each line is about. An item of an advisory list binds nobody, and says so."""
    items: dict[tuple[SpeciesCode, str], tuple[int, NewCapItem]] = {}
    unknown: dict[str, UnknownName] = {}
    problems: list[Problem] = []
    for line in lines:
        known = dict.fromkeys(species_by_name[name] for name in line.names if name in species_by_name)
        if not known:
            _note_unknown(unknown, line)
            continue
        if len(known) > 1:
            problems.append(_about(line, Complaint.SEVERAL_SPECIES, ", ".join(known)))
            continue
        key = (next(iter(known)), line.grade)
        if key in items:
            problems.append(_about(line, Complaint.TWICE, str(items[key][0])))
            continue
        items[key] = (line.row, _item(line, key[0], is_advisory=is_advisory))
    return Recognised(items=[item for _row, item in items.values()], unknown=list(unknown.values()), problems=problems)


def _about(line: ListLine, complaint: Complaint, value: str) -> Problem:
    named = repr(f"{line.printed} {line.grade}".strip())
    return Problem(row=line.row, column=line.column, what="name", complaint=complaint, values=(named, value))


def _note_unknown(unknown: dict[str, UnknownName], line: ListLine) -> None:
    name, before = line.names[0], unknown.get(line.names[0])
    unknown[name] = UnknownName(
        name=name,
        aliases=tuple(dict.fromkeys((*(before.aliases if before else ()), *line.names[1:], *line.aliases))),
        rows=(*(before.rows if before else ()), line.row),
        column=before.column if before else line.column,
    )


def _item(line: ListLine, species: SpeciesCode, *, is_advisory: bool) -> NewCapItem:
    return NewCapItem(
        species=species,
        grade=line.grade,
        status=line.status,
        unit=line.unit,
        cap_fen=line.cap_fen,
        published_as=line.published_as,
        kind=CapKind.ADVISORY if is_advisory and line.status is CapStatus.CAPPED else CapKind.FIXED,
        meaning=line.meaning,
    )
