"""Approvals as offices tell them, and checks that are done, as their tests say it."""

from pathlib import Path

from psycopg import Connection

from db.register.events import Change
from domain.approval import CheckAction, CheckResult, Feed
from domain.ids import MarketId, VendorId
from domain.register.records import Source, VendorIdentity
from supervision.approvals import checking
from supervision.approvals.policy import read_approvals_policy
from supervision.approvals.receiving import Feeding, Taken, take_records
from supervision.approvals.states import Move
from supervision.policy import read_supervision_policy
from supervision.register import changing
from tests.factories import MARKET, NOW

POLICY = Path(__file__).parents[1] / "policy"


CODE, OTHER_CODE = "91350100M000100Y43", "92460200MA5T1CXY0M"


FEEDING = Feeding(
    policy=read_approvals_policy(POLICY / "approvals.toml"),
    calendar=read_supervision_policy(POLICY / "supervision.toml").working_calendar,
    feed=Feed.API,
    by="office",
    now=NOW,
)


RECORD = {
    "authority": "三亚市行政审批服务局",
    "number": "JY14602000012345",
    "kind": "permit",
    "subject_name": "三亚阿海海鲜有限公司",
    "credit_code": CODE,
    "issued_on": "2026-11-02",
    "scope": "预包装食品销售",
    "changed_at": "2026-11-02 09:00",
}


def give(conn: Connection, **changed: str) -> Taken:
    [taken] = take_records(conn, [RECORD | changed], FEEDING)
    return taken


CHANGE = Change(by="li", at=NOW, because="a contract", source=Source.PAGE)


def register(
    conn: Connection, code: str, vendor_id: str = "V-77", *, market_id: MarketId = MARKET, licence_no: str = ""
) -> VendorId:
    identity = VendorIdentity(name="阿海", credit_code=code, licence_no=licence_no)
    changing.register_vendor(conn, market_id, VendorId(vendor_id), identity, CHANGE)
    return VendorId(vendor_id)


def done(conn: Connection, check_id: int, result: CheckResult = CheckResult.CONFORMS, note: str = "") -> None:
    checking.act(conn, check_id, Move(action=CheckAction.TAKE_UP), actor="wang", now=NOW)
    checking.act(conn, check_id, Move(action=CheckAction.CHECK, result=result, note=note), actor="wang", now=NOW)
