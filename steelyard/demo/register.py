"""Put the demo market into the database: species, caps, stalls, vendors, scales, people. Again changes nothing."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import accounts, caps, items, registry
from db.cap_lists import NewCapList
from db.register import stalls, vendors
from db.register.events import Change
from db.registry import Market, Placement
from domain.errors import RuleViolation
from domain.ids import ScaleId, StallId, VendorId
from domain.price_cap import Channel
from domain.register.codes import credit_code_check
from domain.register.records import Source, TankSupply, VendorKind
from pricing.list_import import ListFile, keep_draft
from pricing.publishing import publish
from simulators.market.plan import MarketPlan, market_registry
from steelyard.demo.plan import AREA, MARKET
from steelyard.market_files import read_species
from steelyard.resources import data_directory
from supervision.alerts.handling import SYSTEM
from supervision.items import keeping
from supervision.items.catalogue_file import read_catalogue
from supervision.register.changing import correct_stall, correct_vendor
from web.accounts import hash_password

TIMEZONE = "Asia/Shanghai"
DEMO_PASSWORD = "steelyard-demo"  # noqa: S105 - printed at start; the demo listens on loopback only
_CLASSES = "ABBCCCDD"
_AREA_DM2 = 900
#: username, name shown, role
PEOPLE = (
    ("manager", "王敏", "manager"),
    ("regulator", "李航", "regulator"),
    ("admin", "周洁", "admin"),
)


def register_market(conn: Connection, plan: MarketPlan, now: datetime, *, password: str) -> list[str]:
    """Register everything a run needs, as of this morning; return who can now sign in with `password`.

    Raise RuleViolation, and write nothing, where the database is not for demos.
    """
    require_demo_database(conn)
    morning = morning_of(now)
    with conn.transaction():
        registry.put_market(
            conn,
            Market(market_id=MARKET, name="三亚示范海鲜市场", area=AREA, channel=Channel.EATERY, timezone=TIMEZONE),
        )
        for species in read_species(data_directory()):
            registry.put_species(conn, species)
        for stall in market_registry(plan):
            registry.place_scale(
                conn,
                Placement(
                    market_id=MARKET,
                    scale_id=ScaleId(stall.scale_id),
                    stall_id=StallId(stall.stall_id),
                    place=stall.hall,
                    vendor_id=VendorId(stall.vendor_id),
                    vendor_name=stall.vendor_name,
                    serial_number="",
                    valid_from=morning,
                ),
            )
        _identify_vendors(conn, plan, now)
        _class_stalls(conn, plan, now)
        _publish_todays_list(conn, plan, morning, now)
        _publish_items(conn, now)
        return _put_people(conn, password)


def _identify_vendors(conn: Connection, plan: MarketPlan, now: datetime) -> None:
    """Give every vendor that has none an identity. Made up: right to the check character, and nobody's."""
    known = vendors.several(conn, MARKET, [stall.vendor_id for stall in market_registry(plan)])
    for number, vendor in enumerate(known.values(), start=1):
        if vendor.identity.credit_code:
            continue
        body = f"92460200MADEM{number:04}"
        made_up = replace(
            vendor.identity,
            kind=VendorKind.INDIVIDUAL,
            credit_code=body + credit_code_check(body),
            legal_representative=f"{vendor.identity.name[:1]}某",
            phone=f"0898-0000{number:04}",
        )
        change = Change(by=SYSTEM, at=now, because="演示数据", source=Source.COMMAND)
        correct_vendor(conn, MARKET, vendor.vendor_id, made_up, revision=vendor.revision, change=change)


def _class_stalls(conn: Connection, plan: MarketPlan, now: datetime) -> None:
    """Say of what class each stall is that has none: by its place in its hall, the halls being the goods zones."""
    named = [StallId(stall.stall_id) for stall in market_registry(plan)]
    known = stalls.several(conn, MARKET, named)
    for number, stall_id in enumerate(named):
        stall = known[stall_id]
        if stall.facts.position_class:
            continue
        beside = [one for one in named[max(0, number - 1) : number + 2] if one != stall_id]
        facts = replace(
            stall.facts,
            position_class=_CLASSES[number % len(_CLASSES)],
            goods_zone=stall.facts.place,
            floor=1,
            area_dm2=_AREA_DM2,
            tank=TankSupply.YES if number % 2 else TankSupply.NO,
            neighbours=", ".join(one for one in beside if known[one].facts.place == stall.facts.place),
        )
        change = Change(by=SYSTEM, at=now, because="演示数据", source=Source.COMMAND)
        correct_stall(conn, MARKET, stall_id, facts, revision=stall.revision, change=change)


def morning_of(now: datetime) -> datetime:
    """Return when the market's day began."""
    return datetime.combine(now.astimezone(ZoneInfo(TIMEZONE)).date(), time(), ZoneInfo(TIMEZONE))


def require_demo_database(conn: Connection) -> None:
    """Raise RuleViolation where the database holds a market that is not the demo's own: it may be a real one's."""
    if not registry.is_set_up(conn):
        return
    others = [one for one in registry.markets(conn) if (one.market_id, one.area) != (MARKET, AREA)]
    if others:
        named = ", ".join(f"{one.market_id} in {one.area}" for one in others)
        raise RuleViolation(
            f"a demo writes only into a database of its own, and this one holds another market ({named}):"
            " let STEELYARD_DATABASE_URL name an empty database"
            " (the embedded one of an earlier version is emptied by --fresh)"
        )


def _publish_todays_list(conn: Connection, plan: MarketPlan, morning: datetime, now: datetime) -> None:
    in_force = [one for one in caps.lists_in_force(conn, now) if one.market_id == MARKET]
    if in_force and in_force[0].effective_from >= morning:
        return
    new = NewCapList(
        area=AREA,
        channel=Channel.EATERY,
        effective_from=morning,
        authority="三亚市物价局 (2013)",
        document_no="海鲜排档最高销售价格 2013-08-26",
        legal_basis="三亚市海鲜排档餐饮海鲜品平均差价率管理规定 (2011)",
        source=f"2013-08-26 公布的实际清单（{plan.cap_list.name}）",
        is_demonstration=True,
    )
    file = ListFile(name=plan.cap_list.name, content=plan.cap_list.read_bytes(), new=new)
    publish(conn, keep_draft(conn, file, by=SYSTEM, at=now), by=SYSTEM, at=now)


def _publish_items(conn: Connection, now: datetime) -> None:
    if items.in_force(conn) is not None:
        return
    file = data_directory() / "supervision_items.toml"
    catalogue = read_catalogue(file.read_bytes(), file.name)
    drafted = keeping.draft_from_file(conn, catalogue, by=SYSTEM, at=now)
    keeping.publish(conn, drafted, by=PEOPLE[-1][0], at=now)


def _put_people(conn: Connection, password: str) -> list[str]:
    created = []
    for username, display_name, role in PEOPLE:
        if accounts.user_by_name(conn, username) is None:
            accounts.put_user(
                conn,
                username=username,
                display_name=display_name,
                password_hash=hash_password(password),
                role=role,
                market_id=MARKET if role == "manager" else None,
            )
            created.append(username)
    return created
