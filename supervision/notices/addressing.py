"""Who is told of what: everybody who sees the market and asked for it, unless it is for somebody by name. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from db.happenings import Happening
from db.mailboxes import Item, Owner
from db.notice_people import Person
from domain.alert import AlertKind, Severity
from domain.ids import MarketId
from domain.notice import PERSONAL_CHANNELS, TOLD_TO_SYSTEMS, NoticeChannel, NoticeKind, Preferences
from supervision.notices.policy import NoticesPolicy, is_at_least

#: How severe an alert of a kind is, so far above the cap (thousandths); None: it is about the record of a device.
Severities = Callable[[AlertKind, int], Severity | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """An endpoint and what it asked for. `market_id` None: of every market."""

    endpoint_id: int
    market_id: MarketId | None
    minimum: Severity
    kinds: frozenset[NoticeKind]


def addressed(
    happening: Happening,
    people: Sequence[Person],
    listeners: Sequence[Listener],
    policy: NoticesPolicy,
    severities: Severities,
) -> Iterator[Item]:
    """Yield into whose mailboxes something goes, and how severe it counts as there."""
    kind = NoticeKind(happening.kind)
    severity = policy.severity_of(kind, _of_alert(happening, happening.permille, severities))
    if kind is NoticeKind.ALERT_GRAVER and not _is_graver(happening, severities):
        return
    for person in people:
        if not _is_for(happening, person):
            continue
        for channel in wanted_by(preferences_of(person, policy), severity):
            yield Item(Owner(channel, person.user_id, None), happening.happening_id, severity)
    for one in listeners if kind in TOLD_TO_SYSTEMS else ():
        if one.market_id in (None, happening.market_id) and kind in one.kinds and is_at_least(severity, one.minimum):
            yield Item(Owner(NoticeChannel.WEBHOOK, None, one.endpoint_id), happening.happening_id, severity)


def preferences_of(person: Person, policy: NoticesPolicy) -> Preferences:
    """Return how a person wants to be told: as chosen, else as the policy says."""
    return person.preferences or policy.defaults()


def wanted_by(preferences: Preferences, severity: Severity) -> Iterator[NoticeChannel]:
    """Yield by which channels a person is told of something so severe; e-mail needs an address."""
    for channel in PERSONAL_CHANNELS:
        choice = preferences.channels.get(channel)
        is_reachable = channel is not NoticeChannel.EMAIL or bool(preferences.email)
        if choice is not None and is_reachable and is_at_least(severity, choice.minimum):
            yield channel


def _is_for(happening: Happening, person: Person) -> bool:
    if happening.to_user not in (None, person.user_id):
        return False
    if happening.to_role is not None and happening.to_role != person.role:
        return False
    return person.market_id in (None, happening.market_id)


def _is_graver(happening: Happening, severities: Severities) -> bool:
    was = _of_alert(happening, happening.was_permille or 0, severities)
    return _of_alert(happening, happening.permille, severities) != was


def _of_alert(happening: Happening, permille: int, severities: Severities) -> Severity | None:
    return None if happening.alert_kind is None else severities(AlertKind(happening.alert_kind), permille)
