"""Which roles a route may answer, by name."""

from domain.alert_step import AlertAction
from supervision.alerts.states import TRANSITIONS
from tests.web_world import USERS

ALL, NOBODY = frozenset(USERS), None
NOT_REGULATORS, NOT_MANAGERS = frozenset({"manager", "admin"}), frozenset({"regulator", "admin"})
NOT_ADMINS = frozenset({"manager", "regulator"})
STEPS = {action for _state, action in TRANSITIONS} | {AlertAction.ASSIGN, AlertAction.COMMENT}

#: Which roles each route answers; None: no sign-in is asked for.
Routes = dict[tuple[str, str], frozenset[str] | None]
