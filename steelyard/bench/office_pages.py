"""The pages of the offices that are measured: who asks for which address, by the name it is told with."""

from dataclasses import dataclass
from typing import Final

from db import bench_offices
from db.bench_offices import OfficesSize

MANAGER: Final = "bench-manager"
REGULATOR: Final = "regulator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A page or an answer of the API, and who asks for it."""

    path: str
    user: str = REGULATOR


def asked(size: OfficesSize, plan_id: int) -> dict[str, Asked]:
    """Return what is asked for, by the name it is told with."""
    market, vendor = bench_offices.a_vendor(size)
    manager = MANAGER
    return {
        "reference: a page without rows": Asked(path="/registry/vendors/new"),
        "alerts": Asked(path="/?show=open"),
        "alerts, API, all": Asked(path="/api/v1/alerts"),
        "alerts, API, of a market": Asked(path=f"/api/v1/alerts?market={market}"),
        "vendors": Asked(path="/vendors"),
        "vendors, of a market": Asked(path="/vendors", user=manager),
        "a vendor's report": Asked(path=f"/vendors/{market}/{vendor}"),
        "a vendor's portrait": Asked(path=f"/vendors/{market}/{vendor}/portrait"),
        "what a portrait's figure is made of": Asked(path=f"/vendors/{market}/{vendor}/portrait/volume"),
        "a vendor's portrait, API": Asked(path=f"/api/v1/vendors/{market}/{vendor}/portrait"),
        "a vendor's file": Asked(path=f"/vendors/{market}/{vendor}/file"),
        "registry": Asked(path="/registry"),
        "registry, searched": Asked(path="/registry?q=%E5%95%86%E6%88%B77"),
        "approvals, awaited": Asked(path="/registry/approvals"),
        "approvals, awaited, of a market": Asked(path="/registry/approvals", user=manager),
        "approvals, done": Asked(path="/registry/approvals?show=done"),
        "promises": Asked(path="/promises"),
        "promises, kept": Asked(path="/promises?show=kept"),
        "promises, kept, a late page": Asked(path=f"/promises?show=kept&before={size.alerts // 100}"),
        "promises, kept, of a market": Asked(path="/promises?show=kept", user=manager),
        "cases": Asked(path="/cases"),
        "cases, of a market": Asked(path="/cases", user=manager),
        "cases, mine": Asked(path="/cases?show=mine"),
        "cases, closed": Asked(path="/cases?state=closed"),
        "publicity": Asked(path="/publicity"),
        "publicity, of a market": Asked(path="/publicity", user=manager),
        "publicity, off": Asked(path="/publicity?off=true"),
        "exports": Asked(path="/exports"),
        "exports, refused": Asked(path="/exports?state=refused"),
        "accesses": Asked(path="/exports/accesses"),
        "complaints": Asked(path="/complaints"),
        "complaints, of a market": Asked(path="/complaints", user=manager),
        "complaints, closed": Asked(path="/complaints?state=closed"),
        "complaints, figures": Asked(path="/api/v1/complaints/figures"),
        "calendar": Asked(path="/inspections"),
        "calendar, of a market": Asked(path="/inspections", user=manager),
        "visits, API": Asked(path="/api/v1/inspections"),
        "combining": Asked(path="/inspections/combining"),
        "draws": Asked(path="/draws"),
        "a draw": Asked(path=f"/draws/{plan_id}"),
        "a draw's file": Asked(path=f"/draws/{plan_id}/file"),
        "a plan": Asked(path=f"/inspections/plans/{plan_id}"),
    }
