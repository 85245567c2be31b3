"""Every trick of a simulated market, through the real agent: what the scale showed is what arrives."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.market.agent_configs import write_agent_configs
from simulators.market.day import Day
from simulators.market.plan import stall_scale
from simulators.market.running import MarketPlan
from simulators.market.truth import read_lines
from simulators.market.vendors import Shares, Trick
from simulators.scales.registry import SIMULATED_SCALES
from tests.brokers import RealBroker
from tests.integration.edge_rig import LONG_S, Rig, Service, free_ports, what_was_sold
from tests.waiting import wait_until

DATA = Path(__file__).parents[2] / "data"
TRICKS = tuple(trick for trick in Trick if trick is not Trick.NONE)


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    try:
        yield running
    finally:
        running.close()
    assert running.problems == []


def market(tmp_path: Path, broker: RealBroker, **changes: Any) -> Rig:
    settings: dict[str, Any] = {"pause_s": (0.0, 0.05), "seed": 3} | changes
    plan = MarketPlan(
        directory=tmp_path / "tty",
        goods=DATA / "goods.csv",
        cap_list=DATA / "cap_list_sanya_2013-08-26.csv",
        truth=tmp_path / "truth.jsonl",
        frame_interval_s=0.028,
        first_host_port=free_ports(settings["stalls"]),
        **settings,
    )
    return Rig(plan, write_agent_configs(plan, tmp_path, broker.host, broker.port, agents=1))


def assert_truth_arrived(rig: Rig, service: Service) -> None:
    """Each sale arrived in order, and exactly those that were voided or corrected are voided."""
    for scale in rig.config().scales:
        weighings = service.weighings(scale.scale_id)
        truth = rig.truth(scale.scale_id)
        standing = [weighing for weighing in weighings if weighing.voids_seq is None]
        assert [what_was_sold(weighing) for weighing in standing] == [what_was_sold(sale) for sale in truth]
        voided = {weighing.voids_seq for weighing in weighings} - {None}
        assert [weighing.seq in voided for weighing in standing] == [sale.voided for sale in truth]


@pytest.mark.parametrize("protocol", ["yaohua_xk3190", "st_gs_lines", "dp401"])
def test_each_trick_arrives_as_the_scale_showed_it_and_the_truth_says_what_it_was(
    tmp_path: Path, broker: RealBroker, service: Service, protocol: str
) -> None:
    shares = Shares(careless=13, cheat=87, unlisted_sales=0)
    changes = {"shares": shares, "tricks": TRICKS, "protocols": (protocol,)}
    rig = market(tmp_path, broker, stalls=15, weighings=120, **changes)
    with rig.agent(), rig.market() as running:
        running.join(2 * LONG_S)
        summary = running.summary
        assert summary is not None
        assert summary.shown == summary.sales >= 120
        voids = sum(sale.voided for stall in rig.config().scales for sale in rig.truth(stall.scale_id))
        wait_until(lambda: service.count() == summary.sales + voids, what="every sale arrives")
    assert_truth_arrived(rig, service)
    lines = read_lines(tmp_path / "truth.jsonl")
    assert Counter(line["trick"] for line in lines) == summary.tricks
    assert {*summary.tricks} == {Trick.NONE, *filter(stall_scale(protocol).shows, TRICKS)}
    assert voids > 0
    gained = [line for line in lines if line["trick"] == "gain"]
    assert all(106 <= 100 * line["net_g"] / line["true_g"] <= 121 for line in gained if line["true_g"] > 1000)
    assert {line["trick"] for line in lines if line.get("kind") == "off_scale"} == {"off_scale", "thrown"}


@pytest.mark.parametrize("protocols", [("yaohua_xk3190",), ("yaohua_xk3190", "st_gs_lines", "dp401")])
def test_a_day_with_breakdowns_and_rotations_loses_nothing(
    tmp_path: Path, broker: RealBroker, service: Service, protocols: tuple[str, ...]
) -> None:
    day = Day(opens_h=5, closes_h=9, customers=12, speed=1800)
    incidents = {"breakdown_every_s": 2400, "rotate_every_s": 2400}
    rig = market(tmp_path, broker, stalls=4, day=day, protocols=protocols, **incidents)
    assert {scale.protocol for scale in rig.config().scales} == {*protocols}
    with rig.agent(), rig.market() as running:
        running.join(LONG_S)
        summary = running.summary
        assert summary is not None
        assert summary.shown == summary.sales > 10
        assert summary.breakdowns > 0
        assert summary.rotations > 0
        wait_until(lambda: service.count() == summary.sales, what="every sale arrives")
    assert_truth_arrived(rig, service)
    lines = read_lines(tmp_path / "truth.jsonl")
    kinds = Counter(line.get("kind", "sale") for line in lines)
    assert kinds == {"sale": summary.sales, "breakdown": summary.breakdowns, "binding": 2 * summary.rotations}
    where: dict[str, str] = {f"SC-{n:03d}": f"V-{n:03d}" for n in range(1, 5)}
    for line in lines:
        if line.get("kind") == "binding":
            where[line["scale_id"]] = line["vendor_id"]
        elif "kind" not in line:
            assert where[line["scale_id"]] == line["vendor_id"]
            assert "05:00" <= line["market_time"] <= "09:59"


def test_the_same_sales_on_another_day_are_other_sales(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    rig = market(tmp_path, broker, stalls=1, weighings=2, protocols=("dp401",))
    for days in (1, 2):
        with rig.agent(), rig.market() as running:
            running.join(LONG_S)
            assert running.summary is not None
            assert running.summary.shown == 2
            wait_until(lambda: service.count() == 2 * days, what="every sale arrives")  # noqa: B023 - used at once
    assert_truth_arrived(rig, service)
    sold = [what_was_sold(weighing) for weighing in service.weighings("SC-001")]
    assert sold[:2] == sold[2:]


@pytest.mark.parametrize("protocol", SIMULATED_SCALES)
def test_a_stall_sells_on_a_scale_of_any_protocol(
    tmp_path: Path, broker: RealBroker, service: Service, protocol: str
) -> None:
    rig = market(tmp_path, broker, stalls=1, weighings=3, protocols=(protocol,))
    with rig.agent(), rig.market() as running:
        running.join(LONG_S)
        assert running.summary is not None
        assert running.summary.shown == 3
        wait_until(lambda: service.count() == 3, what="every sale arrives")
    assert_truth_arrived(rig, service)
