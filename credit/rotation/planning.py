"""A round from draft to confirmation: frozen with its hash published, proposed by a seed nobody could choose."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection

from credit.rotation.comparing import Change, change
from credit.rotation.editing import Edit, pins_after
from credit.rotation.gathering import gather
from credit.rotation.lots import METHOD, seed_of
from credit.rotation.model import Pin, Rotation, against, problems_of
from credit.rotation.policy import RotationRules
from credit.rotation.round_file import (
    FrozenRound,
    PublishedRound,
    frozen_text,
    published,
    read_frozen,
    sha256_of,
    with_pins,
)
from credit.rotation.solving import Solution, solve
from credit.rules.shape import CreditRules
from db import rotation_rounds
from db.rotation_rounds import Freezing, NewProposal
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId
from domain.rotation import Proposal, Round, RoundState

LONGEST_TEXT: Final = 500
_MOST_TOLD: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """A version of a round, whole: what it was reckoned from, what it gives, and the proof."""

    proposal: Proposal
    rotation: Rotation
    solution: Solution


def draft(
    conn: Connection, market_id: MarketId, title: str, takes_effect_on: date, *, by: str, now: datetime, today: date
) -> int:
    """Begin a round; return its round_id. Raise RuleViolation naming the field that cannot be."""
    if not title.strip() or len(title) > LONGEST_TEXT:
        raise RuleViolation("title is empty or too long; expected 1 to 500 signs", problem="round_without_title")
    if takes_effect_on < today:
        raise RuleViolation(
            f"takes_effect_on is {takes_effect_on.isoformat()}; expected today or a day to come", problem="past_day"
        )
    return rotation_rounds.insert(conn, market_id, title.strip(), takes_effect_on, by=by, at=now)


def freeze(
    conn: Connection,
    round_id: int,
    *,
    public_source: str,
    public_from: datetime,
    rules: RotationRules,
    credit_rules: CreditRules,
    by: str,
    now: datetime,
) -> Round:
    """Fix who takes part, with which score and needs, and promise a secret; what is left to know is a public value.

    Raise RuleViolation where nothing can be reckoned, or the public value could be known already.
    """
    found = _locked(conn, round_id, RoundState.DRAFT)
    if not public_source.strip() or len(public_source) > LONGEST_TEXT:
        raise RuleViolation(
            "public_source is empty or too long; say where everybody will read the value: 500 signs at most",
            problem="no_source",
        )
    if public_from <= now:
        raise RuleViolation(
            f"public_from is {public_from.isoformat()}; expected a moment that is still to come",
            problem="known_already_when",
        )
    gathered = gather(conn, found, rules=rules, credit_rules=credit_rules, now=now)
    _require_sound(gathered.rotation)
    secret = secrets.token_hex(32)
    text = frozen_text(
        FrozenRound(
            method=METHOD,
            round_id=round_id,
            market_id=found.market_id,
            title=found.title,
            takes_effect_on=found.takes_effect_on,
            credit_rules=credit_rules.version,
            frozen_at=now,
            secret_sha256=sha256_of(secret),
            public_source=public_source.strip(),
            public_from=public_from,
            rotation=gathered.rotation,
        )
    )
    freezing = Freezing(
        frozen=text,
        frozen_sha256=sha256_of(text),
        secret=secret,
        public_source=public_source.strip(),
        public_from=public_from,
    )
    rotation_rounds.freeze(conn, round_id, found.market_id, freezing, gathered.claims, by=by, at=now)
    return known(conn, round_id)


def propose(conn: Connection, round_id: int, public_value: str, *, by: str, now: datetime) -> Round:
    """Make the seed with the public value, and the proposal that follows from it.

    Raise RuleViolation before the value can be known, IllegalTransition where that was done or the round was given up.
    """
    found = _locked(conn, round_id, RoundState.FROZEN)
    if found.public_from is None or now < found.public_from:
        raise RuleViolation(
            f"the public value is known from {found.public_from} on; nothing is proposed before",
            problem="drawn_too_early",
        )
    value = " ".join(public_value.split())
    if not value or len(value) > LONGEST_TEXT:
        raise RuleViolation(
            "public_value is empty or too long; expected what the source says: 500 signs at most", problem="no_value"
        )
    text = rotation_rounds.frozen(conn, round_id)
    seed = seed_of(sha256_of(text), found.secret or "", value)
    solution = solve(read_frozen(text, "round").rotation, seed)
    rotation_rounds.propose(conn, round_id, public_value=value, seed=seed, by_seed=solution.objective, by=by, at=now)
    _keep(conn, round_id, 1, (), solution, because="", by=by, now=now)
    return known(conn, round_id)


def tried(conn: Connection, round_id: int, edit: Edit) -> tuple[Proposed, Solution, tuple[Pin, ...], Change]:
    """Return what a change by hand would come to: the version it starts from, what it gives, and what it costs whom.

    Raise RuleViolation where it cannot be.
    """
    found = known(conn, round_id)
    _require(found, RoundState.PROPOSED)
    before = proposed(conn, found)
    pins = pins_after(edit, before.rotation.pins, before.solution.places)
    _require_possible(before.rotation, pins)
    after = solve(with_pins(before.rotation, pins), found.seed or "")
    return before, after, pins, change(before.rotation, before.solution, after)


def change_by_hand(
    conn: Connection, round_id: int, edit: Edit, because: str, *, seen: int, by: str, now: datetime
) -> int:
    """Keep another version with a change by hand; return its number. `seen`: the version that was looked at."""
    if not because.strip() or len(because) > LONGEST_TEXT:
        raise RuleViolation("say why it is changed by hand: everybody reads it", problem="no_reason")
    found = _locked(conn, round_id, RoundState.PROPOSED)
    if found.version != seen:
        raise IllegalTransition(
            f"the round has version {found.version} by now, not {seen}; look at it, then decide again", problem="late"
        )
    before, after, pins, _ = tried(conn, round_id, edit)
    version = before.proposal.version + 1
    _keep(conn, round_id, version, pins, after, because=because.strip(), by=by, now=now)
    return version


def confirm(conn: Connection, round_id: int, *, seen: int, by: str, now: datetime) -> None:
    """Confirm what is proposed, by somebody who had no hand in it. Raise RuleViolation."""
    found = _locked(conn, round_id, RoundState.PROPOSED)
    hands = {found.frozen_by, found.proposed_by} | {one.made_by for one in rotation_rounds.proposals(conn, round_id)}
    if by in hands:
        raise RuleViolation(
            f"{by} froze, drew or changed this round; somebody else has to confirm it", problem="own_round"
        )
    if found.version != seen:
        raise IllegalTransition(
            f"the round has version {found.version} by now, not {seen}; look at it, then decide again", problem="late"
        )
    if proposed(conn, found).proposal.not_apart:
        raise RuleViolation(
            "two that may not be neighbours are; give one another stall first", problem="not_kept_apart"
        )
    rotation_rounds.confirm(conn, round_id, seen, by=by, at=now)


def abandon(conn: Connection, round_id: int, because: str, *, by: str, now: datetime) -> None:
    """Give a round up before it is in force; it stays where everybody sees it, with the reason. Raise RuleViolation."""
    _locked(conn, round_id, RoundState.DRAFT, RoundState.FROZEN, RoundState.PROPOSED, RoundState.CONFIRMED)
    if not because.strip():
        raise RuleViolation("say why the round is given up: everybody reads it", problem="no_reason")
    rotation_rounds.abandon(conn, round_id, because.strip()[:LONGEST_TEXT], by=by, at=now)


def proposed(conn: Connection, of: Round, version: int | None = None) -> Proposed:
    """Return a version of a round (None: the confirmed or newest one) as it was kept: nothing is solved again.

    Raise NotFound where there is none.
    """
    wanted = version or of.confirmed_version or of.version
    told = next((one for one in rotation_rounds.proposals(conn, of.round_id) if one.version == wanted), None)
    if told is None:
        raise NotFound(f"round {of.round_id} has no version {wanted}")
    pins = tuple(Pin(stall_id=stall, claim=number) for stall, number in told.pins)
    rotation = with_pins(read_frozen(rotation_rounds.frozen(conn, of.round_id), "round").rotation, pins)
    places = rotation_rounds.places(conn, of.round_id, told.version)
    return Proposed(
        proposal=told,
        rotation=rotation,
        solution=Solution(
            places={one.number: one.stall_id for one in places},
            objective=told.objective,
            bound=told.bound,
            claim_prices={one.number: one.price for one in places},
            stall_prices=rotation_rounds.stall_prices(conn, of.round_id, told.version),
            restricted=told.restricted,
            not_apart=told.not_apart,
        ),
    )


def published_round(conn: Connection, of: Round) -> PublishedRound:
    """Return the file of a round. Raise IllegalTransition before anything is proposed."""
    if of.secret is None or of.public_value is None or of.by_seed is None:
        raise IllegalTransition(f"round {of.round_id} is {of.state}; its file is published once it is proposed")
    found = proposed(conn, of)
    return published(
        rotation_rounds.frozen(conn, of.round_id),
        secret=of.secret,
        public_value=of.public_value,
        by_seed=of.by_seed,
        pins=found.rotation.pins,
        solution=found.solution,
    )


def known(conn: Connection, round_id: int) -> Round:
    """Return a round. Raise NotFound."""
    found = rotation_rounds.one(conn, round_id)
    if found is None:
        raise NotFound(f"there is no round {round_id}")
    return found


def _keep(
    conn: Connection,
    round_id: int,
    version: int,
    pins: tuple[Pin, ...],
    solution: Solution,
    *,
    because: str,
    by: str,
    now: datetime,
) -> None:
    new = NewProposal(
        version=version,
        pins=[(one.stall_id, one.claim) for one in pins],
        objective=solution.objective,
        bound=solution.bound,
        restricted=solution.restricted,
        not_apart=solution.not_apart,
        because=because,
        places=solution.places,
        claim_prices=solution.claim_prices,
        stall_prices=solution.stall_prices,
    )
    rotation_rounds.append_proposal(conn, round_id, new, by=by, at=now)


def _require_possible(rotation: Rotation, pins: tuple[Pin, ...]) -> None:
    stalls = {one.stall_id: one for one in rotation.stalls}
    claims = {one.number: one for one in rotation.claims}
    for pin in pins:
        stall = stalls.get(pin.stall_id)
        if stall is None:
            raise RuleViolation(
                f"stall {pin.stall_id} does not take part", problem="no_such_stall", facts={"stall": pin.stall_id}
            )
        if pin.claim is not None and against(claims[pin.claim], stall):
            needs = ", ".join(against(claims[pin.claim], stall))
            raise RuleViolation(
                f"stall {pin.stall_id} does not meet what number {pin.claim} needs: {needs}",
                problem="against_needs",
                facts={"stall": pin.stall_id, "number": pin.claim},
            )
    if problems_of(with_pins(rotation, pins)):
        raise RuleViolation("two that may not be neighbours would be", problem="would_be_neighbours")


def _require_sound(rotation: Rotation) -> None:
    codes = {one.code for one in rotation.rules.classes}
    without = [one.stall_id for one in rotation.stalls if one.position_class not in codes]
    if without:
        shown = ", ".join(without[:_MOST_TOLD])
        raise RuleViolation(
            f"position_class of {len(without)} stalls is none of {', '.join(sorted(codes))}: {shown}",
            problem="stalls_without_class",
            facts={"count": len(without), "stalls": shown, "classes": ", ".join(sorted(codes))},
        )
    problems = problems_of(rotation)
    if not rotation.claims:
        raise RuleViolation(
            "nobody holds a stall in this market: there is nobody to give one", problem="nobody_holds_a_stall"
        )
    if problems:
        more = f"; and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        raise RuleViolation("; ".join(problems[:_MOST_TOLD]) + more, problem="rotation_unsound")


def _locked(conn: Connection, round_id: int, *states: RoundState) -> Round:
    found = rotation_rounds.one_locked(conn, round_id)
    if found is None:
        raise NotFound(f"there is no round {round_id}")
    _require(found, *states)
    return found


def _require(found: Round, *states: RoundState) -> None:
    if found.state not in states:
        raise IllegalTransition(
            f"round {found.round_id} is {found.state}; this is done only while it is {' or '.join(states)}",
            problem="late",
        )
