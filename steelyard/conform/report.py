"""The report of a check: for a person as a table, for a machine as one JSON object."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.ids import MarketId, ScaleId
from steelyard.conform.check import Verdict
from steelyard.conform.statements import Outcome

HEARD = "W4"  # the statement that is kept as soon as one usable weighing was heard
_COLOURS = {
    Outcome.KEPT: "green",
    Outcome.BROKEN: "red",
    Outcome.UNDECIDED: "yellow",
    Outcome.UNSEEN: "yellow",
}


class Conclusion(StrEnum):
    """How a check came out."""

    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does_not_conform"
    CANNOT_BE_TOLD = "cannot_be_told"


_SHADES: Final = {
    Conclusion.CONFORMS: "green",
    Conclusion.DOES_NOT_CONFORM: "red",
    Conclusion.CANNOT_BE_TOLD: "yellow",
}
_SENTENCES: Final = {
    Conclusion.CONFORMS: "The device conforms in all that was seen; ",
    Conclusion.DOES_NOT_CONFORM: "The device does not conform: ",
    Conclusion.CANNOT_BE_TOLD: "Whether the device conforms cannot be told: ",
}
EXIT_STATUS: Final = {Conclusion.CONFORMS: 0, Conclusion.DOES_NOT_CONFORM: 1, Conclusion.CANNOT_BE_TOLD: 3}


def conclude(verdicts: Sequence[Verdict], *, needs_all: bool, was_stopped: bool = False) -> Conclusion:
    """Say how it came out: a must that is broken decides, then what could not be told.

    Nothing can be told of a device that was not heard, nor where a must was watched too shortly or the check was
    stopped early. With `needs_all` it does not conform where a statement was left unseen.
    """
    outcomes = {verdict.statement.number: verdict.finding.outcome for verdict in verdicts}
    lacks = needs_all and Outcome.UNSEEN in outcomes.values() and not was_stopped
    if lacks or any(verdict.is_failure for verdict in verdicts):
        return Conclusion.DOES_NOT_CONFORM
    undecided = [one for one in verdicts if one.finding.outcome is Outcome.UNDECIDED]
    if (
        was_stopped
        or outcomes[HEARD] is not Outcome.KEPT
        or any(needs_all or one.statement.is_must for one in undecided)
    ):
        return Conclusion.CANNOT_BE_TOLD
    return Conclusion.CONFORMS


def as_json(
    market_id: MarketId, scale_id: ScaleId, verdicts: Sequence[Verdict], *, conclusion: Conclusion
) -> dict[str, Any]:
    """Return the report as what `--json` prints."""
    return {
        "contract": 1,
        "market_id": market_id,
        "scale_id": scale_id,
        "passed": conclusion is Conclusion.CONFORMS,
        "conclusion": conclusion.value,
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


def print_table(console: Console, scale_id: ScaleId, verdicts: Sequence[Verdict], *, conclusion: Conclusion) -> None:
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
    console.print(f"[{_SHADES[conclusion]}]{_last_line(verdicts, conclusion)}[/]", highlight=False)


def _last_line(verdicts: Sequence[Verdict], conclusion: Conclusion) -> str:
    found: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
    for verdict in verdicts:
        found[verdict.finding.outcome].append(verdict.statement.number)
    failed = [verdict.statement.number for verdict in verdicts if verdict.is_failure]
    unseen, undecided = found[Outcome.UNSEEN], found[Outcome.UNDECIDED]
    parts = [f"it breaks {', '.join(failed)}"] if failed else []
    if undecided:
        parts.append(f"watched too shortly to tell: {', '.join(undecided)}")
    if HEARD in unseen:
        parts.append("no weighing of it was heard at all")
    else:
        parts.append(f"not put to the test: {', '.join(unseen)}" if unseen else "everything was put to the test")
    return f"{_SENTENCES[conclusion]}{'; '.join(parts)}."
