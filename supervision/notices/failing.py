"""When a webhook or a destination that takes nothing is given nothing any more. Pure."""

from datetime import datetime, timedelta
from typing import Final

from supervision.notices.retrying import Outcome

_GONE: Final = 410
_HOUR_S: Final = 3600


def why_switched_off(outcome: Outcome, error: str, since: datetime, now: datetime, disabled_after: timedelta) -> str:
    """Return why a receiver is switched off that has taken nothing `since` then; empty: it is not.

    Who answers that there is nobody any more is believed at once.
    """
    if outcome.status == _GONE:
        return error
    if now - since < disabled_after:
        return ""
    return f"nothing taken for {int((now - since).total_seconds()) // _HOUR_S} h; last: {error}"
