"""The plan of a market, what follows from it, and its lines."""

import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_agent.config.agent_config import load_config
from simulators.market.assortment import market_vendors, table_of
from simulators.market.goods import read_goods
from simulators.market.pitches import open_pitches
from simulators.market.plan import scale_of
from simulators.market.running import MarketPlan, market_registry, write_agent_configs
from simulators.market.truth import Sale, TruthFile, read_truth
from simulators.market.vendors import Shares, Trick
from simulators.ports import PtyLine, TcpLine
from tests.waiting import wait_until

DATA = Path(__file__).parents[3] / "data"
FRAME = b"=0002.000kg;0001.00;0002.00"


def plan(tmp_path: Path) -> MarketPlan:
    return MarketPlan(
        directory=tmp_path / "tty",
        goods=DATA / "goods.csv",
        cap_list=DATA / "cap_list_sanya_2013-08-26.csv",
        truth=tmp_path / "truth.jsonl",
    )


def test_forty_stalls_have_their_ids_and_two_halls(tmp_path: Path) -> None:
    registry = market_registry(plan(tmp_path))
    assert [(r.stall_id, r.scale_id, r.vendor_id, r.hall) for r in (registry[0], registry[39])] == [
        ("A-01", "SC-001", "V-001", "A"),
        ("B-20", "SC-040", "V-040", "B"),
    ]


def test_the_same_seed_makes_the_same_vendors_and_another_seed_others(tmp_path: Path) -> None:
    market = plan(tmp_path)
    assert market_registry(market) == market_registry(market)
    assert market_registry(market) != market_registry(replace(market, seed=2))


