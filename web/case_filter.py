"""Which cases a list shows, read once for the page, its file and its links."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query

from domain.alert import AlertKind
from domain.case import CaseCause, CaseState
from domain.ids import MarketId
from supervision.cases.states import UNDECIDED
from web.access import Viewer
from web.i18n import mark

_MAX_ID: Final = 2**63 - 1


class Show(StrEnum):
    """The tabs of the list."""

    UNDECIDED = "undecided"
    MINE = "mine"
    DECIDED = "decided"
    ALL = "all"


SHOW_WORDS: Final[Mapping[Show, str]] = {
    Show.UNDECIDED: mark("Undecided"),
    Show.MINE: mark("Mine"),
    Show.DECIDED: mark("Decided cases"),
    Show.ALL: mark("All"),
}
_STATES: Final[Mapping[Show, frozenset[CaseState]]] = {
    Show.UNDECIDED: UNDECIDED,
    Show.MINE: UNDECIDED,
    Show.DECIDED: frozenset(CaseState) - UNDECIDED,
    Show.ALL: frozenset(CaseState),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """What was asked for. What is no value of its field is as good as not asked; `state` goes before the tab's."""

    show: Show
    state: CaseState | None
    market: str
    vendor: str
    kind: AlertKind | None
    cause: CaseCause | None
    before: int | None

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the tab was asked for."""
        return any((self.state, self.market, self.vendor, self.kind, self.cause))

    def asked(self, viewer: Viewer) -> dict[str, Any]:
        """Return what db.case_lists.listed is asked. Raise NotFound for a market the viewer does not see."""
        return {
            "market_id": viewer.narrow(MarketId(self.market) if self.market else None),
            "vendor": self.vendor or None,
            "states": _STATES[self.show] if self.state is None else [self.state],
            "cause": self.cause,
            "kind": self.kind,
            "officer": viewer.username if self.show is Show.MINE else None,
            "before": self.before,
        }

    def query(self, **other: object) -> str:
        """Return the query of an address that asks the same, but for `other`; from the start unless that says."""
        names = ("show", "state", "market", "vendor", "kind", "cause")
        values = {**{name: getattr(self, name) for name in names}, **other}
        return urlencode({name: str(value) for name, value in values.items() if value})


def case_filter(
    show: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=64)] = "",
    cause: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> CaseFilter:
    """Read the filter: an empty field of a form asks for everything. A state alone looks into all tabs."""
    known = CaseState(state) if state in set(CaseState) else None
    otherwise = Show.UNDECIDED if known is None else Show.ALL
    return CaseFilter(
        show=Show(show) if show in set(Show) else otherwise,
        state=known,
        market=market.strip(),
        vendor=vendor.strip(),
        kind=AlertKind(kind) if kind in set(AlertKind) else None,
        cause=CaseCause(cause) if cause in set(CaseCause) else None,
        before=before,
    )
