"""Plans of inspections and who may go, as the tests of draws say it."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection

from db import accounts, inspectors
from db.inspection_plans import NewPlan
from supervision.inspections import planning
from supervision.inspections.policy import InspectionPolicy, read_inspection_policy
from tests.factories import MARKET, NOW

POLICY = read_inspection_policy(Path(__file__).parents[1] / "policy" / "inspections.toml")


LATER = NOW + timedelta(days=1)


SOURCE = "上证指数 2026-11-23 收盘价"


def put_inspectors(conn: Connection, count: int = 4, *, department: str = "market") -> list[int]:
    found = []
    for n in range(1, count + 1):
        name = f"{department}-{n}"
        accounts.put_user(
            conn, username=name, display_name=f"检查员{n}", password_hash="x", role="regulator", market_id=None
        )
        found.append(
            inspectors.add(
                conn,
                name,
                badge_no=f"HN-{department}-{n}",
                department=department,
                qualifications=["price", "metrology", "general"],
                by="admin",
                at=NOW,
            )
        )
    return found


def a_plan(**changes: Any) -> NewPlan:
    values: dict[str, Any] = {
        "title": "第四季度计量抽查",
        "department": "market",
        "items": ("M01", "M03"),
        "market_ids": (MARKET,),
        "first_day": date(2026, 11, 25),
        "last_day": date(2026, 12, 25),
        "visits": 5,
        "most": 20,
    }
    return NewPlan(**{**values, **changes})


def frozen(
    conn: Connection, new: NewPlan | None = None, *, policy: InspectionPolicy = POLICY, at: datetime = NOW
) -> int:
    plan_id = planning.plan(conn, new or a_plan(), by="regulator", at=at)
    begins = at + timedelta(days=1)
    planning.freeze(conn, plan_id, public_source=SOURCE, public_from=begins, policy=policy, by="regulator", at=at)
    return plan_id
