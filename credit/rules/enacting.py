"""A change of the rules: proposed by one person as a file, put in force by another, from a day still to come."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from psycopg import Connection

from credit.rules.book import rulebook
from credit.rules.reading import parse_credit_rules
from credit.rules.shape import CreditRules
from credit.rules.versions import CALENDAR
from db import credit_rules
from db.credit_rules import RulesVersion
from domain.errors import FieldRefused, NotFound

#: Stands for both people where a version came with the service: nobody proposed what it began with.
FOUNDING: Final = "steelyard"


class Problem(StrEnum):
    """Why a step with a proposal is refused; a page has words for each."""

    KNOWN = "known_version"
    NOT_LATER = "not_later"
    PAST = "past"
    SAME_PERSON = "same_person"
    DECIDED = "decided"
    NO_NOTE = "no_note"
    OTHER_APPEAL = "other_appeal"


def propose(
    conn: Connection, content: str, *, note: str, by: str, now: datetime, founding: str, appeal_days: int
) -> CreditRules:
    """Keep a file as a proposal. Raise BadFile for what is wrong with it, FieldRefused for its version, day or no note.

    `founding`: the file that counts until something is put in force; it is kept first where nothing was kept before.
    `appeal_days`: for how many working days alerts are appealed, which the rules have to say too.
    """
    rules = parse_credit_rules("credit.toml", content)
    _require_note(note)
    if rules.appeal.working_days != appeal_days:
        expected = f"{appeal_days}, as in supervision.toml"
        raise FieldRefused(
            "appeal.working_days", str(rules.appeal.working_days), expected, problem=Problem.OTHER_APPEAL
        )
    with conn.transaction():
        credit_rules.hold(conn)
        found(conn, founding, now)
        if credit_rules.version(conn, rules.version) is not None:
            expected = "a version that no proposal had before"
            raise FieldRefused("version", rules.version, expected, problem=Problem.KNOWN)
        _require_to_come(rules, now)
        credit_rules.propose(
            conn,
            version=rules.version,
            in_force_from=rules.in_force_from,
            content=content,
            note=note.strip(),
            by=by,
            at=now,
        )
    return rules


def put_in_force(conn: Connection, version: str, *, note: str, by: str, now: datetime) -> CreditRules:
    """Put a proposal in force.

    It begins on a day after today and after every version before: what was stays as it was. Raise NotFound, and
    FieldRefused where it is decided already, the person proposed it, or its day has come.
    """
    _require_note(note)
    with conn.transaction():
        credit_rules.hold(conn)
        proposal = _undecided(conn, version)
        if proposal.proposed_by == by:
            expected = f"somebody else than {by}, who proposed it"
            raise FieldRefused("decided_by", by, expected, problem=Problem.SAME_PERSON)
        rules = parse_credit_rules(version, proposal.content)
        _require_to_come(rules, now)
        newest = rulebook(conn, rules).newest_day
        if rules.in_force_from <= newest:
            expected = f"after {newest}, from when on the newest version is in force"
            raise FieldRefused("in_force_from", str(rules.in_force_from), expected, problem=Problem.NOT_LATER)
        credit_rules.decide(conn, proposal.rules_id, is_in_force=True, note=note.strip(), by=by, at=now)
    return rules


def withdraw(conn: Connection, version: str, *, note: str, by: str, now: datetime) -> None:
    """Take a proposal back. Raise NotFound, and FieldRefused where it is decided already."""
    _require_note(note)
    with conn.transaction():
        credit_rules.hold(conn)
        proposal = _undecided(conn, version)
        credit_rules.decide(conn, proposal.rules_id, is_in_force=False, note=note.strip(), by=by, at=now)


def found(conn: Connection, content: str, now: datetime) -> bool:
    """Keep the file that the service began with as the first version, where none is kept; say whether it did."""
    if credit_rules.in_force(conn):
        return False
    rules = parse_credit_rules("credit.toml", content)
    with conn.transaction():
        rules_id = credit_rules.propose(
            conn,
            version=rules.version,
            in_force_from=rules.in_force_from,
            content=content,
            note="founding",
            by=FOUNDING,
            at=now,
        )
        if rules_id is not None:
            credit_rules.decide(conn, rules_id, is_in_force=True, note="founding", by=FOUNDING, at=now)
    return rules_id is not None


def _undecided(conn: Connection, version: str) -> RulesVersion:
    proposal = credit_rules.version(conn, version)
    if proposal is None:
        raise NotFound(f"there is no version {version} of the credit rules")
    if proposal.is_in_force is not None:
        state = "in force" if proposal.is_in_force else "withdrawn"
        expected = f"a proposal that is undecided; this one is {state} since {proposal.decided_at:%Y-%m-%d}"
        raise FieldRefused("version", version, expected, problem=Problem.DECIDED)
    return proposal


def _require_to_come(rules: CreditRules, now: datetime) -> None:
    today = now.astimezone(CALENDAR).date()
    if rules.in_force_from <= today:
        expected = f"a day after today, {today}: what was scored stays as it was"
        raise FieldRefused("in_force_from", str(rules.in_force_from), expected, problem=Problem.PAST)


def _require_note(note: str) -> None:
    if not note.strip():
        raise FieldRefused("note", note.strip(), "a reason in a few words", problem=Problem.NO_NOTE)
