"""What a configuration may well be, but hardly was meant to be. Pure: sentences for whoever checks it."""

from collections.abc import Iterator
from typing import Final

from edge_agent.config.agent_config import AgentConfig
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.drivers.registry import SCALE_DRIVERS

_WITHOUT_KEYPAD: Final = {
    PriceFrom.SCALE: "there is no keypad to say which goods lie there: its sales have no species, and nobody is warned",
    PriceFrom.HOST: "{} is told its price, and there is no keypad to key goods or price: nothing can be sold on it",
    PriceFrom.KEYPAD: "{} tells no price, and there is no keypad to key goods or price: nothing can be sold on it",
}


def cautions(config: AgentConfig) -> list[str]:
    """Return a sentence for each scale whose sales have no price or no goods, or whose goods nobody is warned of."""
    return [sentence for scale in config.scales for sentence in _of_scale(scale)]


def _of_scale(scale: ScaleConfig) -> Iterator[str]:
    driver = SCALE_DRIVERS[scale.protocol]
    has_prices = any(goods.unit_price_fen for goods in scale.goods.values())
    if driver.sells_itself and not has_prices:
        yield (
            f"{scale.scale_id}: {scale.protocol} tells no price, and no goods have one: no sale on it can have a price"
        )
    elif not (driver.sells_itself or scale.keypad):
        yield f"{scale.scale_id}: {_WITHOUT_KEYPAD[driver.price_from].format(scale.protocol)}"
    if not any(goods.species for goods in scale.goods.values()):
        yield f"{scale.scale_id}: no goods with a species: nobody is warned of a price above the cap there"
