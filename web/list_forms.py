"""What is asked of an imported list, in a form or a request → the list that the file is to be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Form, UploadFile
from psycopg import Connection

from db import caps, registry
from db.cap_lists import NewCapList
from db.registry import Market
from domain.errors import RuleViolation
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import Channel
from domain.units import PriceUnit
from pricing.list_import import ListFile
from tables.cells import LIST_LIMITS
from web.texts import is_usable

_LONGEST_NAME: Final = 200
_DEFAULT_TIMEZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListForm:
    """The fields as they were typed. `binds`: 'area/channel', or 'area/channel/market'; times are local ones."""

    binds: str
    source: str
    unit: str
    begins: str
    ends: str
    authority: str
    document_no: str
    legal_basis: str
    advisory: bool


def list_form(
    binds: Annotated[str, Form(max_length=200)] = "",
    source: Annotated[str, Form(max_length=500)] = "",
    unit: Annotated[str, Form(max_length=10)] = "",
    begins: Annotated[str, Form(max_length=40)] = "",
    ends: Annotated[str, Form(max_length=40)] = "",
    authority: Annotated[str, Form(max_length=200)] = "",
    document_no: Annotated[str, Form(max_length=200)] = "",
    legal_basis: Annotated[str, Form(max_length=500)] = "",
    advisory: Annotated[bool, Form()] = False,
) -> ListForm:
    """Return the form as it was sent."""
    return ListForm(
        binds=binds,
        source=source.strip(),
        unit=unit,
        begins=begins,
        ends=ends,
        authority=authority.strip(),
        document_no=document_no.strip(),
        legal_basis=legal_basis.strip(),
        advisory=advisory,
    )


def scopes(conn: Connection) -> list[tuple[str, str, Channel, Market | None]]:
    """Return what a list may bind: each area and channel that a market has, and each market by itself."""
    markets = registry.markets(conn)
    areas = sorted({(market.area, market.channel) for market in markets})
    by_area = [(f"{area}/{channel}", area, Channel(channel), None) for area, channel in areas]
    alone = [(f"{one.area}/{one.channel}/{one.market_id}", one.area, Channel(one.channel), one) for one in markets]
    return [*by_area, *alone]


def timezone_of(conn: Connection, area: str, channel: Channel, market_id: MarketId | None) -> str:
    """Return the clock that a list's times are by: of its market, or of the first that it binds."""
    bound = [
        timezone
        for market, of_area, of_channel, timezone in sorted(caps.market_scopes(conn))
        if (of_area, of_channel) == (area, channel) and market_id in (None, market)
    ]
    return bound[0] if bound else _DEFAULT_TIMEZONE


def new_list(conn: Connection, form: ListForm, now: datetime) -> NewCapList:
    """Return the list a form asks for. Raise RuleViolation naming the field that cannot be so."""
    found = next((one for one in scopes(conn) if one[0] == form.binds), None)
    if found is None:
        raise RuleViolation(
            f"what the list binds is {form.binds!r}; expected one of the choices", problem="binds_nothing"
        )
    if not form.source:
        raise RuleViolation("a list says where it is from: fill in its source", problem="no_source_of_list")
    _key, area, channel, market = found
    market_id = None if market is None else market.market_id
    zone = ZoneInfo(timezone_of(conn, area, channel, market_id))
    return NewCapList(
        area=area,
        channel=channel,
        source=form.source,
        market_id=market_id,
        is_advisory=form.advisory,
        authority=form.authority,
        document_no=form.document_no,
        legal_basis=form.legal_basis,
        effective_from=_moment(form.begins, zone) or now,
        effective_to=_moment(form.ends, zone),
    )


def unit_of(text: str) -> PriceUnit | None:
    """Return the unit a form says, None for the file's own. Raise RuleViolation."""
    if not text:
        return None
    if text not in {PriceUnit.HALF_KG, PriceUnit.KG, PriceUnit.PIECE}:
        raise RuleViolation(f"the unit is {text!r}; expected 500g, kg or piece", problem="no_unit")
    return PriceUnit(text)


def sent_file(upload: UploadFile | None, new: NewCapList, unit: PriceUnit | None) -> ListFile:
    """Return what was uploaded, no more of it than is read of a list. Raise RuleViolation where nothing was."""
    if upload is None or not upload.filename:
        raise RuleViolation("no file was chosen", problem="no_file")
    name = upload.filename.rpartition("/")[2].rpartition("\\")[2][-_LONGEST_NAME:]
    return ListFile(
        name=name if name and is_usable(name) else "file",
        content=upload.file.read(LIST_LIMITS.most_bytes + 1),
        new=new,
        unit=unit,
    )


def accepted_names(pairs: list[str]) -> dict[str, SpeciesCode]:
    """Return what a person says names mean: 'CODE=name' each, nothing where nothing was chosen."""
    accepted = {}
    for pair in filter(None, pairs):
        code, equals, name = pair.partition("=")
        if not (code and equals and name):
            raise RuleViolation(
                f"an accepted name is {pair!r}; expected CODE=name",
                problem="name_means_nothing",
                facts={"name": pair, "species": ""},
            )
        accepted[name] = SpeciesCode(code)
    return accepted


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RuleViolation(
            f"a time is {text!r}; expected one like 2026-11-23T00:00",
            problem="no_moment_of_list",
            facts={"value": text},
        ) from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
