"""Previews and lists as the command line tells them: lines for people, JSON for programs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from db.cap_list_pages import ListDetail
from domain.price_cap import CapStatus, CapUnit
from domain.units import yuan, yuan_per_500g
from pricing.list_comparison import Change, ChangeKind, Said, counted
from pricing.list_impact import Impact
from pricing.list_import import Preview
from pricing.list_pages import LookedAt

_SIGNS = {ChangeKind.NEW: "+", ChangeKind.GONE: "-", ChangeKind.UP: "↑", ChangeKind.DOWN: "↓"}


def preview_lines(shown: Preview) -> Iterator[str]:
    """Yield what a file was understood as, and what the list would change and do."""
    new = shown.file.new
    where = new.market_id or f"{new.area} ({new.channel})"
    yield f"{shown.file.name}: {len(shown.items)} items for {where} from {new.effective_from.isoformat()}"
    yield f"binds: {', '.join(shown.markets)}" + (" (advisory: binds nobody)" if new.is_advisory else "")
    if shown.replaces is None:
        yield "no list is in force then: every item is new"
    else:
        yield f"against list {shown.replaces}: {_counts(shown.changes)}"
    yield from _change_lines(shown.changes)
    if shown.impact is not None:
        yield impact_line(shown.impact)
    else:
        yield "no sale of today to judge by it"
    for unknown, suggestions in shown.unknown:
        rows = ", ".join(map(str, unknown.rows))
        may = "; ".join(f"--accept {unknown.name}={one.species} ({one.through}, {one.because})" for one in suggestions)
        yield f"unknown name {unknown.name!r} (row {rows}): {may or 'nothing is like it'}"


def impact_line(impact: Impact) -> str:
    """Say what a list would do to a day's sales."""
    counted_whole = "" if impact.is_whole else " (not all were counted in time)"
    return (
        f"of {impact.weighings} sales of {impact.day} {impact.become_over} would become over,"
        f" {impact.no_longer_over} no longer be, {impact.stay_over} stay so;"
        f" overcharged {yuan(impact.overcharge_before_fen)} → {yuan(impact.overcharge_after_fen)} yuan;"
        f" {impact.in_its_time} of them fall into its time{counted_whole}"
    )


def preview_json(shown: Preview) -> dict[str, Any]:
    """Return a preview as JSON values; money is whole fen."""
    return {
        "file": shown.file.name,
        "may_be_kept": shown.may_be_kept,
        "items": len(shown.items),
        "markets": list(shown.markets),
        "replaces": shown.replaces,
        "unit": shown.read.unit,
        "problems": [
            {"row": one.row, "column": one.column, "what": one.what, "says": one.says, "text": str(one)}
            for one in shown.problems
        ],
        "unknown": [
            {**asdict(one), "suggestions": [asdict(suggestion) for suggestion in suggestions]}
            for one, suggestions in shown.unknown
        ],
        "counts": {kind.value: count for kind, count in counted(shown.changes).items()},
        "changes": [_change_json(one) for one in shown.changes if one.kind is not ChangeKind.SAME],
        "impact": None if shown.impact is None else {**asdict(shown.impact), "day": shown.impact.day.isoformat()},
    }


def list_json(one: ListDetail) -> dict[str, Any]:
    """Return a list as JSON values."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(one).items()}


def list_line(one: ListDetail) -> str:
    """Return a list in a line."""
    where = one.market_id or f"{one.area} ({one.channel})"
    named = one.document_no or one.authority or one.source
    people = f"drafted by {one.drafted_by}" + (f", published by {one.published_by}" if one.published_by else "")
    begins = one.declared_from.isoformat()
    state = f"{one.cap_list_id}  {one.status} v{one.version}  {where}  from {begins}"
    return f"{state}  {one.items} items  {named}  ({people})"


def looked_at_lines(found: LookedAt) -> Iterator[str]:
    """Yield a list with its items and what it changed."""
    one = found.detail
    yield list_line(one)
    if one.withdrawn_by:
        yield f"withdrawn by {one.withdrawn_by}: {one.withdrawn_because}"
    for item in found.items:
        title = found.titles.get(item.species_code)
        name = title.name_zh if title else item.species_code
        said = _said(Said(item.status, item.unit, item.cap_fen))
        yield f"  {item.species_code} {name} {item.grade}  {said}  {item.meaning.note}".rstrip()
    if found.before is not None:
        yield f"against list {found.before.cap_list_id}: {_counts(found.changes)}"
        yield from _change_lines(found.changes)


def looked_at_json(found: LookedAt) -> dict[str, Any]:
    """Return a list with its items and changes as JSON values."""
    return {
        "list": list_json(found.detail),
        "items": [asdict(item) for item in found.items],
        "before": None if found.before is None else found.before.cap_list_id,
        "changes": [_change_json(one) for one in found.changes if one.kind is not ChangeKind.SAME],
    }


def _counts(changes: Sequence[Change]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counted(changes).items() if count) or "nothing"


def _change_lines(changes: Sequence[Change]) -> Iterator[str]:
    for one in changes:
        if one.kind in (ChangeKind.SAME, ChangeKind.NEW):
            continue
        by = "" if one.permille is None else f" ({one.permille / 10:+.1f} %)"
        marked = "  !! look twice" if one.is_large else ""
        sign = _SIGNS.get(one.kind, "≠")
        yield f"  {sign} {one.species} {one.grade}: {_said(one.before)} → {_said(one.after)}{by}{marked}"


def _change_json(one: Change) -> dict[str, Any]:
    return {
        "species": one.species,
        "grade": one.grade,
        "kind": one.kind,
        "before": None if one.before is None else one.before._asdict(),
        "after": None if one.after is None else one.after._asdict(),
        "permille": one.permille,
        "is_large": one.is_large,
    }


def _said(said: Said | None) -> str:
    if said is None:
        return "nothing"
    if said.fen is None:
        return {CapStatus.UNCAPPED: "—", CapStatus.OUT_OF_STOCK: "/"}.get(said.status, said.status.value)
    return f"{yuan(said.fen)} yuan/piece" if said.unit is CapUnit.PIECE else f"{yuan_per_500g(said.fen)} yuan/500 g"
