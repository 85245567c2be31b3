"""The versions of the rules of credit, for programs."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from psycopg import Connection
from pydantic import Field

from credit.rules import enacting
from credit.rules.reading import parse_credit_rules
from db import credit_rules
from domain.ids import MarketId, VendorId
from web.api.models import Body, Model
from web.config import WebConfig
from web.credit_rules import propose, try_out, version_for
from web.signed_in import EditsCreditRules, SeesCredit
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/credit/rules", tags=["credit"])

_MOST_CHARACTERS = 200_000


class DifferenceSeen(Model):
    """A field with what the version before it says, and what it says itself; null: it says nothing of it."""

    field: str
    before: str | None
    after: str | None


class RulesVersionSummary(Model):
    """A version. `is_in_force` null: nobody has decided about it."""

    version: str
    in_force_from: date
    note: str
    proposed_by: str
    proposed_at: datetime
    is_in_force: bool | None
    decision_note: str | None
    decided_by: str | None
    decided_at: datetime | None


class RulesVersionSeen(RulesVersionSummary):
    """A version with its file, and what it says otherwise than the version before its day."""

    content: str
    against: str
    differences: list[DifferenceSeen]


class NewRules(Body):
    """A file of rules, as `policy/credit.toml`, and why."""

    content: Annotated[Text, Field(max_length=_MOST_CHARACTERS)]
    note: Text


class RulesNote(Body):
    """Why, in a few words."""

    note: Text


class Trial(Body):
    """Rules to try on what happened from `first` to `last`; left out: the last three months."""

    content: Annotated[Text, Field(max_length=_MOST_CHARACTERS)]
    first: date | None = None
    last: date | None = None


class ChangeSeen(Model):
    """A vendor that would have had another tier on a day."""

    day: date
    market_id: MarketId
    vendor_id: VendorId
    score_before: int
    tier_before: str
    score_after: int
    tier_after: str


class DaySeen(Model):
    """How many vendors of a market were, and would have been, in which tier on a day."""

    day: date
    market_id: MarketId
    before: dict[str, int]
    after: dict[str, int]


class TrialSeen(Model):
    """What rules would have done to everybody, at the end of each month and on the last day."""

    rules_version: str
    vendors: int
    days: list[DaySeen]
    changes: list[ChangeSeen]


@router.get("")
def versions(conn: Db, _viewer: SeesCredit) -> list[RulesVersionSummary]:
    """Every version that was proposed, the oldest first; none: what came with the service is in force."""
    return [RulesVersionSummary.model_validate(one) for one in credit_rules.versions(conn)]


@router.post("/trials")
def try_rules(running: Running, conn: Db, now: Now, viewer: EditsCreditRules, trial: Trial) -> TrialSeen:
    """What rules would have done to everybody; nothing is kept."""
    rules = parse_credit_rules("content", trial.content)
    found, _ = try_out(conn, viewer, rules, running.config, now, first=trial.first, last=trial.last)
    return TrialSeen(
        rules_version=rules.version,
        vendors=found.vendors,
        days=[
            DaySeen(day=day, market_id=market_id, before=dict(one.before[day]), after=dict(one.after[day]))
            for day in found.days
            for market_id, one in found.markets.items()
        ],
        changes=[ChangeSeen.model_validate(one) for one in found.changes],
    )


@router.post("", status_code=201)
def propose_rules(running: Running, conn: Db, now: Now, viewer: EditsCreditRules, new: NewRules) -> RulesVersionSeen:
    """Keep a file as a proposal; somebody else puts it in force."""
    kept = propose(conn, viewer, new.content, new.note, running.config, now)
    return _told(conn, kept.version, running.config)


@router.get("/{version}")
def one_version(running: Running, conn: Db, _viewer: SeesCredit, version: str) -> RulesVersionSeen:
    """A version with its file."""
    return _told(conn, version, running.config)


@router.post("/{version}/put-in-force")
def put_in_force(
    running: Running, conn: Db, now: Now, viewer: EditsCreditRules, version: str, said: RulesNote
) -> RulesVersionSeen:
    """Put a proposal in force, as somebody who did not propose it."""
    enacting.put_in_force(conn, version, note=said.note, by=viewer.username, now=now)
    return _told(conn, version, running.config)


@router.post("/{version}/withdraw")
def withdraw(
    running: Running, conn: Db, now: Now, viewer: EditsCreditRules, version: str, said: RulesNote
) -> RulesVersionSeen:
    """Take a proposal back."""
    enacting.withdraw(conn, version, note=said.note, by=viewer.username, now=now)
    return _told(conn, version, running.config)


def _told(conn: Connection, version: str, config: WebConfig) -> RulesVersionSeen:
    shown = version_for(conn, version, config)
    summary = RulesVersionSummary.model_validate(shown.kept)
    return RulesVersionSeen(
        **summary.model_dump(),
        content=shown.kept.content,
        against=shown.against.version,
        differences=[DifferenceSeen.model_validate(one) for one in shown.differences],
    )
