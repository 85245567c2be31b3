"""An alert as a list shows it: with what follows from it by the policies and the table of states."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from psycopg import Connection

from db import alert_pages
from domain.alert import Alert, AlertKind, AlertState, Severity
from domain.alert_step import AlertAction
from domain.ids import MarketId
from domain.price_cap import CapUnit
from pricing.findings.policy import Rule
from pricing.policy import TAMPER_KINDS, RulesPolicy
from supervision.alerts.states import AWAITING, Authority, actions_from, is_of_its_case
from supervision.cases.handling import deciding_cases

_CONFLICTING = re.compile(r"^seq (?P<seq>\d+) of journal (?P<journal>\S+) came again")
_OFF_CLOCK = re.compile(r"^the clock is (?P<seconds>\d+) s (?P<side>ahead|behind)$")
_ABOUT_PRICES = frozenset({AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP})


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertLine:
    """An alert and what a page or the API says about it. `rule`: what raised it, where it is a finding.

    `decided_in`: the undecided case that the alert is in. What the table leaves to it is not offered here.
    """

    alert: Alert
    severity: Severity | None
    actions: tuple[AlertAction, ...]
    rule: Rule | None = None
    decided_in: int | None = None

    @property
    def is_about_prices(self) -> bool:
        """Whether a price was judged; an alert about the device says nothing of caps and money."""
        return self.alert.kind in _ABOUT_PRICES

    @property
    def is_about_events(self) -> bool:
        """Whether it is about what happened to the scale beside weighing."""
        return self.alert.kind in TAMPER_KINDS.values()

    @property
    def worst_excess_permille(self) -> int | None:
        """How far above the cap the worst price was; None where no price was judged."""
        return self.alert.worst_excess_permille if self.is_about_prices else None

    @property
    def overcharge_fen(self) -> int | None:
        """Money above the cap in all; None where no price was judged."""
        return self.alert.overcharge_fen if self.is_about_prices else None

    @property
    def conflicting(self) -> Mapping[str, str] | None:
        """Which line of which journal came twice, for a page to say in its own words; None for other alerts."""
        found = _CONFLICTING.match(self.alert.note) if self.alert.kind is AlertKind.SEQUENCE_CONFLICT else None
        return None if found is None else found.groupdict()

    @property
    def clock_ahead_s(self) -> int | None:
        """How far ahead a clock was when it was noticed; negative: behind. None where nothing measured it."""
        found = _OFF_CLOCK.match(self.alert.note) if self.alert.kind is AlertKind.CLOCK_DRIFT else None
        if found is None:
            return None
        return int(found["seconds"]) * (1 if found["side"] == "ahead" else -1)

    @property
    def cap_unit(self) -> CapUnit:
        """What its prices are for: a kg, where no cap was exceeded."""
        return self.alert.worst_cap_unit or CapUnit.KG

    @property
    def worst_price_fen(self) -> int | None:
        """The highest price seen, per the cap's unit; None where there was no cap to exceed."""
        cap = self.alert.worst_cap_fen
        return None if cap is None else cap + self.alert.worst_excess_fen


def listed(
    conn: Connection,
    market_id: MarketId | None,
    states: frozenset[AlertState],
    *,
    limit: int,
    offset: int,
    gravest: Collection[AlertKind],
    newest_first: bool = False,
    assignee: str | None = None,
    is_overdue: bool = False,
) -> list[Alert]:
    """Return a part of the list: what awaits somebody, the worst first unless asked otherwise; else the newest.

    `gravest`: the kinds that come before any price. `assignee`: only what this person is on;
    `is_overdue`: only where a deadline was missed.
    """
    if is_overdue:
        return alert_pages.overdue(conn, market_id, limit=limit, offset=offset)
    if assignee is not None:
        return alert_pages.assigned(conn, market_id, assignee, states, limit=limit, offset=offset)
    if states <= AWAITING and not newest_first:
        return alert_pages.worst(conn, market_id, states, gravest=gravest, limit=limit, offset=offset)
    return alert_pages.newest(conn, market_id, states, limit=limit, offset=offset)


def lines_of(shown: Collection[Alert], policy: RulesPolicy, *, authority: Authority | None = None) -> list[AlertLine]:
    """Return the lines of alerts, in their order, with what a person of this authority (None: nobody) may do."""
    return [
        AlertLine(
            alert=alert,
            severity=policy.severity_told(alert.kind, alert.worst_excess_permille),
            actions=() if authority is None else tuple(actions_from(alert.state, authority)),
            rule=policy.findings.rule_of(alert.kind),
        )
        for alert in shown
    ]


def in_their_cases(conn: Connection, lines: Collection[AlertLine]) -> list[AlertLine]:
    """Return lines without the steps that are left to an undecided case, with the number of that case."""
    left = {line.alert.alert_id: steps for line in lines if (steps := _left_to_a_case(line))}
    found = deciding_cases(conn, left)
    return [
        replace(
            line,
            actions=tuple(one for one in line.actions if one not in left[line.alert.alert_id]),
            decided_in=found[line.alert.alert_id],
        )
        if line.alert.alert_id in found
        else line
        for line in lines
    ]


def _left_to_a_case(line: AlertLine) -> frozenset[AlertAction]:
    return frozenset(one for one in line.actions if is_of_its_case(line.alert.state, one))
