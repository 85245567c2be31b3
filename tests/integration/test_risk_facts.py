"""Complaints, promises and handled alerts as they count for a risk class: through the steps that people take."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from credit.risk.computing import compute
from domain.complaint import ComplaintAction, Outcome
from domain.promise import PromiseAction
from domain.risk import Assessed, months_before
from tests.complaint_acts import NOW, entry, file, step
from tests.integration.test_promises import confirm, offered, overturn, points, say, small
from tests.risk_acts import POLICIES, RISK
from tests.web_world import HERE, VENDOR, furnish

TODAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
MONTH = months_before(TODAY, 0)


@pytest.fixture
def world(conn: Connection) -> Iterator[Connection]:
    furnish(conn)
    yield conn
    conn.rollback()


def assessed(conn: Connection, month: date = MONTH) -> Assessed:
    """What the vendor comes to for a month, computed five days after it and not kept."""
    after = months_before(month, -1)
    now = datetime(after.year, after.month, 5, tzinfo=UTC)
    with conn.transaction(force_rollback=True):
        run = compute(conn, HERE, month, policies=POLICIES, now=now)
    assert run is not None
    return next(one.assessed for one in run.classes if one.assessed.vendor_id == VENDOR)


def parts(conn: Connection, month: date = MONTH) -> dict[str, list[tuple[str, int, int]]]:
    """What counted of each indicator: what it was, its age, and thousandths of a point."""
    found = assessed(conn, month).parts
    return {part.indicator: [(one.what, one.age, one.permille) for one in part.facts] for part in found}


def answer(conn: Connection, outcome: Outcome, **said: object) -> None:
    filed = file(conn, entry(stall_id="A-01", words=f"{outcome} {said}"))
    step(conn, filed, ComplaintAction.ACCEPT)
    step(conn, filed, ComplaintAction.INVESTIGATE)
    settled = 500 if outcome is Outcome.SETTLED else None
    step(conn, filed, ComplaintAction.ANSWER, note="已查", outcome=outcome, settled_fen=settled)


def test_complaints_count_when_they_are_answered_and_upheld_or_settled(world: Connection) -> None:
    file(world, entry(stall_id="A-01", words="还没有回复"))
    answer(world, Outcome.NOT_UPHELD)
    assert "complaints" not in parts(world)
    answer(world, Outcome.UPHELD)
    answer(world, Outcome.SETTLED)
    found = parts(world)["complaints"]
    assert found == [("upheld", 0, RISK.complaints.upheld * 1000), ("settled", 0, RISK.complaints.settled * 1000)]
    later = parts(world, months_before(MONTH, -3))["complaints"]
    assert later[0] == ("upheld", 3, RISK.complaints.upheld * RISK.decay_permille[3])
    assert "complaints" not in parts(world, months_before(MONTH, -RISK.months))


def test_a_broken_promise_counts_beside_what_broke_it_until_that_is_overturned(world: Connection) -> None:
    say(world, offered(world), PromiseAction.MAKE)
    assert "promises" not in parts(world)
    breaker = small(world)
    confirm(world, breaker)
    found = parts(world)
    assert found["promises"] == [("broken", 0, RISK.promises.broken * 1000)]
    assert len(found["price"]) == 2
    overturn(world, breaker)
    after = parts(world)
    assert "promises" not in after
    assert len(after["price"]) == 1


def test_an_appealed_alert_counts_until_it_is_overturned(world: Connection) -> None:
    alert_id = small(world)
    assert "price" not in parts(world)
    confirm(world, alert_id)
    assert len(parts(world)["price"]) == 1
    overturn(world, alert_id)
    assert "price" not in parts(world)


def test_what_is_not_kept_leaves_nothing_behind(world: Connection) -> None:
    assessed(world)
    assert world.execute("SELECT count(*) FROM risk_counted").fetchone() == (0,)


def test_a_class_changes_no_deduction(world: Connection) -> None:
    """A class follows from alerts; nothing of an alert follows from a class."""
    world.execute(
        "INSERT INTO risk_classes (market_id, vendor_id, class, reason, set_by, set_at, for_month)"
        " VALUES (%s, %s, 'D', 'r', 'regulator', %s, %s)",
        [HERE, VENDOR, NOW - timedelta(days=1), MONTH],
    )
    assert offered(world).waived_points == -1
    confirm(world, small(world))
    assert points(world) == [-1]
