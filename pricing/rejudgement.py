"""What becomes of alerts where weighings are judged again: occurrences raised, taken back, corrected. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from db.standing import Figures, Standing
from domain.alert import AlertState, subject_of_scale
from domain.weighing import WeighingKey
from pricing.leads import Occurrence

#: A merged alert is corrected as an open one is: it is decided on with another.
_UNDECIDED: Final = frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.MERGED})
#: What a person decided stays decided: the same occurrence is not raised again beside it.
_DECIDED: Final = frozenset(AlertState) - _UNDECIDED - {AlertState.WITHDRAWN}
#: From what came to nothing no occurrence is taken back; from the others it can be.
_TAKEN_BACK_FROM: Final = frozenset(AlertState) - {AlertState.DISMISSED, AlertState.OVERTURNED, AlertState.WITHDRAWN}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is to be done about the alerts of some weighings."""

    raised: tuple[Occurrence, ...]
    withdrawn: tuple[Standing, ...]
    corrected: tuple[tuple[Standing, Figures], ...]

    @property
    def touched(self) -> list[int]:
        """The alerts that are there already and are changed by it."""
        corrected = {one.alert_id for one, _ in self.corrected}
        return sorted(corrected | {one.alert_id for one in self.withdrawn})


def compare(standing: Iterable[Standing], seen: Iterable[Occurrence], looked_at: Collection[WeighingKey]) -> Outcome:
    """Hold what alerts say of the weighings that were looked at against what the rules see in them now.

    Doing it twice is doing it once: after the outcome is done there is nothing to do.
    """
    known: dict[tuple[object, ...], list[Standing]] = {}
    for one in standing:
        if one.key in looked_at:
            known.setdefault((one.key, one.identity), []).append(one)
    raised, corrected = [], []
    for occurrence in seen:
        figures = figures_of(occurrence)
        same = known.pop((occurrence.key, identity_of(occurrence)), [])
        decided = [one for one in same if one.state in _DECIDED and _binds(one)]
        undecided = [one for one in same if one.state in _UNDECIDED]
        if undecided:
            corrected += [(one, figures) for one in undecided if not one.stands or one.figures != figures]
        elif decided:
            corrected += [(one, one.figures) for one in decided if not one.stands]
        else:
            raised.append(occurrence)
    gone = [one for many in known.values() for one in many if one.stands and one.state in _TAKEN_BACK_FROM]
    return Outcome(raised=tuple(raised), withdrawn=tuple(gone), corrected=tuple(corrected))


def _binds(one: Standing) -> bool:
    """Say whether a decision stays. What the system overturned, because nothing supported it then, is open again."""
    return one.stands or one.state is not AlertState.OVERTURNED


def identity_of(occurrence: Occurrence) -> tuple[object, ...]:
    """Return what one open alert is counted by: `alerts_one_open` in the database."""
    subject = occurrence.vendor_id or subject_of_scale(occurrence.key.scale_id)
    return (
        occurrence.key.market_id,
        subject,
        occurrence.kind.value,
        occurrence.species,
        occurrence.business_day,
    )


def figures_of(occurrence: Occurrence) -> Figures:
    """Return what an occurrence says, as it is kept."""
    return Figures(
        excess_fen=occurrence.excess_fen,
        overcharge_fen=occurrence.overcharge_fen,
        excess_permille=occurrence.excess_permille,
        cap_fen=occurrence.cap_fen,
        cap_unit=None if occurrence.cap_unit is None else occurrence.cap_unit.value,
    )
