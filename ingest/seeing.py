"""A judged batch → what the rules of single weighings saw in it. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.alert import AlertKind
from domain.price_cap import UNTOLD, GradeMeaning
from domain.scale import NO_FACTS, AccuracyClass, ScaleFacts
from ingest.columns import Columns
from ingest.holding import Scale
from ingest.judging import Judged
from pricing.caps_of_columns import CapsOf, Fallen
from pricing.findings.figures import noted
from pricing.findings.grades import is_dearer_for_it
from pricing.findings.of_columns import (
    ABOUT_CAPS,
    ABOUT_FACTS,
    ABOUT_THE_SCALE,
    RULES,
    SeenColumns,
    figures_at,
    figures_of,
    findings,
)
from pricing.findings.policy import BelowMinimum, FindingsPolicy
from pricing.leads import Occurrence
from pricing.rules_of_columns import Whole

#: What judging again raises and takes back.
SEEN_AGAIN: Final = tuple(kind for kind in RULES if kind not in ABOUT_FACTS)


def see(
    judged: Judged, caps: CapsOf, facts: Mapping[Scale, ScaleFacts], policy: FindingsPolicy, rows: NDArray[np.int64]
) -> Iterator[Occurrence]:
    """Yield what the rules saw in some weighings of a batch. `facts`: of the scales of which anything is registered."""
    if not len(rows):
        return
    seen = _seen(judged, caps, facts, policy.below_minimum)
    for kind, flags in findings(seen, policy):
        figures = figures_of(kind, seen)
        for row in rows[flags[rows]].tolist():
            fallen = caps.items[caps.of[row]]
            if kind is not AlertKind.GRADE_UPGRADE or _is_upgrade(fallen, seen, row, policy):
                note, cap = noted(figures_at(figures, row)), fallen.cap if kind in ABOUT_CAPS else None
                yield judged.noticed(row, kind, note, of_goods=kind not in ABOUT_THE_SCALE, cap=cap)


def _is_upgrade(fallen: Fallen, seen: SeenColumns, row: int, policy: FindingsPolicy) -> bool:
    if fallen.cap is None or fallen.cap_list is None:
        return False
    return is_dearer_for_it(
        fallen.cap,
        fallen.cap_list.items,
        pieces=int(seen.pieces[row]),
        net_g=int(seen.net_g[row]),
        price_fen=int(seen.price_fen[row]),
        slack_permille=policy.grade_upgrade.tolerance_permille,
    )


def _seen(judged: Judged, caps: CapsOf, facts: Mapping[Scale, ScaleFacts], minimum: BelowMinimum) -> SeenColumns:
    columns, under = judged.columns, caps.columns()
    meanings = [UNTOLD if item.cap is None else item.cap.meaning for item in caps.items]
    bounds = {name: _shared([_bound(one, name) for one in meanings], caps.of) for name in _BOUNDS}
    return SeenColumns(
        is_sale=judged.is_sale,
        net_g=columns.net_g,
        gross_g=columns.gross_g.values,
        has_gross=columns.gross_g.there,
        tare_g=columns.tare_g.values,
        has_tare=columns.tare_g.there,
        zero_offset_g=columns.zero_offset_g.values,
        is_unstable=columns.stable.there & (columns.stable.values == 0),
        pieces=columns.pieces.values,
        unit_price_fen=columns.unit_price_fen,
        per_kg_fen=columns.per_kg_fen.values,
        by_piece=~columns.per_kg_fen.there,
        amount_fen=columns.amount_fen,
        is_capped=under.is_capped,
        cap_fen=under.cap_fen,
        cap_by_piece=under.cap_by_piece,
        **bounds,
        **_of_scales(columns, facts, minimum),
    )


_BOUNDS: Final = ("least_pieces_per_500g", "most_pieces_per_500g", "least_piece_g", "most_piece_g")


def _bound(meaning: GradeMeaning, name: str) -> int:
    return getattr(meaning, name) or 0


def _shared(values: Sequence[int], of: NDArray[np.int64]) -> Whole:
    """Lay out what many rows share; mostly nothing is known, and then nothing is looked up."""
    return np.array(values, np.int64)[of] if any(values) else np.zeros(len(of), np.int64)


def _of_scales(columns: Columns, facts: Mapping[Scale, ScaleFacts], minimum: BelowMinimum) -> dict[str, Whole]:
    of_source = [facts.get(source.scale, NO_FACTS) for source in columns.sources] if facts else ()
    told: dict[str, Callable[[ScaleFacts], int]] = {
        "division_g": lambda one: one.division_g or 0,
        "least_g": lambda one: least_g(one, minimum),
        "max_g": lambda one: one.max_g or 0,
        "usual_tare_g": lambda one: one.usual_tare_g or 0,
    }
    if not of_source:
        return {name: np.zeros(len(columns), np.int64) for name in told}
    return {name: _shared([value(one) for one in of_source], columns.source) for name, value in told.items()}


def least_g(facts: ScaleFacts, minimum: BelowMinimum) -> int:
    """Return Min of a scale, the least it may weigh: 20 e or 10 e; 0 where e or the class is not registered."""
    if facts.division_g is None or facts.accuracy_class is None:
        return 0
    is_ordinary = facts.accuracy_class is AccuracyClass.ORDINARY
    return facts.division_g * (minimum.least_divisions_class_4 if is_ordinary else minimum.least_divisions_class_3)
