"""A market with every trick on scales of many protocols, through real agents and ingest: truth against database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection

from db import quarantine
from domain.price_cap import Verdict
from edge_agent.caps.cap_store import CapStore, caps_file
from messages.weighings import decode_weighing
from simulators.market.agent_configs import write_agent_configs
from simulators.market.goods import read_goods
from simulators.market.plan import scale_of
from simulators.market.running import MarketPlan, MarketSummary
from simulators.market.truth import Sale
from simulators.market.vendors import Shares, Trick
from steelyard.demo.register import register_market
from tests.brokers import RealBroker
from tests.ingesting import ingesting
from tests.integration.edge_rig import Rig, free_ports, what_was_sold
from tests.waiting import wait_until

DATA = Path(__file__).parents[2] / "data"
PROTOCOLS = ("yaohua_xk3190", "cas_ecr_price", "st_gs_lines", "mt_sics", "toledo_continuous", "toledo_8217", "dp401")
TRICKS = tuple(trick for trick in Trick if trick is not Trick.NONE)
STALLS = 15
VERDICTS = {True: Verdict.OVER, False: Verdict.WITHIN, None: Verdict.UNLISTED}
STARTED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A row of the database as this test needs it."""

    seq: int
    voids_seq: int | None
    verdict: str | None
    paid_verdict: str | None
    vendor_id: str
    is_alerted: bool
    body: bytes


def market(tmp_path: Path, broker: RealBroker, shares: Shares) -> Rig:
    plan = MarketPlan(
        directory=tmp_path / "tty",
        goods=DATA / "goods.csv",
        cap_list=DATA / "cap_list_sanya_2013-08-26.csv",
        truth=tmp_path / "truth.jsonl",
        stalls=STALLS,
        weighings=120,
        seed=11,
        frame_interval_s=0.028,
        pause_s=(0.0, 0.05),
        shares=shares,
        tricks=TRICKS,
        protocols=PROTOCOLS,
        first_host_port=free_ports(STALLS),
    )
    return Rig(plan, write_agent_configs(plan, tmp_path, broker.host, broker.port, agents=1))


def sell(rig: Rig) -> MarketSummary:
    """Sell on scales whose agent has the caps already, until every record has its receipt."""
    config = rig.config()
    kept = caps_file(config.outbox, config.market_id)
    with rig.agent():
        wait_until(lambda: kept.exists() and CapStore(kept).version != "none", what="the caps reach the agent")
        with rig.market() as running:
            running.join(90)
            assert running.summary is not None, "the market is through"
            wait_until(lambda: rig.outbox_depth() == 0, what="every receipt", within_s=30)
            return running.summary


def stored_of(conn: Connection, scale_id: str) -> list[Stored]:
    rows = conn.execute(
        "SELECT w.seq, w.voids_seq, w.verdict, w.paid_verdict, w.vendor_id, a.seq IS NOT NULL, w.body FROM weighings w"
        " LEFT JOIN (SELECT aw.* FROM alert_weighings aw JOIN alerts USING (alert_id)"
        "            WHERE kind IN ('price_over_cap', 'effective_price_over_cap')) a"
        " USING (market_id, scale_id, journal_id, seq, weighed_at)"
        " WHERE w.scale_id = %s ORDER BY w.seq",
        [scale_id],
    ).fetchall()
    names = ("seq", "voids_seq", "verdict", "paid_verdict", "vendor_id", "is_alerted", "body")
    return [Stored(**dict(zip(names, row, strict=True))) for row in rows]


def assert_voids_are_taken(rows: list[Stored], truth: list[Sale]) -> None:
    """Exactly what was voided or corrected is voided, once, by a record that is no sale and is not judged."""
    sales, voids = [row for row in rows if row.voids_seq is None], [row for row in rows if row.voids_seq is not None]
    assert [void.verdict for void in voids] == [None] * len(voids), "ingest took each for a real void"
    voided = [sale.seq for sale, sold in zip(sales, truth, strict=True) if sold.voided]
    assert sorted(void.voids_seq or 0 for void in voids) == voided


def assert_judged(row: Stored, sold: Sale, caps: dict[tuple[str, str], int | None], *, is_warned_of: bool) -> None:
    """What the product can judge today: the declared price, and what was paid for the weight that was shown.

    `is_warned_of`: the agent knows goods and price before the sale, and warns.
    """
    weighing = decode_weighing(row.body)
    verdict = VERDICTS[sold.over_cap]
    assert row.verdict == verdict, sold
    assert (row.paid_verdict, row.is_alerted) == (verdict, verdict is Verdict.OVER), sold
    assert row.vendor_id == sold.vendor_id
    assert (weighing.cap_warning is not None) == (is_warned_of and verdict is Verdict.OVER), sold
    assert sold.warned or not is_warned_of or verdict is not Verdict.OVER, sold
    if weighing.cap_warning is not None:
        cap = caps[sold.species, sold.grade]
        assert cap is not None
        assert weighing.cap_warning.cap_fen_per_kg == 2 * cap


def sold_and_held_against_the_truth(
    rig: Rig, broker: RealBroker, database_url: str, conn: Connection
) -> tuple[MarketSummary, list[Sale]]:
    """Register, sell and compare, scale by scale; nothing is lost, doubled or held."""
    register_market(conn, rig.plan, datetime.now(UTC), password="a password of this test")
    conn.commit()
    with ingesting(broker, database_url) as worker:
        summary = sell(rig)
    assert summary.shown == summary.sales
    assert (quarantine.count_since(conn, STARTED), worker.totals.held) == (0, 0)
    goods = read_goods(rig.plan.goods, rig.plan.cap_list)
    caps = {(entry.species, entry.grade): entry.cap_fen_per_500g for entry in goods}
    sold = []
    for n in range(1, STALLS + 1):
        rows, truth = stored_of(conn, f"SC-{n:03d}"), rig.truth(f"SC-{n:03d}")
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        sales = [row for row in rows if row.voids_seq is None]
        assert [what_was_sold(decode_weighing(row.body)) for row in sales] == [what_was_sold(sale) for sale in truth]
        assert_voids_are_taken(rows, truth)
        is_warned_of = scale_of(rig.plan, f"SC-{n:03d}").spec.table is None
        for row, sale in zip(sales, truth, strict=True):
            assert_judged(row, sale, caps, is_warned_of=is_warned_of)
        sold += truth
    return summary, sold


def test_every_trick_is_stored_once_and_judged_as_far_as_the_product_can(
    tmp_path: Path, broker: RealBroker, database_url: str, conn: Connection
) -> None:
    rig = market(tmp_path, broker, Shares(careless=13, cheat=87, unlisted_sales=0))
    summary, _sold = sold_and_held_against_the_truth(rig, broker, database_url, conn)
    assert {*summary.tricks} == {*TRICKS, Trick.NONE}
    assert {scale_of(rig.plan, f"SC-{n:03d}").spec.name for n in range(1, STALLS + 1)} == {*PROTOCOLS}


def test_half_the_warnings_are_heeded_and_what_is_sold_then_is_legal(
    tmp_path: Path, broker: RealBroker, database_url: str, conn: Connection
) -> None:
    rig = market(tmp_path, broker, Shares(careless=100, cheat=0, heeded_warnings=50))
    summary, sold = sold_and_held_against_the_truth(rig, broker, database_url, conn)
    assert 0 < summary.lowered < summary.warned
    for sale in sold:
        assert sale.warned or not sale.lowered
        assert not (sale.lowered and sale.over_cap)
