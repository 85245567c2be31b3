"""Promises for pages and API alike: seen and answered only by who sees the market."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from credit.promises.handling import Answer, Who, answer, seen
from credit.promises.states import actions_from
from db import promises
from domain.errors import IllegalTransition, RuleViolation
from domain.promise import MadeHow, Promise, PromiseAction, PromiseStep
from supervision.alerts.attaching import known_as
from web.access import Viewer
from web.config import WebConfig
from web.handling import add_photos

_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseView:
    """A promise with its trail, and what may be done with it now."""

    promise: Promise
    steps: tuple[PromiseStep, ...]
    actions: tuple[PromiseAction, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerRefused:
    """An answer that was refused, and what was filled in."""

    error: RuleViolation
    action: PromiseAction
    how: str
    note: str

    @property
    def status(self) -> int:
        """The status of the page that says so."""
        return _CONFLICT if isinstance(self.error, IllegalTransition) else _UNPROCESSABLE


def who(viewer: Viewer) -> Who:
    """Return a signed-in person as the trail of a promise names them."""
    return Who(username=viewer.username, origin=viewer.origin, market_id=viewer.scope)


def promise_for(conn: Connection, viewer: Viewer, promise_id: int) -> PromiseView:
    """Return a promise. Raise NotFound where there is none that the person may see."""
    return view_of(conn, seen(conn, promise_id, who(viewer)))


def view_of(conn: Connection, promise: Promise) -> PromiseView:
    """Return a promise with its trail."""
    return PromiseView(
        promise=promise,
        steps=tuple(promises.steps_of(conn, promise.promise_id)),
        actions=tuple(actions_from(promise.state)),
    )


def of_alert(conn: Connection, alert_id: int) -> PromiseView | None:
    """Return the promise that an alert ended in; None where it ended in none."""
    found = promises.of_alert(conn, alert_id)
    return None if found is None else view_of(conn, found)


def record(
    conn: Connection,
    viewer: Viewer,
    promise_id: int,
    said: Answer,
    *,
    config: WebConfig,
    now: datetime,
    photos: Sequence[bytes] = (),
) -> Promise:
    """Record what a vendor said to an offer; `photos` of the signed paper are added to the alert.

    Raises what `credit.promises.handling.answer` raises, and FieldRefused for what is no photo.
    """
    promise = promise_for(conn, viewer, promise_id).promise
    photo_id = said.photo_id
    if photos:
        added = add_photos(conn, viewer, promise.alert_id, photos, config=config, now=now)
        policy = config.supervision_policy.photo
        photo_id = added[-1] if added else known_as(conn, promise.alert_id, photos[-1], policy=policy)
    how = said.how
    if how is not MadeHow.PAPER:
        photo_id = None
    whole = Answer(action=said.action, how=how, note=said.note, photo_id=photo_id, revision=said.revision)
    return answer(conn, promise_id, whole, by=who(viewer), now=now)
