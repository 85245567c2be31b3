"""What is typed or stands in a file about a vendor, a stall or a scale → a record, or every problem at once. Pure."""

from collections.abc import Mapping
from typing import Final, TypeVar

from domain.register.personal import HIDDEN, PersonalField, mask
from domain.register.records import MarketFacts, ScaleIdentity, StallFacts, VendorIdentity, VendorKind, Verification
from domain.scale import ScaleFacts
from supervision.register import reading
from supervision.register.fields import Entry, EntryProblem, Fields
from supervision.register.reading import EntryFault

Record = TypeVar("Record")

#: In a file this says that nothing is registered any more; an empty cell says nothing.
CLEARED: Final = frozenset({"-", "—", "–", "无"})
VENDOR_FIELDS: Final = (
    *("name", "kind", "credit_code", "licence_no", "legal_representative", "phone", "licence_from", "licence_until"),
)
MARKET_FIELDS: Final = ("market_name", "area", "channel", "timezone", "operator", "address", "phone")
STALL_FIELDS: Final = (
    *("place", "row_no", "area_m2", "open_from", "open_until"),
    *("position_class", "goods_zone", "floor", "tank", "neighbours"),
)
SCALE_FIELDS: Final = (
    *("serial_number", "maker", "model", "division_g", "max_g", "accuracy_class", "usual_tare_g", "verified_until"),
    *("production_code", "repair_code", "verification_code", "seal_no", "seal_state"),
)
VERIFICATION_FIELDS: Final = (
    *(
        "verified_on",
        "valid_until",
        "certificate_no",
        "verifier",
        "result",
        "verification_code",
        "seal_no",
        "seal_state",
    ),
)
_INDIVIDUAL_CODES: Final = "92"
_COMPANY_CODES: Final = "91"


def read_vendor(texts: Mapping[str, str]) -> Entry[VendorIdentity]:
    """Read who a vendor is. A code of individuals (92…) or companies (91…) says which it is where nothing else does."""
    fields = Fields(texts)
    name = fields.text("name", 100, required=True)
    kind = fields.read("kind", reading.vendor_kind)
    code = fields.read("credit_code", reading.credit_code) or ""
    licence_no = fields.read("licence_no", reading.licence_no) or ""
    told = _kind_of(code) or _kind_of(licence_no)
    if kind is not None and told is not None and kind is not told:
        fields.problems.append(EntryProblem("kind", EntryFault.KIND_NOT_AS_CODE, (kind, told)))
    identity = VendorIdentity(
        name=name,
        kind=kind or told,
        credit_code=code,
        licence_no=licence_no,
        legal_representative=fields.text("legal_representative", 60),
        phone=fields.read("phone", reading.phone) or "",
        licence_from=fields.read("licence_from", reading.day),
        licence_until=fields.read("licence_until", reading.last_day),
    )
    fields.refuse_if_before("licence_until", identity.licence_until, identity.licence_from)
    return _entry(identity, fields)


def read_market(texts: Mapping[str, str]) -> Entry[MarketFacts]:
    """Read what a market is."""
    fields = Fields(texts)
    name = fields.text("market_name", 100, required=True)
    area = fields.read("area", reading.any_id, required=True)
    channel = fields.read("channel", reading.channel, required=True)
    timezone = fields.read("timezone", reading.timezone, required=True)
    operator, address = fields.text("operator", 100), fields.text("address", 200)
    phone = fields.read("phone", reading.phone) or ""
    if area is None or channel is None or timezone is None or fields.problems:
        return Entry(None, tuple(fields.problems))
    facts = MarketFacts(
        market_name=name,
        area=area,
        channel=channel,
        timezone=timezone,
        operator=operator,
        address=address,
        phone=phone,
    )
    return Entry(facts, ())


def read_stall(texts: Mapping[str, str]) -> Entry[StallFacts]:
    """Read where a stall is."""
    fields = Fields(texts)
    facts = StallFacts(
        place=fields.text("place", 100),
        row_no=fields.text("row_no", 40),
        area_dm2=fields.read("area_m2", reading.area_dm2),
        open_from=fields.read("open_from", reading.day),
        open_until=fields.read("open_until", reading.last_day),
        position_class=fields.read("position_class", reading.position_class) or "",
        goods_zone=fields.text("goods_zone", 40),
        floor=fields.read("floor", reading.floor),
        tank=fields.read("tank", reading.tank),
        neighbours=fields.read("neighbours", reading.neighbours) or "",
    )
    fields.refuse_if_before("open_until", facts.open_until, facts.open_from)
    return _entry(facts, fields)


