"""Who the vendor is by law."""

from zoneinfo import ZoneInfo

from db.register import vendors
from web.formats import segment
from web.i18n import mark
from web.vendor_file.section import Asked, Fact, Lines, Link, Said, Section, Word


def section(asked: Asked) -> Section:
    """Return the identity as it is registered, and the same business in other markets that the reader sees."""
    one = asked.vendor.identity
    today = asked.now.astimezone(ZoneInfo(asked.market.timezone)).date()
    elsewhere = [
        Link(
            f"{other.market_name} {other.name}", f"/vendors/{segment(other.market_id)}/{segment(other.vendor_id)}/file"
        )
        for other in vendors.elsewhere(asked.conn, asked.market.market_id, one.credit_code)
        if asked.viewer.sees(other.market_id)
    ]
    has_ended = one.licence_until is not None and one.licence_until < today
    facts = [
        Fact("name", mark("Name of the business"), one.name),
        Fact("vendor_id", mark("Vendor number"), asked.vendor.vendor_id),
        Fact("market", mark("Market"), asked.market.name),
        Fact("kind", mark("Kind of business"), None if one.kind is None else Word(one.kind)),
        Fact("credit_code", mark("Unified social credit code"), one.credit_code),
        Fact("licence_no", mark("Licence number"), one.licence_no),
        Fact("legal_representative", mark("Legal representative"), one.legal_representative),
        Fact("phone", mark("Telephone"), one.phone),
        Fact("licence_from", mark("Licence from"), one.licence_from),
        Fact(
            "licence_until",
            mark("Licence until"),
            Lines((one.licence_until, Said(mark("The licence has ended")))) if has_ended else one.licence_until,
            is_warning=has_ended,
        ),
    ]
    if elsewhere:
        facts.append(Fact("elsewhere", mark("The same business elsewhere"), Lines(tuple(elsewhere))))
    return Section(key="identity", title=mark("Identity"), facts=tuple(facts))
