"""What a captured line may be: every protocol is tried on the same bytes, and says why it fits. Pure.

A protocol that fits has understood all the bytes; a changed digit tells how much that is worth. Where frames carry a
checksum, or the amount of weight and price, no changed digit goes unnoticed; where they carry none, a wrong protocol
may fit as well, and then both are named.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from domain.units import Grams, PriceUnit
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver, SerialSettings
from edge_agent.weighing.readings import DeviceSale, Garbage, Heard, Identity, NoWeight, Reading

_HEAVIEST_G: Final = 150_000  # no market scale weighs more
# A scale shows whole divisions, of 5 g mostly, and may be wrong by one or two. Other decimals, or pounds, are far off.
_NEAR_G, _NEAR_PERCENT = Grams(10), 1
_ENOUGH_FRAMES: Final = 3
_MOST_GARBAGE_PERCENT: Final = 20
_CHANGED_DIGITS: Final = 20
_STUDIED_BYTES: Final = 2000
_NOTICED_ALL: Final = 95  # percent
_NOTICED_ENOUGH: Final = 75  # an amount proves price and weight of a load, but not the price over an empty pan
_DIGITS: Final = b"0123456789"
_PRICE_UNITS: Final = (PriceUnit.KG, PriceUnit.HALF_KG)
# What a driver calls a whole frame that answers nothing it asked: proof of the protocol all the same.
_UNASKED: Final = "unasked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """One way to read a line: a protocol, its profile, and what the price is for where its frames carry one."""

    spec: DriverSpec
    profile: str
    price_unit: PriceUnit = PriceUnit.KG

    def make_driver(self) -> ScaleDriver:
        """Return a new driver."""
        return self.spec.make(DriverOptions(profile=self.profile, price_unit=self.price_unit))


class Verdict(IntEnum):
    """How far a setup is to be believed."""

    NO = 0
    PERHAPS = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A setup and what speaks for it. `settings` is None on a network port, which has none.

    `noticed_percent`: of digits changed on trial, how many the protocol noticed; None where it was asked, since the
    answer to a question is proof enough, or nothing was changed.
    """

    setup: Setup
    settings: SerialSettings | None
    was_asked: bool
    frames: int
    weights: tuple[Grams, ...]
    garbage: Mapping[str, int]
    garbage_percent: int
    noticed_percent: int | None
    has_prices: bool
    shows_known_weight: bool | None
    no_weight: Mapping[str, int]

    @property
    def verdict(self) -> Verdict:
        """How far it is to be believed."""
        if not self.frames or self.garbage_percent > _MOST_GARBAGE_PERCENT or not self._is_plausible():
            return Verdict.NO
        if self.frames < _ENOUGH_FRAMES or self.shows_known_weight is False:
            return Verdict.PERHAPS
        is_proven = self.was_asked or (self.noticed_percent or 0) >= _NOTICED_ENOUGH
        return Verdict.SURE if is_proven and not self.garbage else Verdict.LIKELY

    @property
    def rank(self) -> tuple[int, ...]:
        """Higher is better; the same is as good."""
        noticed_tenths = (self.noticed_percent or 0) // 10
        return (
            self.verdict,
            self.shows_known_weight is True,
            -self.garbage_percent,
            noticed_tenths,
            bool(self.weights),
            # Who reads the same frames without their price would leave it out of every sale.
            self.has_prices and self.setup.spec.price_from is PriceFrom.SCALE,
        )

    def reasons(self) -> list[str]:
        """Say in short sentences why."""
        return [text for text in self._reasons() if text]

    def _is_plausible(self) -> bool:
        return all(abs(net_g) <= _HEAVIEST_G for net_g in self.weights)

    def _reasons(self) -> Iterator[str]:
        answers = "answers to harmless questions" if self.was_asked else "frames"
        yield f"{self.frames} {answers}, {sum(self.garbage.values())} garbage"
        yield ", ".join(f"{count} {reason}" for reason, count in self.garbage.items())
        if self.noticed_percent is not None:
            yield _on_changed_digits(self.noticed_percent)
        if self.weights:
            is_odd = "" if self._is_plausible() else "im"
            yield f"weights {is_odd}plausible: {_span(self.weights)}"
        else:
            yield "no weight seen yet"
        yield "no weight given: " + ", ".join(self.no_weight) if self.no_weight else ""
        if self.setup.spec.price_from is PriceFrom.SCALE and not self.has_prices:
            yield f"no priced load seen, so nothing tells whether its prices are for {' or '.join(_PRICE_UNITS)}"
        if self.shows_known_weight is not None:
            yield f"{'shows' if self.shows_known_weight else 'never shows'} the weight you put on"


def _on_changed_digits(percent: int) -> str:
    if percent >= _NOTICED_ALL:
        return "frames prove themselves: a changed digit is noticed"
    if percent == 0:
        return "frames do not prove themselves: no changed digit is noticed"
    return f"of digits changed on trial, {percent} % are noticed"