def read_scale(texts: Mapping[str, str]) -> Entry[ScaleIdentity]:
    """Read what a scale is."""
    fields = Fields(texts)
    facts = ScaleFacts(
        division_g=fields.read("division_g", reading.grams),
        max_g=fields.read("max_g", reading.grams),
        accuracy_class=fields.read("accuracy_class", reading.accuracy_class),
        usual_tare_g=fields.read("usual_tare_g", reading.grams),
        verified_until=fields.read("verified_until", reading.day),
        production_code=fields.text("production_code", 64),
        repair_code=fields.text("repair_code", 64),
        verification_code=fields.text("verification_code", 64),
        seal_no=fields.text("seal_no", 64),
    )
    if facts.division_g is not None and facts.max_g is not None and facts.division_g >= facts.max_g:
        values = (str(facts.division_g), str(facts.max_g))
        fields.problems.append(EntryProblem("division_g", EntryFault.DIVISION_NOT_BELOW_MAX, values))
    identity = ScaleIdentity(
        serial_number=fields.text("serial_number", 64),
        maker=fields.text("maker", 100),
        model=fields.text("model", 60),
        facts=facts,
        seal_state=fields.read("seal_state", reading.seal_state),
    )
    return _entry(identity, fields)


def read_verification(texts: Mapping[str, str]) -> Entry[Verification]:
    """Read a verification; one that passed holds until a day, one that failed until none."""
    fields = Fields(texts)
    verified_on = fields.read("verified_on", reading.day, required=True)
    passed = fields.read("result", reading.result, required=True)
    valid_until = fields.read("valid_until", reading.day, required=passed is True)
    certificate_no = fields.text("certificate_no", 64, required=True)
    if passed is False and valid_until is not None:
        fields.problems.append(EntryProblem("valid_until", EntryFault.FAILED_HOLDS_UNTIL_NO_DAY))
    fields.refuse_if_before("valid_until", valid_until, verified_on)
    others = {name: fields.text(name, 64) for name in ("verification_code", "seal_no")}
    verifier, seal_state = fields.text("verifier", 100), fields.read("seal_state", reading.seal_state)
    if verified_on is None or passed is None or fields.problems:
        return Entry(None, tuple(fields.problems))
    return Entry(
        Verification(
            verified_on=verified_on,
            valid_until=valid_until,
            certificate_no=certificate_no,
            verifier=verifier,
            passed=passed,
            seal_state=seal_state,
            **others,
        ),
        (),
    )


def over(known: Mapping[str, str], given: Mapping[str, str]) -> tuple[dict[str, str], list[EntryProblem]]:
    """Lay what a file gives over what is registered: an empty cell leaves it, one with a dash clears it.

    A masked value, as exports have them, stands for what is registered; where it is another's mask, it is a problem.
    """
    texts, problems = dict(known), []
    for name, text in given.items():
        told = text.strip()
        if not told:
            continue
        if told in CLEARED:
            texts[name] = ""
        elif HIDDEN in told and name in set(PersonalField):
            if told != mask(PersonalField(name), known.get(name, "")):
                problems.append(EntryProblem(name, EntryFault.MASKED, (told,)))
        else:
            texts[name] = told
    return texts, problems


def area_text(area_dm2: int | None) -> str:
    """Return an area as it is typed, in square metres."""
    if area_dm2 is None:
        return ""
    whole, rest = divmod(area_dm2, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)


def _kind_of(code: str) -> VendorKind | None:
    if len(code) != 18:  # noqa: PLR2004 - a registration number of 15 digits says nothing of it
        return None
    kinds = {_INDIVIDUAL_CODES: VendorKind.INDIVIDUAL, _COMPANY_CODES: VendorKind.COMPANY}
    return kinds.get(code[:2])


def _entry(record: Record, fields: Fields) -> Entry[Record]:
    return Entry(None if fields.problems else record, tuple(fields.problems))
