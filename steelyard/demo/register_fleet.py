"""Put the scales of a simulated fleet into the demo market, each on a stall of a vendor of its own."""

import random
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import registry
from db.registry import Placement
from domain.ids import StallId, VendorId
from simulators.fleet.fleet_scales import fleet_scale_id
from simulators.market.vendors import vendor_name
from steelyard.demo.plan import MARKET
from steelyard.demo.register import morning_of, require_demo_database

_HALL: Final = "fleet"


def register_fleet(conn: Connection, scales: int, now: datetime) -> int:
    """Register a fleet as of this morning, in one transaction; return how many of its scales are new.

    The market has to be registered before. Raise RuleViolation where the database is not for demos.
    """
    require_demo_database(conn)
    morning, rng = morning_of(now), random.Random("fleet")  # noqa: S311 - a simulation
    with conn.transaction():
        return registry.place_new_scales(
            conn,
            [
                Placement(
                    market_id=MARKET,
                    scale_id=fleet_scale_id(n),
                    stall_id=StallId(f"F-{n:05d}"),
                    place=_HALL,
                    vendor_id=VendorId(f"FV-{n:05d}"),
                    vendor_name=vendor_name(rng),
                    serial_number="",
                    valid_from=morning,
                )
                for n in range(1, scales + 1)
            ],
        )
