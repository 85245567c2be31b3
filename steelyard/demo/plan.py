"""What a demo is to do, and where it keeps things."""

from dataclasses import dataclass
from pathlib import Path

from domain.ids import MarketId
from simulators.market.plan import SHORTEST_FRAME_INTERVAL_S, MarketPlan
from steelyard.resources import data_directory

MARKET = MarketId("sanya-1")
#: An area that no real market is in: the demo's list of caps binds the demo's market and nothing else.
AREA = "sanya-demo"
#: A person watching wants a market's pace; a headless run goes as fast as a 9600-baud line carries frames.
_WATCHED_PAUSE_S = (3.0, 15.0)
_HEADLESS_PAUSE_S = (0.0, 0.2)
_WATCHED_FRAME_INTERVAL_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoPlan:
    """`weighings` None: until stopped. Ports 0: any free one."""

    state: Path
    stalls: int = 40
    agents: int = 2
    seed: int = 1
    weighings: int | None = None
    web_port: int = 8000
    truth: Path | None = None

    @property
    def market(self) -> MarketPlan:
        """The market that is simulated."""
        is_watched = self.weighings is None
        return MarketPlan(
            directory=self.state / "lines",
            goods=data_directory() / "goods.csv",
            cap_list=data_directory() / "cap_list_sanya_2013-08-26.csv",
            truth=self.truth or self.state / "truth.jsonl",
            market_id=MARKET,
            stalls=self.stalls,
            weighings=self.weighings,
            seed=self.seed,
            frame_interval_s=_WATCHED_FRAME_INTERVAL_S if is_watched else SHORTEST_FRAME_INTERVAL_S,
            pause_s=_WATCHED_PAUSE_S if is_watched else _HEADLESS_PAUSE_S,
        )
