"""What the API says of held messages, and what it is told about them."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.quarantine import HeldState, HeldStep, ReplayOutcome
from messages.showing import PayloadKind
from web.api.models import Body, Model
from web.texts import Text


class HeldMessage(Model):
    """A message that could not be accepted. Ids are null as far as it could not be read."""

    quarantine_id: int
    topic: str
    market_id: str | None
    scale_id: str | None
    journal_id: str | None
    seq: int | None
    reason: str
    explanation: str
    received_at: datetime
    last_received_at: datetime
    times_received: int
    state: HeldState
    tries: int
    tried_at: datetime | None
    outcome: ReplayOutcome | None
    ended_at: datetime | None
    ended_by: str | None
    replay_requested_at: datetime | None
    replay_requested_by: str | None
    payload_bytes: int


class HeldStepTaken(Model):
    """A step of the audit trail; `was_…`: what it was held for before it was refused again."""

    at: datetime
    actor: str
    step: HeldStep
    outcome: ReplayOutcome | None
    reason: str
    note: str
    was_reason: str
    was_note: str


class HeldMessageDetail(HeldMessage):
    """A message with its payload: safe to show in `payload_text` (a million characters at most), exact in base64."""

    payload_kind: PayloadKind
    payload_text: str
    payload_base64: str
    steps: list[HeldStepTaken]


class HeldCount(Model):
    """How many messages of a scale are held for a reason, exactly.

    From the first arrival to the last of all that were held so since it was last none.
    """

    reason: str
    market_id: str | None
    scale_id: str | None
    messages: int
    first_at: datetime
    last_at: datetime


class SettleRequest(Body):
    """Why nothing more is to be done."""

    because: Annotated[Text, Field(max_length=2000)]


_Name = Annotated[Text, Field(max_length=64)]


class ReplayRequest(Body):
    """Which held messages are meant: whatever fits each that is given, received in `[since, until)`.

    `up_to`: none with a larger number; left out, everything that is held by now.
    """

    reason: _Name | None = None
    market: _Name | None = None
    scale: _Name | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    up_to: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None


class HeldReplay(Model):
    """How far a replay of many is. `expected`: how many were meant when it was asked for; `marked`: reached by now.

    Of those `replayed`, `refused` again, `settled` by a person meanwhile; `waiting` are still to be read. `left_out`:
    dealt with otherwise before it reached them, asked for by somebody else, or after it was stopped.
    """

    replay_id: int
    asked_at: datetime
    asked_by: str
    reason: str | None
    market_id: str | None
    scale_id: str | None
    since: datetime | None
    until: datetime | None
    expected: int
    marked: int
    waiting: int
    replayed: int
    refused: int
    settled: int
    left_out: int
    is_going_on: bool
    stopped_at: datetime | None
    stopped_by: str | None
