"""Whatever is confirmed, offered, made, declined and overturned, in any order: the ledger is what a model says."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from credit.promises.breaking import Follows, Line, broken_by, on_confirmed, on_overturned, waived_line
from credit.promises.states import GIVEN, TRANSITIONS
from credit.scoring import Charge, standing
from domain.alert import AlertKind
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId
from domain.promise import Promise, PromiseAction, PromiseState
from tests.unit.credit.test_promises import Seen, promise, seen

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
KINDS = (AlertKind.PRICE_OVER_CAP, AlertKind.EFFECTIVE_PRICE_OVER_CAP, AlertKind.TARE_ABUSE)


@dataclass
class World:
    """A vendor in memory, and beside it what the model needs: which alerts stand, what each would take."""

    charges_waived: bool
    now: datetime = START
    ledger: list[CreditEvent] = field(default_factory=list)
    promises: dict[int, Promise] = field(default_factory=dict)
    confirmed: dict[int, tuple[Seen, int]] = field(default_factory=dict)
    overturned: set[int] = field(default_factory=set)

    def append(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            if line.reverses is None:
                assert line.alert_id not in {event.alert_id for event in standing(self.ledger)}
            self.ledger.append(
                CreditEvent(
                    event_id=len(self.ledger) + 1,
                    market_id=MarketId("m"),
                    vendor_id=VendorId("v"),
                    occurred_at=line.occurred_at,
                    recorded_at=self.now,
                    recorded_by="x",
                    reason=line.reason,
                    points=line.points,
                    rule=line.rule,
                    rules_version=line.rules_version,
                    alert_id=line.alert_id,
                    reverses=line.reverses,
                    promise_id=line.promise_id,
                    factor=line.factor,
                )
            )

    def follow(self, follows: Follows) -> None:
        self.append(follows.lines)
        for moved in follows.moved:
            was = self.promises[moved.promise.promise_id]
            assert moved.promise.state in TRANSITIONS[was.state, moved.action]
            self.promises[was.promise_id] = moved.promise

    def confirm(self, kind: AlertKind, ago: int, points: int, *, offers: bool, factor: int) -> None:
        alert_id = len(self.confirmed) + 1
        last = self.now - ago * HOUR
        alert = seen(last - HOUR, last, alert_id=alert_id, kind=kind)
        charge = Charge(points=-points, rule=f"{kind}.points.low", reason=kind.value, occurred_at=last)
        self.confirmed[alert_id] = (alert, points)
        given_ones = [one for one in self.promises.values() if one.state in GIVEN]
        if offers and not any(broken_by(one, alert) for one in given_ones):
            new = promise(len(self.promises) + 1, factor=factor, made=False)
            self.promises[new.promise_id] = replace(
                new,
                alert_id=alert_id,
                occurred_at=last,
                waived_points=-points,
                waived_kind=kind,
                charges_waived=self.charges_waived,
            )
            return
        promises = list(self.promises.values())
        self.follow(on_confirmed(alert, charge, ledger=self.ledger, promises=promises, rules_version="1"))

    def answer(self, number: int, action: PromiseAction) -> None:
        offered = [one for one in self.promises.values() if (one.state, action) in TRANSITIONS]
        if not offered:
            return
        chosen = offered[number % len(offered)]
        [state] = TRANSITIONS[chosen.state, action]
        moved = replace(chosen, state=state)
        if action is PromiseAction.MAKE:
            moved = replace(moved, made_at=self.now, until=self.now + 48 * HOUR)
        self.promises[chosen.promise_id] = moved
        if action in (PromiseAction.DECLINE, PromiseAction.LAPSE):
            self.append((waived_line(moved),))

    def overturn(self, number: int) -> None:
        left = sorted(set(self.confirmed) - self.overturned)
        if left:
            chosen = left[number % len(left)]
            self.overturned.add(chosen)
            promises = list(self.promises.values())
            self.follow(on_overturned(chosen, ledger=self.ledger, promises=promises, rules_version="1", now=self.now))

    def expected(self) -> dict[int, int]:
        """The model: what each alert that stands takes, said without a ledger."""
        by_alert = {one.alert_id: one for one in self.promises.values()}
        valid = [p for p in self.promises.values() if p.made_at is not None and p.alert_id not in self.overturned]
        costs = {}
        for alert_id, (alert, points) in self.confirmed.items():
            if alert_id in self.overturned:
                continue
            own = by_alert.get(alert_id)
            if own is None:
                factors = [one.factor for one in valid if broken_by(one, alert)]
                costs[alert_id] = -points * max(factors, default=1)
            elif own.state in (PromiseState.DECLINED, PromiseState.LAPSED) or (
                own.charges_waived and self.is_broken(own)
            ):
                costs[alert_id] = -points
        return costs

    def is_broken(self, of: Promise) -> bool:
        own = {one.alert_id for one in self.promises.values()}
        standing_ones = [a for n, (a, _) in self.confirmed.items() if n not in self.overturned and n not in own]
        return any(broken_by(of, alert) for alert in standing_ones)


STEPS = st.one_of(
    st.tuples(
        st.just("confirm"),
        st.sampled_from(KINDS),
        st.integers(0, 60),
        st.integers(1, 10),
        st.booleans(),
        st.integers(1, 3),
    ),
    st.tuples(
        st.just("answer"),
        st.integers(0, 5),
        st.sampled_from([PromiseAction.MAKE, PromiseAction.MAKE, PromiseAction.DECLINE, PromiseAction.LAPSE]),
    ),
    st.tuples(st.just("keep"), st.integers(0, 5)),
    st.tuples(st.just("overturn"), st.integers(0, 10)),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


@settings(max_examples=300, deadline=None)
@given(charges_waived=st.booleans(), steps=st.lists(STEPS, max_size=30))
def test_the_ledger_says_what_the_model_says(charges_waived: bool, steps: list[tuple[object, ...]]) -> None:
    world = World(charges_waived)
    for step in steps:
        take(world, step)
        stands = {event.alert_id: event.points for event in standing(world.ledger)}
        assert stands == world.expected()
        for one in world.promises.values():
            if one.made_at is not None and one.alert_id not in world.overturned:
                assert (one.state is PromiseState.BROKEN) == world.is_broken(one)
            elif one.alert_id in world.overturned:
                assert one.state in (PromiseState.VOID, PromiseState.DECLINED, PromiseState.LAPSED)


def take(world: World, step: tuple[object, ...]) -> None:
    match step:
        case ("confirm", AlertKind() as kind, int(ago), int(points), bool(offers), int(factor)):
            world.confirm(kind, ago, points, offers=offers, factor=factor)
        case ("answer", int(number), PromiseAction() as action):
            world.answer(number, action)
        case ("overturn", int(number)):
            world.overturn(number)
        case ("wait", int(hours)):
            world.now += hours * HOUR
        case ("keep", int(_)):
            for one in list(world.promises.values()):
                if one.state is PromiseState.MADE and one.until is not None and one.until <= world.now:
                    world.promises[one.promise_id] = replace(one, state=PromiseState.KEPT)
