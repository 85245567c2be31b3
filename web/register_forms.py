"""The forms of the register: which fields there are, what was typed, and what was refused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from psycopg import Connection

from db import registry
from db.register.events import Change
from db.registry import Market
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId
from domain.price_cap import Channel
from domain.register.records import RegisterEvent, SealState, Source, TankSupply, VendorKind, VerificationResult
from domain.scale import AccuracyClass
from supervision.register import reading
from supervision.register.fields import EntryProblem, Unreadable
from supervision.register.moments import BeginsInThePast, When
from supervision.register.reading import EntryFault, WrongError
from supervision.register.trail import ChangedMeanwhile
from web.access import Viewer
from web.csrf import FIELD, FORM_TYPES
from web.register_words import FIELD_WORDS

_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form: a text, a day, or one of the values of an enumeration."""

    name: str
    kind: str = "text"
    options: tuple[StrEnum, ...] = ()
    most: int = 100
    is_required: bool = False

    @property
    def title(self) -> str:
        """What it is called, in English."""
        return FIELD_WORDS[self.name]


MARKET_INPUTS: Final = (
    Input("market_name", is_required=True),
    Input("area", most=64, is_required=True),
    Input("channel", "choice", tuple(Channel), is_required=True),
    Input("timezone", most=64, is_required=True),
    Input("operator"),
    Input("address", most=200),
    Input("phone", most=40),
)
VENDOR_INPUTS: Final = (
    Input("name", is_required=True),
    Input("kind", "choice", tuple(VendorKind)),
    Input("credit_code", most=40),
    Input("licence_no", most=40),
    Input("legal_representative", most=60),
    Input("phone", most=40),
    Input("licence_from", "day"),
    Input("licence_until", "day"),
)
STALL_INPUTS: Final = (
    Input("place"),
    Input("row_no", most=40),
    Input("area_m2", most=20),
    Input("open_from", "day"),
    Input("open_until", "day"),
    Input("position_class", most=8),
    Input("goods_zone", most=40),
    Input("floor", most=4),
    Input("tank", "choice", tuple(TankSupply)),
    Input("neighbours", most=400),
)
SCALE_INPUTS: Final = (
    *(Input("serial_number", most=64), Input("maker"), Input("model", most=60)),
    *(Input("division_g", most=12), Input("max_g", most=12), Input("accuracy_class", "choice", tuple(AccuracyClass))),
    *(Input("usual_tare_g", most=12), Input("verified_until", "day"), Input("production_code", most=64)),
    *(Input("repair_code", most=64), Input("verification_code", most=64), Input("seal_no", most=64)),
    Input("seal_state", "choice", tuple(SealState)),
)
VERIFICATION_INPUTS: Final = (
    *(Input("verified_on", "day", is_required=True), Input("result", "choice", tuple(VerificationResult))),
    *(Input("valid_until", "day"), Input("certificate_no", most=64, is_required=True), Input("verifier")),
    *(Input("verification_code", most=64), Input("seal_no", most=64), Input("seal_state", "choice", tuple(SealState))),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Why a form was not taken: problems by field, what others changed meanwhile, or a rule in words."""

    status: int
    message: str = ""
    problems: Mapping[str, EntryProblem] = field(default_factory=dict)
    meanwhile: tuple[RegisterEvent, ...] = ()
    is_past: bool = False
    form: str = ""


async def typed_texts(request: Request) -> dict[str, str]:
    """Return the texts of a form as they were typed. Raise RuleViolation for one longer than any field takes."""
    if not request.headers.get("content-type", "").startswith(FORM_TYPES):
        return {}
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str) and name != FIELD}
    for name, text in texts.items():
        if len(text) > _LONGEST:
            raise RuleViolation(f"{name} has {len(text)} characters; expected at most {_LONGEST}")
    return texts


Typed = Annotated[dict[str, str], Depends(typed_texts)]


def refused(error: RuleViolation, form: str = "") -> Refused:
    """Return what to say of a refusal; `form`: which of a page's forms was refused."""
    if isinstance(error, Unreadable):
        problems = {one.field: one for one in reversed(error.problems)}
        return Refused(status=HTTPStatus.UNPROCESSABLE_ENTITY, problems=problems, form=form)
    if isinstance(error, ChangedMeanwhile):
        return Refused(status=HTTPStatus.CONFLICT, meanwhile=error.meanwhile, message=str(error), form=form)
    status = HTTPStatus.CONFLICT if isinstance(error, IllegalTransition) else HTTPStatus.UNPROCESSABLE_ENTITY
    return Refused(status=status, message=str(error), is_past=isinstance(error, BeginsInThePast), form=form)


def of_form(
    typed: Mapping[str, str], registered: Mapping[str, str], refusal: Refused | None
) -> Callable[[str], tuple[Mapping[str, str], Refused | None]]:
    """Return what a form of a page with several shows: what was typed and refused belongs to the one it came from."""

    def shown(form: str) -> tuple[Mapping[str, str], Refused | None]:
        if refusal is None or refusal.form != form:
            return registered, None
        return {**registered, **typed}, refusal

    return shown


def change_by(viewer: Viewer, texts: Mapping[str, str], now: datetime) -> Change:
    """Return who changes what why, through these pages."""
    return Change(by=viewer.username, at=now, because=texts.get("because", "").strip(), source=Source.PAGE)


def revision_of(texts: Mapping[str, str]) -> int:
    """Return which revision the person saw."""
    text = texts.get("revision", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):  # noqa: PLR2004 - a bigint
        raise RuleViolation(f"revision is {text!r}; expected the number that the page carried")
    return int(text)


def when_of(texts: Mapping[str, str], market: Market, name: str = "moment") -> When:
    """Return from which moment on, by the market's clock. Raise Unreadable."""
    moment = moment_of(texts, market, name)
    if moment is None:
        raise Unreadable([EntryProblem(name, EntryFault.MISSING)])
    return When(moment=moment, past_is_meant="past_is_meant" in texts)


def moment_of(texts: Mapping[str, str], market: Market, name: str) -> datetime | None:
    """Return a moment by the market's clock, None where none was typed. Raise Unreadable."""
    text = texts.get(name, "").strip()
    try:
        return reading.moment_in(ZoneInfo(market.timezone))(text) if text else None
    except WrongError as wrong:
        raise Unreadable([EntryProblem(name, wrong.fault, wrong.values)]) from None


def id_of(texts: Mapping[str, str], name: str, reader: "reading.Reader[str]" = reading.any_id) -> str:
    """Return an id that was typed. Raise Unreadable."""
    text = texts.get(name, "").strip()
    try:
        if text:
            return reader(text)
    except WrongError as wrong:
        raise Unreadable([EntryProblem(name, wrong.fault, wrong.values)]) from None
    raise Unreadable([EntryProblem(name, EntryFault.MISSING)])


def market_of(conn: Connection, viewer: Viewer, market_id: str) -> Market:
    """Return a market that the viewer sees; theirs where none is named. Raise NotFound."""
    asked = viewer.narrow(MarketId(market_id) if market_id else None)
    found = next((one for one in registry.markets(conn) if one.market_id == asked), None)
    if found is None:
        raise NotFound(f"there is no market {market_id!r} that you may see: choose one")
    return found


def texts_of(inputs: Iterable[Input], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of these fields, empty where nothing was typed."""
    return {one.name: texts.get(one.name, "") for one in inputs}
