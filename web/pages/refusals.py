"""What a page says when a step was refused: what happened meanwhile, or what is missing."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from psycopg import Connection

from db import alert_steps
from domain.alert import Alert
from domain.alert_step import AlertAction, AlertStep
from domain.errors import FieldRefused, IllegalTransition, RuleViolation
from supervision.alerts.handling import ChangedMeanwhile
from supervision.alerts.moving import LEAVE_IT
from web.alert_forms import Typed
from web.handling import MoreHappened
from web.i18n import mark
from web.words_of_refusals import message_of_refusal

_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A step that was refused. `meanwhile` is what somebody did first; else `message` says what is missing.

    `newer` counts the occurrences that came since the page was shown; `typed` is what was filled in.
    `is_possible`: the step can still be taken by whoever has seen what happened, in a form of the page. `photos_kept`
    are with the alert, whatever became of the step; `photos_lost` have to be chosen again.
    """

    status: int
    alert: Alert
    action: AlertAction
    typed: Typed = field(default_factory=Typed)
    meanwhile: AlertStep | None = None
    is_possible: bool = True
    newer: int = 0
    message: str = ""
    field: str = ""
    expected: str = ""
    photos_kept: int = 0
    photos_lost: int = 0

    @property
    def words(self) -> str:
        """Everything that was written, for a comment where the step's own form is not there any more."""
        typed = self.typed
        written = (typed.document_no, typed.authority, typed.decided_on, typed.decision, typed.note)
        return "\n".join(one for one in written if one.strip())


def with_form_left(refusal: Refusal, forms: Collection[AlertAction]) -> Refusal:
    """Return a refusal as a page with these forms tells it: without its own, the words go where they can be kept."""
    return refusal if refusal.action in forms else replace(refusal, is_possible=False)


def refusal_of(conn: Connection, alert: Alert, action: AlertAction, error: RuleViolation, *, typed: Typed) -> Refusal:
    """Return what to say about a refused step; `alert` as it is now."""
    if isinstance(error, MoreHappened):
        return Refusal(status=_CONFLICT, alert=alert, action=action, typed=typed, newer=error.count)
    if isinstance(error, IllegalTransition):
        steps = [one for one in alert_steps.of_alert(conn, alert.alert_id) if one.action not in LEAVE_IT]
        return Refusal(
            status=_CONFLICT,
            alert=alert,
            action=action,
            typed=typed,
            meanwhile=steps[-1] if steps else None,
            is_possible=isinstance(error, ChangedMeanwhile),
        )
    if isinstance(error, FieldRefused):
        return Refusal(
            status=_UNPROCESSABLE,
            alert=alert,
            action=action,
            typed=typed,
            message=message_of_refusal(action, error),
            field=error.field,
            expected=error.expected,
        )
    message = mark("The rules do not allow this")
    return Refusal(status=_UNPROCESSABLE, alert=alert, action=action, typed=typed, message=message)
