"""Promises: listed, read, made and declined."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from credit.promises.handling import Answer
from credit.promises.offering import NotOffered
from db import promises
from domain.alert import AlertKind
from domain.ids import MarketId
from domain.promise import MadeHow, Promise, PromiseAction, PromiseState, PromiseStep
from web.api.models import Model
from web.promises import PromiseView, promise_for, record
from web.signed_in import ActsOnAlerts, SeesCredit
from web.state import Db, Now, Running
from web.texts import Text

router = APIRouter(prefix="/promises", tags=["promises"])


class PromiseSummary(Model):
    """A promise. `waived_points` (negative): what the alert would have taken; `breakers`: the alerts that break it."""

    promise_id: int
    market_id: str
    vendor_id: str
    alert_id: int
    family: str
    scope: list[AlertKind]
    text_zh: str
    text_en: str
    term_days: int
    factor: int
    charges_waived: bool
    policy_version: str
    offered_at: datetime
    offer_until: datetime
    waived_points: int
    waived_rule: str
    rules_version: str
    state: PromiseState
    made_at: datetime | None
    until: datetime | None
    breakers: list[int]
    revision: int


class PromiseTrailStep(Model):
    """One step of a promise's trail."""

    at: datetime
    actor: str
    action: PromiseAction
    from_state: PromiseState
    to_state: PromiseState
    note: str
    origin: str
    alert_id: int | None
    made_how: MadeHow | None
    photo_id: int | None


class PromiseDetail(PromiseSummary):
    """A promise with its trail, and what may be done with it."""

    actions: list[PromiseAction]
    steps: list[PromiseTrailStep]


class PromiseAnswer(Model):
    """What a vendor says to an offer.

    `how` it made the promise: on `paper` (then `photo_id`, a photo of the signed paper that the alert has), by word of
    mouth (`oral`; then `note` says who heard it), on its own `page`. `revision`: of the promise as it was read.
    """

    how: MadeHow | None = None
    note: Text = ""
    photo_id: int | None = None
    revision: int | None = None


class PromiseOffer(Model):
    """Whether confirming an alert may end in a promise: where `refused` is empty it may."""

    refused: list[NotOffered]


@router.get("")
def list_promises(
    conn: Db,
    viewer: SeesCredit,
    state: Annotated[list[PromiseState] | None, Query(description="states to list; none given: all")] = None,
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="promise_id: only those before this one")
    ] = None,
) -> list[PromiseSummary]:
    """Promises, the newest first."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    found = promises.listed(conn, scope, state or list(PromiseState), limit=limit, before=before)
    return [PromiseSummary.model_validate(_values(one.promise)) for one in found]


@router.get("/{promise_id}")
def read_promise(conn: Db, viewer: SeesCredit, promise_id: int) -> PromiseDetail:
    """One promise with its trail."""
    return promise_detail(promise_for(conn, viewer, promise_id))


@router.post("/{promise_id}/make")
def make_promise(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, promise_id: int, body: PromiseAnswer
) -> PromiseDetail:
    """Record that the vendor made the promise: its term begins."""
    said = Answer(
        action=PromiseAction.MAKE, how=body.how, note=body.note, photo_id=body.photo_id, revision=body.revision
    )
    record(conn, viewer, promise_id, said, config=running.config, now=now)
    return promise_detail(promise_for(conn, viewer, promise_id))


@router.post("/{promise_id}/decline")
def decline_promise(
    running: Running, conn: Db, now: Now, viewer: ActsOnAlerts, promise_id: int, body: PromiseAnswer | None = None
) -> PromiseDetail:
    """Record that the vendor declined: the deduction that was waived is charged."""
    said = body or PromiseAnswer()
    declined = Answer(action=PromiseAction.DECLINE, how=said.how, note=said.note, revision=said.revision)
    record(conn, viewer, promise_id, declined, config=running.config, now=now)
    return promise_detail(promise_for(conn, viewer, promise_id))


def promise_detail(view: PromiseView) -> PromiseDetail:
    """Return what the API says of a promise."""
    steps = [PromiseTrailStep.model_validate({name: getattr(one, name) for name in _STEP_FIELDS}) for one in view.steps]
    return PromiseDetail.model_validate({**_values(view.promise), "actions": list(view.actions), "steps": steps})


_STEP_FIELDS = tuple(name for name in PromiseStep.__slots__ if name != "promise_id")


def _values(promise: Promise) -> dict[str, object]:
    values = {name: getattr(promise, name) for name in PromiseSummary.model_fields}
    return {**values, "scope": list(promise.scope), "breakers": sorted(promise.breakers)}
