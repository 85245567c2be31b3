"""The clocks that pages and the API show beside alerts."""

from collections.abc import Iterable
from datetime import datetime

from supervision.deadlines.clock import Clock, clocks_of
from web.alert_lines import AlertLine
from web.config import WebConfig


def clocks_by_alert(lines: Iterable[AlertLine], config: WebConfig, now: datetime) -> dict[int, tuple[Clock, ...]]:
    """Return what is due of each alert, the earliest first; alerts of which nothing is due are left out."""
    policy = config.supervision_policy
    calendar = policy.working_calendar
    found = {
        line.alert.alert_id: clocks_of(line.alert, line.severity, policy=policy.deadlines, calendar=calendar, now=now)
        for line in lines
    }
    return {alert_id: clocks for alert_id, clocks in found.items() if clocks}
