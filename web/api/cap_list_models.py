"""What the API says about lists, and what it takes to import one. Money is whole fen per unit."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Base64Bytes, Field

from domain.price_cap import CapKind, CapStatus, CapUnit, Channel, ListStatus
from domain.units import PriceUnit
from pricing.list_comparison import ChangeKind
from pricing.name_suggestions import Because
from web.api.models import Body, Model
from web.texts import Text

_Words = Annotated[Text, Field(max_length=500)]


class ListRequest(Body):
    """A file and the list it is to be. `accept`: the species code that a name means from now on."""

    file_name: Annotated[Text, Field(min_length=1, max_length=200)]
    content: Base64Bytes
    area: _Words
    source: Annotated[Text, Field(min_length=1, max_length=500)]
    channel: Channel = Channel.EATERY
    market_id: _Words | None = None
    unit: PriceUnit | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    is_advisory: bool = False
    authority: _Words = ""
    document_no: _Words = ""
    legal_basis: _Words = ""
    accept: dict[Text, Text] = Field(default_factory=dict)


class WithdrawRequest(Body):
    """Why a list is withdrawn."""

    because: Annotated[Text, Field(max_length=2000)]


class ListSummary(Model):
    """A list and where it is in its life; `effective_*`: what other lists leave of `declared_*`."""

    cap_list_id: int
    area: str
    channel: Channel
    market_id: str | None
    is_advisory: bool
    is_demonstration: bool
    authority: str
    document_no: str
    legal_basis: str
    source: str
    published_unit: str
    status: ListStatus
    version: int
    corrects: int | None
    corrected_by: int | None
    declared_from: datetime
    declared_to: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    is_never: bool
    drafted_by: str
    published_by: str | None
    published_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    items: int
    file_name: str | None


class ListPage(Model):
    """A part of the lists, the newest beginning first."""

    limit: int
    offset: int
    counts: dict[ListStatus, int]
    lists: list[ListSummary]


class GradeBounds(Model):
    """What a grade's word means, as far as the list says so."""

    least_pieces_per_500g: int | None
    most_pieces_per_500g: int | None
    least_piece_g: int | None
    most_piece_g: int | None
    note: str


class ListedCap(Model):
    """A line of a list; `cap_fen` and `plus_fen` per `unit`."""

    species_code: str
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: int | None
    published_as: str
    kind: CapKind
    markup_permille: int | None
    plus_fen: int | None
    meaning: GradeBounds
    working: dict[str, object] | None


class SaidOfItem(Model):
    """What a list says about an item."""

    status: CapStatus
    unit: CapUnit
    fen: int | None


class ItemChange(Model):
    """What happened to an item; `permille` of the old cap, signed; `is_large`: beyond ±30 %, or of another unit."""

    species: str
    grade: str
    kind: ChangeKind
    before: SaidOfItem | None
    after: SaidOfItem | None
    permille: int | None
    is_large: bool


class ListDetailed(Model):
    """A list with its items, and what it changed against the one before."""

    cap_list: ListSummary
    items: list[ListedCap]
    before: int | None
    changes: list[ItemChange]


class FileProblem(Model):
    """What is wrong with a file; `row` and `column` count from 1, 0 where it is about the whole."""

    row: int
    column: int
    what: str
    says: str


class NameSuggestion(Model):
    """A species that a name may mean; `nearness` in thousandths."""

    species: str
    because: Because
    through: str
    nearness: int


class UnknownNameFound(Model):
    """A name that no species goes by, and what it may mean."""

    name: str
    aliases: list[str]
    rows: list[int]
    column: int
    suggestions: list[NameSuggestion]


class ListImpact(Model):
    """What the list would do to a day's sales, judged as if it had been in force all day."""

    day: date
    weighings: int
    in_its_time: int
    become_over: int
    no_longer_over: int
    stay_over: int
    overcharge_before_fen: int
    overcharge_after_fen: int
    is_whole: bool


class ListPreview(Model):
    """What a file was understood as, and what the list would change and do. Nothing is stored."""

    may_be_kept: bool
    items: int
    unit: PriceUnit | None
    markets: list[str]
    replaces: int | None
    problems: list[FileProblem]
    unknown: list[UnknownNameFound]
    counts: dict[ChangeKind, int]
    changes: list[ItemChange]
    impact: ListImpact | None
