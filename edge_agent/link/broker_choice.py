"""Which broker is tried next and when, and when the preferred one is looked for again. Pure.

Times are seconds of a monotonic clock.
"""

from dataclasses import dataclass, replace

from edge_agent.link.backoff import delay_s


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceRules:
    """Back-off grows with each round over all brokers, and only a connection that lasted `steady_s` ends it."""

    first_s: float = 0.5
    ceiling_s: float = 30.0
    steady_s: float = 30.0
    return_first_s: float = 300.0
    return_ceiling_s: float = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """`index`: the broker in use, or tried next; 0 is the preferred one. `failures`: in a row.

    `return_at` is set exactly while a stand-in is connected; `lookouts`: how often the preferred one was not there.
    """

    index: int = 0
    failures: int = 0
    next_try_at: float = 0.0
    connected_at: float | None = None
    return_at: float | None = None
    lookouts: int = 0


def after_connecting(rules: ChoiceRules, choice: Choice, now: float, chance: float) -> Choice:
    """A broker accepted us. On a stand-in, the preferred one is looked for after a while."""
    if choice.index == 0:
        return replace(choice, connected_at=now, return_at=None, lookouts=0)
    return replace(choice, connected_at=now, return_at=now + _lookout_s(rules, choice.lookouts, chance))


def after_failure(rules: ChoiceRules, choice: Choice, brokers: int, now: float, chance: float) -> Choice:
    """A broker was lost, refused us or is not there: the next one in order, but not at once."""
    was_steady = choice.connected_at is not None and now - choice.connected_at >= rules.steady_s
    failures = 0 if was_steady else choice.failures
    wait_s = delay_s(failures // brokers, first_s=rules.first_s, ceiling_s=rules.ceiling_s, chance=chance)
    return Choice(
        index=(choice.index + 1) % brokers,
        failures=failures + 1,
        next_try_at=now + wait_s,
        lookouts=choice.lookouts,
    )


def after_lookout(rules: ChoiceRules, choice: Choice, *, is_there: bool, now: float, chance: float) -> Choice:
    """The preferred broker was looked for. Where it is there, it is the one to connect to now."""
    if is_there:
        return Choice(next_try_at=now, lookouts=choice.lookouts + 1)
    lookouts = choice.lookouts + 1
    return replace(choice, lookouts=lookouts, return_at=now + _lookout_s(rules, lookouts, chance))


def _lookout_s(rules: ChoiceRules, lookouts: int, chance: float) -> float:
    return delay_s(lookouts, first_s=rules.return_first_s, ceiling_s=rules.return_ceiling_s, chance=chance)
