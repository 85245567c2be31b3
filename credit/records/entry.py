"""What somebody fills in to put something on record, and whether it can be taken. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules, Recorded, Recorder
from credit.scoring import cycle_of
from domain.errors import FieldRefused, NotAllowed, show_value
from supervision.alerts.states import Authority

LONGEST_NUMBER: Final = 200
LONGEST_WORDS: Final = 2000
_NOON: Final = time(12)
_MOST_DIGITS: Final = 4
#: In whose name each authority records. A regulator's word is a regulator's.
_RECORDER: Final = {Authority.MARKET: Recorder.MANAGER, Authority.REGULATOR: Recorder.REGULATOR}


class Problem(StrEnum):
    """Why a field of a record cannot be taken; a page has words for each."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_SUCH_RULE = "no_such_rule"
    NOT_YOURS = "not_yours"
    NOT_POINTS = "not_points"
    NOT_A_DAY = "not_a_day"
    NOT_IN_CYCLE = "not_in_cycle"
    OTHER_CONTENT = "other_content"
    OWN_RECORD = "own_record"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What was typed, as it was typed. `points` may be left out where the rule leaves no choice."""

    name: str
    document_no: str
    evidence: str
    happened_on: str
    points: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """An entry that can be put on record. `occurred_at`: when its line of the ledger counts."""

    rule: Recorded
    points: int
    document_no: str
    evidence: str
    happened_on: date
    occurred_at: datetime


def day_of(entry: Entry) -> date:
    """Return the day that an entry is about. Raise FieldRefused for what is no day."""
    try:
        return date.fromisoformat(entry.happened_on.strip())
    except ValueError:
        typed = entry.happened_on.strip()
        shown = show_value(typed) if typed else ""
        expected = "a day like 2026-11-27"
        raise FieldRefused("happened_on", shown, expected, problem=Problem.NOT_A_DAY, facts={"value": typed}) from None


def read_entry(entry: Entry, *, rules: CreditRules, authority: Authority, now: datetime, timezone: str) -> Taken:
    """Return what is put on record by `rules`, those in force on the entry's day. Raise FieldRefused, NotAllowed.

    The day lies in the running cycle and not after today, by the market's calendar: a cycle that is over has been
    acted on, and nothing is written into it. What is older counts from the day on which its document arrived.
    """
    rule = _rule_of(entry, rules, authority)
    document_no = _text("document_no", entry.document_no, LONGEST_NUMBER, "the number of the document")
    evidence = _text("evidence", entry.evidence, LONGEST_WORDS, "what the document says, in words")
    happened_on, zone = day_of(entry), ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    first, _ = cycle_of(today, rules)
    if not first <= happened_on <= today:
        facts = {"value": happened_on, "first": first, "last": today}
        expected = f"a day of the running cycle, from {first} to {today}"
        raise FieldRefused("happened_on", str(happened_on), expected, problem=Problem.NOT_IN_CYCLE, facts=facts)
    noon = datetime.combine(happened_on, _NOON, zone).astimezone(UTC)
    return Taken(
        rule=rule,
        points=_points_of(entry, rule),
        document_no=document_no,
        evidence=evidence,
        happened_on=happened_on,
        occurred_at=min(noon, now),
    )


def rules_for(authority: Authority, rules: CreditRules) -> tuple[Recorded, ...]:
    """Return what an authority may put on record."""
    return tuple(rule for rule in rules.recorded if _RECORDER[authority] in rule.recorders)


def _rule_of(entry: Entry, rules: CreditRules, authority: Authority) -> Recorded:
    rule = rules.recorded_for(entry.name)
    if rule is None:
        expected = "one of " + ", ".join(one.name for one in rules_for(authority, rules))
        shown = show_value(entry.name) if entry.name else ""
        raise FieldRefused("name", shown, expected, problem=Problem.NO_SUCH_RULE if shown else Problem.MISSING)
    if _RECORDER[authority] not in rule.recorders:
        whose = " or ".join(f"a {one}" for one in rule.recorders)
        raise NotAllowed(f"{rule.name} is put on record by {whose}", problem=Problem.NOT_YOURS)
    return rule


def _points_of(entry: Entry, rule: Recorded) -> int:
    typed = entry.points.strip().replace("−", "-")
    if not typed and rule.least == rule.most:
        return rule.least
    digits = typed.removeprefix("-").removeprefix("+")
    is_whole = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    if not is_whole or not rule.least <= int(typed) <= rule.most:
        facts = {"value": typed, "least": rule.least, "most": rule.most}
        expected = f"a whole number from {rule.least} to {rule.most}"
        shown = show_value(typed) if typed else ""
        raise FieldRefused("points", shown, expected, problem=Problem.NOT_POINTS, facts=facts)
    return int(typed)


def _text(field: str, typed: str, longest: int, expected: str) -> str:
    text = typed.strip()
    if not text:
        raise FieldRefused(field, "", expected, problem=Problem.MISSING)
    if len(text) > longest:
        found = f"{len(text)} characters long"
        raise FieldRefused(field, found, f"at most {longest}", problem=Problem.TOO_LONG, facts={"most": longest})
    return text


def reason_of(typed: str) -> str:
    """Return why a record is withdrawn. Raise FieldRefused where nothing, or too much, was said."""
    return _text("reason", typed, LONGEST_WORDS, "why it should not stand")
