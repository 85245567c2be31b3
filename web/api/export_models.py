"""What the API says of destinations of exports and of what they were given."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.export import BatchState, DeliveryState, DestinationAction, ExportForm
from supervision.exports.destinations import LONGEST_REASON
from web.api.models import Body, Model
from web.texts import Text


class NewExportDestination(Body):
    """A destination to register. `url` empty: it takes files; `market_ids` empty: of every market."""

    name: Text
    url: Text = ""
    forms: list[ExportForm] = Field(default_factory=lambda: list(ExportForm))
    market_ids: list[Text] = Field(default_factory=list)
    sees_identities: bool = False


class ExportDestination(Model):
    """A destination. `failing_since`: since when it takes nothing; `disabled_at` null: it is given records."""

    destination_id: int
    name: str
    url: str
    forms: list[ExportForm]
    market_ids: list[str]
    sees_identities: bool
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str


class RegisteredDestination(ExportDestination):
    """A new destination; its secret is said here and never again."""

    secret: str


class DestinationSecret(Model):
    """The secret that signs from now on; the one before signs beside it until then."""

    secret: str
    previous_until: datetime | None


class DestinationStep(Model):
    """What somebody did with a destination, or with a batch of it."""

    at: datetime
    actor: str
    origin: str
    action: DestinationAction
    note: str
    batch_id: int | None


class LedgerLine(Model):
    """What became of one version of a record at one destination."""

    revision: int
    form: ExportForm
    record_id: str
    version: int
    market_id: str
    vendor_id: str
    batch_id: int
    state: DeliveryState
    answer: str
    settled_at: datetime | None


class ExportAttempt(Model):
    """One attempt. `answered_at` null: nobody knows whether it arrived; `status` null: there was no answer."""

    attempt: int
    sent_at: datetime
    answered_at: datetime | None
    status: int | None
    said: str | None
    error: str | None


class ExportBatch(Model):
    """Records that go together under one key, and every attempt to send them."""

    batch_id: int
    destination_id: int
    form: ExportForm
    idempotency_key: str
    media_type: str
    made_at: datetime
    state: BatchState
    next_attempt_at: datetime | None
    settled_at: datetime | None
    attempts: list[ExportAttempt]
    records: list[LedgerLine]


class ExportTrial(Model):
    """A trial message. `sent_at` null: it waits; `answered_at` null: nobody knows whether it arrived."""

    trial_id: int
    idempotency_key: str
    asked_at: datetime
    asked_by: str
    sent_at: datetime | None
    answered_at: datetime | None
    status: int | None
    said: str
    error: str


class BecauseOf(Body):
    """Why somebody does it."""

    because: Annotated[Text, Field(max_length=LONGEST_REASON)]


class AskedTrial(Model):
    """The trial message that is on its way."""

    trial_id: int


class SentAgain(Model):
    """The batch that is on its way: the same one, or another one of what was refused."""

    batch_id: int
