"""When a change is told: at once when it was quiet, otherwise together with those that follow soon. Pure."""


def due_at(last_told: float | None, changed_at: float, interval_s: float) -> float:
    """Return the moment at which a change is to be told, on the clock of its arguments.

    Args:
        last_told: when the reader was last told anything; None: never.
        changed_at: when the change was seen.
        interval_s: the shortest time between two tellings.
    """
    return changed_at if last_told is None else max(changed_at, last_told + interval_s)