def _span(weights: Sequence[Grams]) -> str:
    least, most = min(weights), max(weights)
    return f"{least} g" if least == most else f"{least} to {most} g"


def setups(specs: Mapping[str, DriverSpec]) -> list[Setup]:
    """Return every protocol with every profile and, where its frames carry prices, every unit of them it can do."""
    found = []
    for spec in specs.values():
        units = _PRICE_UNITS if spec.price_from is PriceFrom.SCALE else _PRICE_UNITS[:1]
        for setup in (Setup(spec=spec, profile=p, price_unit=unit) for p in spec.profiles for unit in units):
            try:
                setup.make_driver()
            except ValueError:
                continue  # this protocol's prices are never for that
            found.append(setup)
    return found


def study(setup: Setup, data: bytes, settings: SerialSettings | None, known_weight_g: Grams | None = None) -> Candidate:
    """Try one setup on bytes that came by themselves."""
    heard = setup.make_driver().feed(data)
    return _candidate(setup, settings, heard, len(data), _noticed_percent(setup, data, heard), known_weight_g)


def study_answers(
    setup: Setup,
    heard: Sequence[Heard],
    received: int,
    settings: SerialSettings | None,
    known_weight_g: Grams | None = None,
) -> Candidate:
    """Say what was heard of a scale that was asked; `received` is how many bytes that were."""
    return _candidate(setup, settings, heard, received, None, known_weight_g, was_asked=True)


def rank(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return what is to be believed at all, best first; among equals in the order they were tried."""
    return sorted((c for c in candidates if c.verdict > Verdict.NO), key=lambda c: c.rank, reverse=True)


def equals(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the best, and those that are as good."""
    return [candidate for candidate in ranked if candidate.rank == ranked[0].rank]


def is_found(candidates: Sequence[Candidate]) -> bool:
    """Say whether trying on would not find better."""
    return any(candidate.verdict >= Verdict.LIKELY for candidate in candidates)


def _candidate(
    setup: Setup,
    settings: SerialSettings | None,
    heard: Sequence[Heard],
    received: int,
    noticed_percent: int | None,
    known_weight_g: Grams | None,
    *,
    was_asked: bool = False,
) -> Candidate:
    items = _without_the_torn_first(heard)
    garbage = [item for item in items if isinstance(item, Garbage) and item.reason != _UNASKED]
    weighed = [item for item in items if isinstance(item, Reading | DeviceSale)]
    weights = tuple(item.net_g for item in weighed)
    return Candidate(
        setup=setup,
        settings=settings,
        was_asked=was_asked,
        frames=len(items) - len(garbage),
        weights=weights,
        garbage=Counter(item.reason for item in garbage),
        garbage_percent=100 * sum(len(item.data) for item in garbage) // max(received, 1),
        noticed_percent=noticed_percent,
        has_prices=any(item.amount_fen for item in weighed),
        shows_known_weight=_shows(weights, known_weight_g),
        no_weight=Counter(item.condition.value for item in items if isinstance(item, NoWeight)),
    )


def _shows(weights: Sequence[Grams], known_weight_g: Grams | None) -> bool | None:
    """None where nothing tells: a scale that gives no weight yet (a Dialog 06 without a price) shows no other one."""
    if known_weight_g is None or not weights:
        return None
    near_g = max(_NEAR_G, known_weight_g * _NEAR_PERCENT // 100)
    return any(abs(shown_g - known_weight_g) <= near_g for shown_g in weights)


def _without_the_torn_first(heard: Sequence[Heard]) -> list[Heard]:
    """A line is opened in the middle of a frame: garbage before the first frame says nothing, if a frame follows."""
    for place, item in enumerate(heard):
        if not isinstance(item, Garbage) or item.reason == _UNASKED:
            return list(heard[place:])
    return list(heard)


def _noticed_percent(setup: Setup, data: bytes, heard: Sequence[Heard]) -> int | None:
    """Change a digit here and there, and count how often no other weight or price comes of it."""
    known = {_said(item) for item in heard}
    sample = data[:_STUDIED_BYTES]
    digits = [place for place, byte in enumerate(sample) if byte in _DIGITS]
    if not digits or all(isinstance(item, Garbage | Identity) for item in heard):
        return None
    places = digits[:: max(1, len(digits) // _CHANGED_DIGITS)]
    noticed = 0
    for place in places:
        changed = bytes([ord("0") + (sample[place] - ord("0") + 1) % 10])
        found = setup.make_driver().feed(sample[:place] + changed + sample[place + 1 :])
        noticed += all(_said(item) in known for item in found if not isinstance(item, Garbage))
    return 100 * noticed // len(places)


def _said(item: Heard) -> tuple[object, ...]:
    """What of an item counts: not the number of a sale, which is made of the time too."""
    if isinstance(item, Reading | DeviceSale):
        return (item.net_g, item.unit_price_fen, item.amount_fen, item.tare_g)
    return (item,)
