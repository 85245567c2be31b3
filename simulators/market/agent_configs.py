"""The edge agents' TOML files for a simulated market."""

import json
from collections.abc import Sequence
from pathlib import Path

from simulators.market.assortment import market_vendors, table_of
from simulators.market.goods import MarketGoods, read_goods
from simulators.market.plan import MarketPlan, StallRecord, addresses, market_registry, scale_of
from simulators.market.price_tables import PriceTable


def write_agent_configs(
    plan: MarketPlan,
    directory: Path,
    broker_host: str,
    broker_port: int,
    *,
    agents: int = 2,
    username: str = "",
    password: str = "",
    ca_file: Path | None = None,
    page: str | None = None,
    ticket_url: str = "",
) -> list[Path]:
    """Write `agent-1.toml` … into `directory`, the stalls split evenly, and return the files that have stalls.

    Each agent's outbox is `agent-1.sqlite` … beside its file. `page`: where the first agent's local page listens, as
    `127.0.0.1:8080`; None: no agent has one. `ticket_url`: where its QR codes lead. Raise BadFile where the goods or
    caps cannot be used.
    """
    goods = read_goods(plan.goods, plan.cap_list)
    vendors = market_vendors(plan)
    stalls = list(enumerate(market_registry(plan)))
    broker: dict[str, str | int] = {
        "host": broker_host,
        "port": broker_port,
        "username": username,
        "password": password,
    }
    if ca_file is not None:
        broker["ca_file"] = str(ca_file.absolute())
    paths = []
    for n in range(min(agents, len(stalls))):
        agent_id = f"agent-{n + 1}"
        lines = [
            *_pairs({"agent_id": agent_id, "market_id": plan.market_id, "outbox": f"{agent_id}.sqlite"}),
            "clock_synced = true",
            "",
            "[broker]",
            *_pairs({key: value for key, value in broker.items() if value}),
        ]
        if page is not None and n == 0:
            lines += ["", "[page]", *_pairs({"listen": page, **({"ticket_url": ticket_url} if ticket_url else {})})]
        for number, stall in stalls[n::agents]:
            lines += _scale(plan, number, stall)
            lines += _goods(goods, table_of(plan, stall, vendors[number], goods))
        path = directory / f"{agent_id}.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def _scale(plan: MarketPlan, number: int, stall: StallRecord) -> list[str]:
    where, scale = addresses(plan, number, stall.scale_id), scale_of(plan, stall.scale_id)
    return [
        "",
        "[[scales]]",
        *_pairs({"scale_id": stall.scale_id, "protocol": scale.spec.name, "profile": scale.profile}),
        *_pairs({"port": where.scale, "baud": scale.spec.serial.baud}),
        *_pairs({"data_bits": scale.spec.serial.data_bits, "parity": scale.spec.serial.parity}),
        *_pairs({"keypad": where.keypad, "price_unit": plan.price_unit.value, "min_net_g": 100}),
    ]


def _goods(goods: Sequence[MarketGoods], table: PriceTable | None) -> list[str]:
    """What a scale's keys mean. The lines of one that sells by a table of its own have no prices: they are here too."""
    lines = []
    for keyed in goods:
        entry = keyed if table is None else table.entries[keyed.plu].goods
        lines.append("[[scales.goods]]")
        lines += _pairs({"plu": entry.plu, "species": entry.species, "grade": entry.grade, "name": entry.name})
        if table is not None:
            lines += _pairs({"unit_price_fen": table.entries[keyed.plu].unit_price_fen})
    return lines


def _pairs(values: dict[str, str | int]) -> list[str]:
    """A JSON string is a TOML basic string too, once it is not forced into ASCII."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
