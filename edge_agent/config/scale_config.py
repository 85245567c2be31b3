"""The `[[scales]]` of an agent's configuration: the port, how it is set, which protocol, and what is sold there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from domain.errors import show_value
from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from edge_agent.config.addresses import port_problem
from edge_agent.config.contact_config import ContactConfig, parse_contact
from edge_agent.config.tables import Table
from edge_agent.drivers.protocol import BadOption, DriverOptions, DriverSpec, PriceFrom, ScaleDriver, SerialSettings
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.stability import StabilityRules

_MAX_CODE: Final = 32  # as the wire contract bounds plu, species and grade
_MAX_PRICE_FEN: Final = 100_000_000  # as the wire contract bounds a unit price
_SCALE_UNITS: Final = {unit.value: unit for unit in (PriceUnit.KG, PriceUnit.HALF_KG)}
_PARITIES: Final = ("none", "even", "odd", "mark", "space")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleConfig:
    """One scale and its stall's keypad. `tare_g` is the preset tare set on a scale whose frames carry the net only.

    `verified_until`: the last day its verification holds (检定有效期). `contacts`: what of it is wired to the gateway.
    """

    scale_id: ScaleId
    protocol: str
    profile: str = ""
    port: str
    serial: SerialSettings = field(default_factory=SerialSettings)
    keypad: str | None = None
    keypad_baud: int = 9600
    price_unit: PriceUnit = PriceUnit.KG
    tare_g: Grams | None = None
    stability: StabilityRules = field(default_factory=StabilityRules)
    goods: Mapping[str, Goods] = field(default_factory=dict)
    verified_until: date | None = None
    contacts: tuple[ContactConfig, ...] = ()

    @property
    def quiet_s(self) -> float:
        """How long the scale may say nothing while it is well."""
        return SCALE_DRIVERS[self.protocol].quiet_s

    @property
    def sells_itself(self) -> bool:
        """Whether the scale concludes its sales, and tells no weights between them."""
        return SCALE_DRIVERS[self.protocol].sells_itself

    @property
    def price_from(self) -> PriceFrom:
        """Where the unit price of its weighings is from."""
        return SCALE_DRIVERS[self.protocol].price_from

    def make_driver(self) -> ScaleDriver:
        """Return a new driver. Raise BadOption where the options do not fit the protocol."""
        spec = SCALE_DRIVERS[self.protocol]
        return spec.make(DriverOptions(profile=self.profile or spec.profiles[0], price_unit=self.price_unit))


def parse_scale(table: Table, directory: Path) -> ScaleConfig:
    """Read one table, noting its problems. Relative files of contacts are in `directory`."""
    spec = SCALE_DRIVERS.get(table.choice("protocol", SCALE_DRIVERS), next(iter(SCALE_DRIVERS.values())))
    price_unit = _SCALE_UNITS.get(table.choice("price_unit", _SCALE_UNITS, default="kg"), PriceUnit.KG)
    tare_g = table.number("tare_g", default=0, least=0, most=100_000)
    profile = table.choice("profile", spec.profiles, default=spec.profiles[0])
    scale = ScaleConfig(
        scale_id=ScaleId(table.name("scale_id")),
        protocol=spec.name,
        profile=profile,
        port=_port(table, "port", table.text("port")),
        serial=_serial(table, spec.serial_of(profile)),
        keypad=_port(table, "keypad", table.text("keypad", default="")) or None,
        keypad_baud=table.number("keypad_baud", default=9600, least=300, most=921_600),
        price_unit=price_unit,
        tare_g=Grams(tare_g) if tare_g else None,
        stability=_stability(table),
        goods=_goods_table(table, spec),
        verified_until=table.optional_date("verified_until"),
        contacts=tuple(parse_contact(entry, directory) for entry in table.tables("contacts", default=())),
    )
    try:
        scale.make_driver()
    except BadOption as bad:
        table.problem(bad.option, bad.problem)
    table.refuse_unknown()
    return scale


def _port(table: Table, key: str, address: str) -> str:
    if address and (expected := port_problem(address)) is not None:
        table.problem(key, f"is {show_value(address)}; expected {expected}")
    return address


def _serial(table: Table, usual: SerialSettings) -> SerialSettings:
    """The protocol's own settings, but for what the table says otherwise."""
    bits: Any = table.number("data_bits", default=usual.data_bits, least=7, most=8)
    stop_bits: Any = table.number("stop_bits", default=usual.stop_bits, least=1, most=2)
    parity: Any = table.choice("parity", _PARITIES, default=usual.parity)
    baud = table.number("baud", default=usual.baud, least=300, most=921_600)
    return SerialSettings(baud=baud, data_bits=bits, parity=parity, stop_bits=stop_bits)


def _stability(table: Table) -> StabilityRules:
    usual = StabilityRules()
    return StabilityRules(
        min_net_g=Grams(table.number("min_net_g", default=usual.min_net_g, least=1, most=100_000)),
        equal_readings=table.number("equal_readings", default=usual.equal_readings, least=2, most=100),
        zero_band_g=Grams(table.number("zero_band_g", default=usual.zero_band_g, least=0, most=1000)),
        change_g=Grams(table.number("change_g", default=usual.change_g, least=0, most=1000)),
    )


def _goods_table(table: Table, spec: DriverSpec) -> dict[str, Goods]:
    goods = [_goods(entry, spec) for entry in table.tables("goods", default=())]
    for plu, count in Counter(entry.plu for entry in goods).items():
        if count > 1:
            table.problem("goods", f"plu {plu!r} is there {count} times; expected once")
    return {entry.plu: entry for entry in goods}


def _goods(table: Table, spec: DriverSpec) -> Goods:
    price_fen = table.number("unit_price_fen", default=0, least=0, most=spec.most_price_fen or _MAX_PRICE_FEN)
    by_piece = table.flag("by_piece", default=False)
    goods = Goods(
        plu=table.text("plu", longest=_MAX_CODE),
        species=SpeciesCode(table.text("species", default="", longest=_MAX_CODE)),
        grade=table.text("grade", default="", longest=_MAX_CODE),
        name=table.text("name", default=""),
        unit_price_fen=Fen(price_fen) if price_fen else None,
        by_piece=by_piece,
    )
    if spec.price_from is PriceFrom.SCALE and (price_fen or by_piece):
        key = "unit_price_fen" if price_fen else "by_piece"
        table.problem(key, f"the price is set on the scale itself ({spec.name}); expected none here")
    elif spec.price_from is PriceFrom.HOST and by_piece:
        table.problem("by_piece", f"the scale computes with a price for a kg ({spec.name}); expected none here")
    elif by_piece and not _sells_by_piece(spec):
        table.problem("by_piece", f"what the scale tells has no pieces ({spec.name}); expected none here")
    table.refuse_unknown()
    return goods


def _sells_by_piece(spec: DriverSpec) -> bool:
    try:
        spec.make(DriverOptions(profile=spec.profiles[0], price_unit=PriceUnit.PIECE))
    except BadOption:
        return False
    return True
