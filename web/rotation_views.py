"""What pages show of a round: its newest or asked-for version as lines, and who may see it."""

from dataclasses import dataclass

from psycopg import Connection

from credit.rotation import planning
from credit.rotation.listing import Line, lines_of
from credit.rotation.model import Rotation
from credit.rotation.solving import Solution
from db import rotation_rounds
from domain.errors import NotFound
from domain.rotation import Proposal, Round
from web.access import Viewer


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A version of a round, whole, as lines by number; `last_round`: the one it is compared with, or None."""

    round: Round
    proposal: Proposal
    rotation: Rotation
    solution: Solution
    lines: list[Line]
    last_round: int | None

    @property
    def name_of(self) -> dict[int, str]:
        """The vendor of each number."""
        return {one.place.number: one.place.vendor_name for one in self.lines}

    @property
    def score_of(self) -> dict[int, int]:
        """The score of each number."""
        return {one.place.number: one.place.score for one in self.lines}

    @property
    def left_without(self) -> int:
        """How many are left without a stall."""
        return sum(1 for one in self.lines if one.place.stall_id is None)


def seen_round(conn: Connection, viewer: Viewer, round_id: int) -> Round:
    """Return a round of a market that the person sees. Raise NotFound."""
    of = planning.known(conn, round_id)
    if not viewer.sees(of.market_id):
        raise NotFound(f"there is no round {round_id}")
    return of


def shown(conn: Connection, of: Round, version: int | None = None) -> Shown:
    """Return a version (None: the confirmed or newest). Raise NotFound where nothing is proposed yet."""
    found = planning.proposed(conn, of, version)
    last = rotation_rounds.last_before(conn, of.market_id, of.round_id)
    places = rotation_rounds.places(conn, of.round_id, found.proposal.version)
    return Shown(
        round=of,
        proposal=found.proposal,
        rotation=found.rotation,
        solution=found.solution,
        lines=lines_of(found.rotation, places, [] if last is None else rotation_rounds.places(conn, *last)),
        last_round=None if last is None else last[0],
    )
