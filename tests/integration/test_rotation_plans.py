"""The plans of what rounds of stall rotation ask, pinned: a round reads its own, however many there were."""

from collections.abc import Iterator
from datetime import date

import pytest
from psycopg import Connection

from tests.factories import NOW
from tests.integration.read_plans import Asked, filled_with, read

GROWING = {"rotation_claims", "rotation_places", "rotation_stall_prices", "stall_occupancies"}
FILLING = (
    """INSERT INTO markets (market_id, name, area, channel) SELECT 'm-' || m, 'market', 'sanya', 'stall' FROM
       generate_series(1, 10) m""",
    """INSERT INTO vendors (market_id, vendor_id, name) SELECT 'm-' || m, 'V-' || v, 'vendor' FROM
       generate_series(1, 10) m, generate_series(1, 300) v""",
    """INSERT INTO stalls (market_id, stall_id) SELECT 'm-' || m, 'A-' || v FROM generate_series(1, 10) m,
       generate_series(1, 300) v""",
    """INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by) SELECT 'm-' || m, 'A-'
       || v, 'V-' || v, tstzrange('2026-01-01'::timestamptz + k * interval '1 day', '2026-01-02'::timestamptz +
       k * interval '1 day'), 'x' FROM generate_series(1, 10) m, generate_series(1, 300) v, generate_series(1,
       20) k""",
    """INSERT INTO rotation_rounds (market_id, title, takes_effect_on, created_by, created_at) SELECT 'm-' || (1
       + r % 10), 'round', '2026-01-01', 'x', now() FROM generate_series(1, 200) r""",
    """INSERT INTO rotation_claims (round_id, number, market_id, vendor_id, score, tier) SELECT round_id, v,
       market_id, 'V-' || v, 100, 'A' FROM rotation_rounds, generate_series(1, 300) v""",
    """INSERT INTO rotation_proposals (round_id, version, pins, objective, bound, restricted, not_apart,
       because, made_by, made_at) SELECT round_id, 1, '[]', 1, 1, 0, '[]', '', 'x', now() FROM rotation_rounds""",
    """INSERT INTO rotation_places (round_id, version, number, stall_id, price) SELECT round_id, 1, v, 'A-' ||
       v, 1 FROM rotation_rounds, generate_series(1, 300) v""",
    """INSERT INTO rotation_stall_prices (round_id, version, stall_id, price) SELECT round_id, 1, 'A-' || v, 1
       FROM rotation_rounds, generate_series(1, 300) v""",
    """INSERT INTO vendor_stall_needs (market_id, vendor_id, goods_zone, needs_tank, ground_floor, hardship,
       because, entered_by, entered_at) SELECT 'm-' || m, 'V-' || v, '', false, false, false, 'x', 'x', now()
       FROM generate_series(1, 10) m, generate_series(1, 300) v""",
)
HOT = [
    Asked(subject="rotation_rounds", name="places", parameters={"round_id": 77, "version": 1}, most=1_300),
    Asked(subject="rotation_rounds", name="claims", parameters={"round_id": 77}, most=1_000),
    Asked(subject="rotation_rounds", name="stall_prices", parameters={"round_id": 77, "version": 1}, most=320),
    Asked(subject="rotation_rounds", name="proposals", parameters={"round_id": 77}, most=10),
    Asked(subject="rotation_rounds", name="of_vendor", parameters={"market_id": "m-7", "vendor_id": "V-7"}, most=300),
    Asked(
        subject="rotation_rounds",
        name="listed",
        parameters={"round_id": 77, "market_id": None, "only_public": False, "limit": 1},
        most=20,
    ),
    Asked(subject="rotation_needs", name="holders", parameters={"market_id": "m-7", "moment": NOW}, most=1_000),
    Asked(subject="rotation_needs", name="stalls", parameters={"market_id": "m-7", "day": date(2026, 12, 1)}, most=400),
]


@pytest.fixture(scope="module")
def filled(database_server: str) -> Iterator[Connection]:
    with filled_with(database_server, FILLING) as conn:
        yield conn


@pytest.mark.parametrize("asked", HOT, ids=str)
def test_a_round_reads_its_own(filled: Connection, asked: Asked) -> None:
    whole, rows = read(filled, asked, GROWING)
    assert whole == set()
    assert rows <= asked.most
