"""What a scale said, in words for a terminal and as JSON; and what a probe found. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, assert_never

from rich.table import Table

from domain.units import Fen, yuan
from edge_agent.drivers.protocol import PriceFrom, SerialSettings
from edge_agent.probe.prober import show_settings
from edge_agent.probe.probing import Candidate, Verdict
from edge_agent.weighing.readings import DeviceSaid, DeviceSale, Garbage, Heard, Identity, NoWeight, Reading

_SHOWN_BYTES: Final = 40
_SHOWN_CANDIDATES: Final = 6
_STABLE: Final = {True: "stable", False: "moving", None: "live"}


def in_words(item: Heard) -> str:
    """Return one line: `   0.712 kg  stable  tare 0.030 kg  158.00 yuan → 112.50 yuan`."""
    match item:
        case Reading():
            parts = [f"{_kg(item.net_g):>10}", _STABLE[item.stable], *_tare(item.tare_g), *_price(item)]
            return "  ".join(parts if item.pieces is None else [*parts, f"{item.pieces} pieces"])
        case NoWeight():
            return f"{'—':>10}  no weight: {item.condition.value.replace('_', ' ')}"
        case DeviceSale():
            sold = f"{_kg(item.net_g):>10}  sold    PLU {item.plu} {item.name}".rstrip()
            return "  ".join([sold, *_tare(item.tare_g), *_price(item), f"number {item.number}"])
        case DeviceSaid():
            return f"{'·':>10}  {item.kind.value.replace('_', ' ')} {item.detail}".rstrip()
        case Identity():
            named = {"model": item.model, "serial": item.serial, "firmware": item.firmware}
            return f"{'·':>10}  " + "  ".join(f"{name} {value}" for name, value in named.items() if value)
        case Garbage():
            return f"{'?':>10}  garbage ({item.reason.replace('_', ' ')}): {item.data[:_SHOWN_BYTES]!r}"
        case _:
            assert_never(item)


def as_json(item: Heard, elapsed_s: float) -> dict[str, Any]:
    """Return one JSON object; `t` is seconds since the watching began, bytes are as Python shows them."""
    fields = asdict(item)
    if isinstance(item, Garbage):
        fields["data"] = ascii(item.data)
    return {"t": round(elapsed_s, 3), "heard": _JSON_NAMES[type(item)], **fields}


_JSON_NAMES: Final[dict[type, str]] = {
    Reading: "reading",
    NoWeight: "no_weight",
    DeviceSale: "sale",
    DeviceSaid: "said",
    Identity: "identity",
    Garbage: "garbage",
}


def candidate_as_json(candidate: Candidate) -> dict[str, Any]:
    """Return one candidate of a probe."""
    return {
        "protocol": candidate.setup.spec.name,
        "profile": candidate.setup.profile,
        "price_unit": candidate.setup.price_unit.value,
        "serial": None if candidate.settings is None else asdict(candidate.settings),
        "verdict": candidate.verdict.name.lower(),
        "frames": candidate.frames,
        "garbage": dict(candidate.garbage),
        "noticed_percent": candidate.noticed_percent,
        "reasons": candidate.reasons(),
    }


def toml_lines(candidate: Candidate, port: str) -> str:
    """Return the lines of a configuration that mean this candidate; what is usual for the protocol is left out."""
    spec, settings = candidate.setup.spec, candidate.settings
    lines = ["[[scales]]", 'scale_id = "SC-001"      # as it is registered', f'protocol = "{spec.name}"']
    if candidate.setup.profile != spec.profiles[0]:
        lines.append(f'profile = "{candidate.setup.profile}"')
    lines.append(f'port = "{port}"')
    if settings is not None:
        lines += _serial_lines(settings, spec.serial_of(candidate.setup.profile))
    lines.append(f'price_unit = "{candidate.setup.price_unit}"')
    lines.append(f'# keypad = "/dev/serial/by-id/…"   # {_KEYED[spec.price_from]}')
    return "\n".join(lines)


_KEYED: Final = {
    PriceFrom.SCALE: "goods are keyed there; the price is set on the scale",
    PriceFrom.HOST: "goods and price are keyed there; without a price this scale is not asked for weights",
    PriceFrom.KEYPAD: "goods and price are keyed there; this scale tells no price",
}


def _serial_lines(settings: SerialSettings, usual: SerialSettings) -> list[str]:
    differing = [name for name, value in asdict(settings).items() if value != getattr(usual, name)]
    shown = {name: getattr(settings, name) for name in differing}
    return [f"{name} = {value}" if isinstance(value, int) else f'{name} = "{value}"' for name, value in shown.items()]


def settings_in_words(candidate: Candidate) -> str:
    """Return `9600 8N1`, or a dash on a network port."""
    return "—" if candidate.settings is None else show_settings(candidate.settings)


def verdict_in_words(equal: Sequence[Candidate]) -> str:
    """Return the sentence that ends a probe which found something: `equal` are the best."""
    best = equal[0].setup
    how = _BY_THE_MANUAL if equal[0].shows_known_weight else _BY_A_WEIGHT
    sureness = _SURENESS[equal[0].verdict]
    protocols = list(dict.fromkeys(candidate.setup.spec.name for candidate in equal))
    profiles = list(dict.fromkeys(candidate.setup.profile for candidate in equal))
    units = list(dict.fromkeys(candidate.setup.price_unit for candidate in equal))
    if len(protocols) > 1:
        names = [f"{candidate.setup.spec.name} ({candidate.setup.profile})" for candidate in equal]
        return f"It is {sureness} one of these, which fit equally well: {', '.join(names)}. {how}"
    if len(profiles) > 1:
        return (
            f"It is {sureness} {best.spec.name}. Its profiles {', '.join(profiles)} fit equally well;"
            f" {best.profile} is the most usual of them. {how}"
        )
    if len(units) > 1:
        return f"It is {sureness} {best.spec.name}, profile {best.profile}, with prices for {' or '.join(units)}."
    return f"It is {sureness} {best.spec.name}, profile {best.profile}."


_SURENESS: Final = {Verdict.SURE: "surely", Verdict.LIKELY: "likely", Verdict.PERHAPS: "perhaps"}
_BY_THE_MANUAL: Final = "The scale's manual tells which it is."
_BY_A_WEIGHT: Final = "A known weight on the pan and --weight GRAMS may tell them apart; else the scale's manual does."


def _kg(grams: int) -> str:
    kg, g = divmod(abs(grams), 1000)
    return f"{'-' if grams < 0 else ''}{kg}.{g:03d} kg"


def _tare(tare_g: int | None) -> list[str]:
    return [f"tare {_kg(tare_g)}"] if tare_g else []


def _price(item: Reading | DeviceSale) -> list[str]:
    if item.unit_price_fen is None:
        return []
    return [f"{yuan(item.unit_price_fen)} yuan → {yuan(item.amount_fen or Fen(0))} yuan"]


def probe_table(ranked: Sequence[Candidate]) -> Table:
    """Return what a probe found as a table, best first."""
    table = Table("", "protocol", "profile", "serial", "price for", "why")
    for candidate in ranked[:_SHOWN_CANDIDATES]:
        spec = candidate.setup.spec
        why = "; ".join(candidate.reasons())
        price_unit = candidate.setup.price_unit if spec.price_from is PriceFrom.SCALE else "—"
        table.add_row(
            candidate.verdict.name.lower(),
            spec.name,
            candidate.setup.profile,
            settings_in_words(candidate),
            price_unit,
            why,
        )
    if len(ranked) > _SHOWN_CANDIDATES:
        table.caption = f"and {len(ranked) - _SHOWN_CANDIDATES} less good ones; --json lists all"
    return table


def nothing_found(bytes_heard: int, port: str) -> str:
    """Return what to do where a probe found nothing."""
    if bytes_heard:
        return (
            f"Nothing was found on {port}: {bytes_heard} bytes came, but no protocol makes sense of them.\n"
            "The scale may be set to an unusual speed, or speak what is not known here (docs: a new scale)."
        )
    return (
        f"Nothing was found on {port}: not one byte came, unasked or asked.\n"
        "Is the scale on? Is it the right cable (crossed or not) and port? Some scales send only when a key is\n"
        "pressed, or need their output switched on in a menu."
    )
