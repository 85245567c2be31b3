"""What a configuration may well be, but hardly was meant to be. Pure: sentences for whoever checks it."""

from collections.abc import Iterator

from edge_agent.config.agent_config import AgentConfig
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.drivers.registry import SCALE_DRIVERS


def cautions(config: AgentConfig) -> list[str]:
    """Return a sentence for each scale whose sales can have no price, or whose goods nobody can be warned of."""
    return [sentence for scale in config.scales for sentence in _of_scale(scale)]


def _of_scale(scale: ScaleConfig) -> Iterator[str]:
    is_priced_by_scale = SCALE_DRIVERS[scale.protocol].price_from is PriceFrom.SCALE
    has_prices = any(goods.unit_price_fen for goods in scale.goods.values())
    if not (is_priced_by_scale or has_prices or scale.keypad):
        yield (
            f"{scale.scale_id}: {scale.protocol} tells no price, and there is neither a keypad to key one nor goods"
            " with one: no sale on it can have a price"
        )
    if not any(goods.species for goods in scale.goods.values()):
        yield f"{scale.scale_id}: no goods with a species: nobody is warned of a price above the cap there"
