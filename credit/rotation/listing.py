"""A proposal as a list that people read: who moves from where to where, as against the last round. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from credit.rotation.comparing import Turn, moves
from credit.rotation.model import Rotation
from domain.rotation import RoundPlace
from tables.harmless import BYTE_ORDER_MARK, harmless

Language = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of the list. `last_stalls`, `last_score`: the same vendor's in the round before."""

    place: RoundPlace
    turn: Turn
    held_class: str
    stall_class: str
    by_hand: bool
    last_stalls: str
    last_score: int | None


def lines_of(rotation: Rotation, places: Sequence[RoundPlace], last: Sequence[RoundPlace]) -> list[Line]:
    """Return the list by number. `last`: the places of the round before, where there was one."""
    turns = {one.claim: one.turn for one in moves(rotation, {one.number: one.stall_id for one in places})}
    classes = {one.stall_id: one.position_class for one in rotation.stalls}
    pinned = {one.claim for one in rotation.pins}
    before: dict[str, list[RoundPlace]] = {}
    for one in last:
        before.setdefault(one.vendor_id, []).append(one)
    return [
        Line(
            place=one,
            turn=turns[one.number],
            held_class=classes.get(one.held or "", ""),
            stall_class=classes.get(one.stall_id or "", ""),
            by_hand=one.number in pinned,
            last_stalls=", ".join(had.stall_id for had in before.get(one.vendor_id, ()) if had.stall_id is not None),
            last_score=next((had.score for had in before.get(one.vendor_id, ())), None),
        )
        for one in places
    ]


def turns_of(lines: Sequence[Line]) -> Mapping[Turn, int]:
    """Return how many stay, get a better stall, and so on."""
    counts = Counter(one.turn for one in lines)
    return {turn: counts[turn] for turn in Turn}


_TITLES: Final = {
    "zh": (
        "编号",
        "商户编号",
        "商户",
        "信用分",
        "等级",
        "现摊位",
        "现位置等级",
        "新摊位",
        "新位置等级",
        "变化",
        "人工",
        "上轮摊位",
        "上轮信用分",
    ),
    "en": (
        *("number", "vendor_id", "vendor", "score", "tier", "held", "held_class", "stall", "stall_class", "turn"),
        *("by_hand", "last_stalls", "last_score"),
    ),
}
_TURNS: Final = {
    Turn.STAYS: "不变",
    Turn.BETTER: "变好",
    Turn.ALIKE: "同等",
    Turn.POORER: "变差",
    Turn.NEW: "新进",
    Turn.WITHOUT: "无摊位",
}
_YES_NO: Final = {"zh": ("是", "否"), "en": ("yes", "no")}


def as_csv(lines: Sequence[Line], language: Language = "zh") -> str:
    """Return the list with a byte-order mark, so that Excel reads the Chinese; no cell runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_TITLES[language])
    for line in lines:
        one = line.place
        cells: tuple[object, ...] = (
            *(one.number, one.vendor_id, one.vendor_name, one.score, one.tier),
            *(one.held or "", line.held_class, one.stall_id or "", line.stall_class),
            _TURNS[line.turn] if language == "zh" else str(line.turn),
            _YES_NO[language][0 if line.by_hand else 1],
            *(line.last_stalls, "" if line.last_score is None else line.last_score),
        )
        writer.writerow([harmless(cell) for cell in cells])
    return BYTE_ORDER_MARK + out.getvalue()
