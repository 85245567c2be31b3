"""What a probe tries, in which order, and what it may never write. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.probe.probing import Setup

# As makers deliver their scales, the most usual first.
USUAL_SETTINGS: Final = (
    SerialSettings(),
    SerialSettings(data_bits=7, parity="even"),
    SerialSettings(data_bits=7, parity="odd"),
    SerialSettings(baud=4800),
    SerialSettings(baud=2400),
    SerialSettings(baud=19_200),
    SerialSettings(baud=4800, data_bits=7, parity="even"),
    SerialSettings(baud=2400, data_bits=7, parity="even"),
    SerialSettings(baud=1200),
    SerialSettings(baud=115_200),
)

# Other habits of asking the same scale: SIR and SR start a stream that would go on after the probe. Whoever wants one
# chooses it; the usual profile finds the scale.
_NOT_ASKED: Final = {"mt_sics": frozenset({"repeat", "on_change"})}

# A driver begins a conversation as it needs it in use. These would change something on the scale, so a probe keeps
# them back: MT-SICS `@` takes the tare away on some models.
_KEPT_BACK: Final = {"mt_sics": frozenset({b"@\r\n"})}

# Where a driver's own questions end a sale, the probe has a question of its own. Dialog 06: record 08, the status
# (Cely PI100 manual, p. 18).
_OWN_QUESTIONS: Final = {"dialog06": b"\x04\x0208\x03"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """A conversation to try; `settings` is None on a network port."""

    setup: Setup
    settings: SerialSettings | None


def may_write(setup: Setup, question: bytes) -> bool:
    """Say whether a question leaves the scale as it is."""
    return question not in _KEPT_BACK.get(setup.spec.name, frozenset())


def own_question(setup: Setup) -> bytes | None:
    """Return what to ask in place of the driver's own questions."""
    return _OWN_QUESTIONS.get(setup.spec.name)


def askings(setups: Iterable[Setup], *, is_serial: bool) -> list[Asking]:
    """Return the conversations with each protocol that asks, set as its maker delivers it."""
    return [
        Asking(setup=setup, settings=setup.spec.serial_of(setup.profile) if is_serial else None)
        for setup in setups
        if _is_asked(setup)
    ]


def other_askings(setups: Iterable[Setup]) -> list[Asking]:
    """Return the conversations at other settings, each protocol with the most usual of its profiles that ask."""
    usual: dict[str, Setup] = {}
    for setup in setups:
        if _is_asked(setup):
            usual.setdefault(setup.spec.name, setup)
    return [
        Asking(setup=setup, settings=settings)
        for settings in USUAL_SETTINGS
        for setup in usual.values()
        if settings != setup.spec.serial_of(setup.profile)
    ]


def _is_asked(setup: Setup) -> bool:
    """Some protocols talk by themselves or are asked, as their profile says: then the driver begins with a question."""
    is_polled = setup.spec.is_polled or bool(setup.make_driver().poll(0.0))
    return is_polled and setup.profile not in _NOT_ASKED.get(setup.spec.name, frozenset())
