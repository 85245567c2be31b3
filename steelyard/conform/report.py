"""The report of a check: for a person as a table, for a machine as one JSON object."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.ids import MarketId, ScaleId
from steelyard.conform.check import Verdict
from steelyard.conform.statements import Outcome

HEARD = "W4"  # the statement that is kept as soon as one usable weighing was heard
_COLOURS = {Outcome.KEPT: "green", Outcome.BROKEN: "red", Outcome.UNSEEN: "yellow"}


def passes(verdicts: Sequence[Verdict], *, needs_all: bool) -> bool:
    """Say whether weighings were heard and no must is broken; with `needs_all`, that nothing was left unseen either."""
    outcomes = {verdict.statement.number: verdict.finding.outcome for verdict in verdicts}
    was_heard = outcomes[HEARD] is Outcome.KEPT
    lacks = needs_all and Outcome.UNSEEN in outcomes.values()
    return was_heard and not lacks and not any(verdict.is_failure for verdict in verdicts)


def as_json(market_id: MarketId, scale_id: ScaleId, verdicts: Sequence[Verdict], *, passed: bool) -> dict[str, Any]:
    """Return the report as what `--json` prints."""
    return {
        "contract": 1,
        "market_id": market_id,
        "scale_id": scale_id,
        "passed": passed,
        "statements": [
            {
                "number": verdict.statement.number,
                "text": verdict.statement.text,
                "must": verdict.statement.is_must,
                "outcome": verdict.finding.outcome.value,
                "evidence": verdict.finding.evidence,
            }
            for verdict in verdicts
        ],
    }


def print_table(console: Console, scale_id: ScaleId, verdicts: Sequence[Verdict], *, passed: bool) -> None:
    """Print the statements with what was found, and a last line that says how it came out."""
    table = Table(title=f"{scale_id} and the wire contract, version 1", title_justify="left")
    for heading in ("No.", "Statement", "Found", "Evidence"):
        table.add_column(heading)
    for verdict in verdicts:
        outcome = verdict.finding.outcome
        mark = outcome.value if verdict.statement.is_must else f"{outcome.value} (may)"
        table.add_row(
            verdict.statement.number,
            verdict.statement.text,
            f"[{_COLOURS[outcome]}]{mark}[/]",
            escape(verdict.finding.evidence),
        )
    console.print(table)
    counts = Counter(verdict.finding.outcome for verdict in verdicts)
    console.print(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome), highlight=False)
    console.print(f"[{'green' if passed else 'red'}]{_conclusion(verdicts, passed=passed)}[/]", highlight=False)


def _conclusion(verdicts: Sequence[Verdict], *, passed: bool) -> str:
    failed = [verdict.statement.number for verdict in verdicts if verdict.is_failure]
    unseen = [one.statement.number for one in verdicts if one.finding.outcome is Outcome.UNSEEN]
    rest = f"not put to the test: {', '.join(unseen)}" if unseen else "everything was put to the test"
    if passed:
        return f"The device conforms in all that was seen; {rest}."
    broken = f"it breaks {', '.join(failed)}; " if failed else ""
    if HEARD in unseen:
        return f"The device does not conform: {broken}no weighing of it was heard at all."
    return f"The device does not conform: {broken}{rest}."