@pytest.mark.parametrize(
    "change",
    [{"frame_interval_s": 0.027}, {"stalls": 0}, {"stalls": 521}, {"pause_s": (2.0, 1.0)}, {"first_host_port": 65_497}],
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|at best"):
        replace(plan(tmp_path), **change)  # type: ignore[arg-type]


def test_the_agents_take_their_configurations_and_share_the_scales(tmp_path: Path) -> None:
    market = plan(tmp_path)
    paths = write_agent_configs(market, tmp_path, "127.0.0.1", 1883, username="agent", password='a"b\\c')
    configs = [load_config(path) for path in paths]
    assert [len(config.scales) for config in configs] == [20, 20]
    assert {scale.scale_id for config in configs for scale in config.scales} == {
        record.scale_id for record in market_registry(market)
    }
    assert configs[0].broker.password == 'a"b\\c'
    assert configs[0].scales[0].port == str(tmp_path / "tty" / "SC-001.tty")
    assert configs[0].scales[0].goods["2001"].name
    assert configs[0].outbox != configs[1].outbox


def test_an_agent_knows_the_prices_in_a_scale_that_has_them_and_listens_for_it(tmp_path: Path) -> None:
    mixed = replace(plan(tmp_path), stalls=8, protocols=("dp401", "st_gs_lines"), first_host_port=20_000)
    (path,) = write_agent_configs(mixed, tmp_path, "127.0.0.1", 1883, agents=1)
    goods = read_goods(mixed.goods, mixed.cap_list)
    stalls = zip(load_config(path).scales, market_registry(mixed), market_vendors(mixed), strict=True)
    ports = set()
    for n, (scale, record, vendor) in enumerate(stalls):
        table = table_of(mixed, record, vendor, goods)
        assert (table is not None) == (scale.protocol == "dp401")
        if table is None:
            assert {entry.unit_price_fen for entry in scale.goods.values()} == {None}
            continue
        ports.add(scale.port)
        assert scale.port == f"tcp-listen://127.0.0.1:{20_000 + n}"
        loaded = {entry.goods.plu: entry.unit_price_fen for entry in table.entries.values()}
        assert {plu: entry.unit_price_fen for plu, entry in scale.goods.items()} == loaded
        assert {len(plu) for plu in loaded} == {5}
    assert len(ports) > 1


def test_who_cannot_do_his_trick_on_his_scale_sells_over_the_cap(tmp_path: Path) -> None:
    cheats = Shares(careless=0, cheat=100)
    mixed = replace(plan(tmp_path), protocols=("dp401", "yaohua_xk3190"), shares=cheats, tricks=(Trick.RAISED,))
    done = {
        (scale_of(mixed, record.scale_id).spec.name, vendor.trick)
        for record, vendor in zip(market_registry(mixed), market_vendors(mixed), strict=True)
    }
    assert done == {("dp401", Trick.OVER_CAP), ("yaohua_xk3190", Trick.RAISED)}


def test_a_scale_that_registers_does_so_with_every_agent_that_comes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as agent:
        port = agent.getsockname()[1]
        one = replace(plan(tmp_path), stalls=1, protocols=("dp401",), first_host_port=port)
        (pitch,) = open_pitches(one)
        agent.settimeout(10)
        for _ in range(2):
            wait_until(pitch.rig.scale.is_attached, what="the scale calls")
            with agent.accept()[0]:
                assert pitch.rig.begin(0.0) == b"SCALE-01"
                assert pitch.rig.begin(0.0) == b""
            wait_until(
                lambda: not pitch.rig.scale.receive() and not pitch.rig.scale.is_attached(), what="it sees him go"
            )
            assert pitch.rig.begin(0.0) == b""
        pitch.rig.close()


def test_the_first_agent_shows_a_page_where_it_is_told_to_and_no_other_does(tmp_path: Path) -> None:
    paths = write_agent_configs(plan(tmp_path), tmp_path, "127.0.0.1", 1883, page="127.0.0.1:8080")
    first, second = (load_config(path) for path in paths)
    assert first.page is not None
    assert (first.page.host, first.page.port, first.page.ticket_url) == ("127.0.0.1", 8080, "")
    assert second.page is None


def test_no_agent_is_without_a_scale(tmp_path: Path) -> None:
    assert len(write_agent_configs(replace(plan(tmp_path), stalls=1), tmp_path, "127.0.0.1", 1883, agents=3)) == 1


def test_a_sale_is_in_the_truth_as_soon_as_it_is_written(tmp_path: Path) -> None:
    sale = Sale(
        n=1,
        scale_id="SC-001",
        stall_id="A-01",
        vendor_id="V-001",
        plu="2001",
        species="F01",
        grade="",
        name="东星斑",
        net_g=712,
        unit_price_fen=9000,
        price_unit="kg",
        amount_fen=6408,
        over_cap=None,
        sold_at=datetime(2026, 11, 22, 2, 11, 8, 412_000, tzinfo=UTC),
        shown=True,
    )
    with TruthFile(tmp_path / "truth.jsonl") as truth:
        truth.write(sale)
        assert read_truth(tmp_path / "truth.jsonl") == [sale]


def test_a_pty_without_a_reader_drops_whole_frames(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    assert not line.is_attached()
    assert not line.send(FRAME)
    assert line.fileno() == -1
    line.close()
    assert not (tmp_path / "scale.tty").is_symlink()


def test_a_slow_reader_never_gets_a_torn_frame(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "scale.tty")
    reader = os.open(tmp_path / "scale.tty", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    sent = 0
    while line.send(FRAME):
        sent += 1
        assert sent < 100_000
    got = b""
    for _ in range(200):
        got += os.read(reader, 100)
        sent += line.send(FRAME)
    while len(got) < sent * len(FRAME):
        got += os.read(reader, 4096)
    assert got == FRAME * sent
    os.close(reader)
    line.close()


def test_a_new_tcp_client_takes_the_place_of_the_old_one() -> None:
    line = TcpLine("127.0.0.1", 0)
    assert not line.send(FRAME)
    with (
        socket.create_connection(("127.0.0.1", line.port)) as first,
        socket.create_connection(("127.0.0.1", line.port)) as second,
    ):
        second.settimeout(10)
        wait_until(line.is_attached, what="the first client")
        wait_until(lambda: line.send(FRAME) and second.getblocking() and _has_data(second), what="the second client")
        assert second.recv(27) == FRAME
        first.settimeout(10)
        while first.recv(4096):
            pass  # what came before it was hung up on
    line.close()


def _has_data(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        client.settimeout(10)
