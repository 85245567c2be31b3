"""`python -m tests.chaos.agent OUTBOX PORT FIRST_SCALE SCALES WEIGHINGS [MAX_FILE_BYTES]`: an agent without scales.

It records weighings into a real outbox and sends them over the real link, until so many are recorded and each is
receipted. Killed and started again it goes on where it was: what is recorded is on disk. What it says is recorded, it
prints; with MAX_FILE_BYTES its disk is full at that size, and it ends when it can record no more.
"""

import os
import random
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Unavailable
from domain.ids import AgentId, JournalId, ScaleId, SpeciesCode
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.broker_choice import ChoiceRules
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Link, LinkRules
from edge_agent.weighing.recording import Draft
from tests.factories import CAP, MARKET

_AT_ONCE = 25
#: So many may wait for their receipts: recording goes on for as long as the run does.
_MOST_WAITING = 3000
_ONE_IN_OVER = 50


def draft(scale_id: ScaleId, rng: random.Random) -> Draft:
    over = rng.randrange(_ONE_IN_OVER) == 0
    net_g, price = Grams(rng.randrange(100, 3000)), Fen(CAP + 100 if over else CAP - rng.randrange(5000))
    amount = Fen((net_g * price + 500) // 1000)
    return Draft(
        scale_id=scale_id,
        weighing=Weighing(
            seq=0,
            weighed_at=datetime.now(UTC),
            clock_synced=True,
            species=SpeciesCode("F01"),
            name="东星斑",
            net_g=net_g,
            stable=True,
            unit_price_fen=price,
            price_unit=PriceUnit.KG,
            amount_fen=amount,
            paid_fen=amount,
        ),
    )


def link_of(outbox: Outbox, journals: dict[JournalId, ScaleId], port: int, agent_id: str) -> Link:
    return Link(
        market_id=MARKET,
        agent_id=AgentId(agent_id),
        broker=BrokerAddress(host="127.0.0.1", port=port),
        outbox=outbox,
        journals=journals,
        left_behind={},
        rules=DeliveryRules(window=100, batch=20, resend_after_s=3.0, resend_ceiling_s=6.0),
        link_rules=LinkRules(
            keepalive_s=2,
            answer_within_s=5.0,
            choice=ChoiceRules(first_s=0.1, ceiling_s=1.0, return_first_s=0.3, return_ceiling_s=0.3),
        ),
        clock=lambda: datetime.now(UTC),
    )


def main() -> None:
    path, port, first, count, wanted, *limit = sys.argv[1:]
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), int(limit[0])))
    outbox = Outbox(Path(path))
    scales = [ScaleId(f"S-{n}") for n in range(int(first), int(first) + int(count))]
    journals = {outbox.journal(scale_id).journal_id: scale_id for scale_id in scales}
    link = link_of(outbox, journals, int(port), f"chaos-{first}")
    link.start()
    rng = random.Random(time.time_ns())
    recorded = sum(outbox.last_seq(journal) for journal in journals)
    try:
        while recorded < int(wanted):
            if sum(outbox.depth(journal) for journal in journals) >= _MOST_WAITING:
                time.sleep(0.02)
                continue
            scale_id = rng.choice(scales)
            kept = outbox.append([draft(scale_id, rng) for _ in range(min(_AT_ONCE, int(wanted) - recorded))])
            recorded += sum(one is not None for one in kept)
            print("recorded", recorded, flush=True)
            link.wake()
    except Unavailable as error:
        print("full", error, flush=True)
        os._exit(3)  # as it is, without tidying up
    while any(outbox.depth(journal) for journal in journals):
        time.sleep(0.05)
    link.stop()
    outbox.close()
    print("drained", flush=True)


if __name__ == "__main__":
    main()
