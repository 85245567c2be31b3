"""What a rule saw, in a sentence of the reader's language, built from the figures of the alert."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.alert import Alert, AlertKind
from pricing.findings.figures import figures_in
from web import formats
from web.i18n import mark

#: Each says what was seen, not what it means: that is for the person who looks.
EXPLAINED: Mapping[AlertKind, str] = {
    AlertKind.AMOUNT_MISMATCH: mark(
        "The scale asked for {amount_fen}; net weight times unit price makes {due_fen}. The difference is more than"
        " rounding."
    ),
    AlertKind.PRICE_SCALED: mark(
        "The unit price keyed is less than a fifth of the cap of {cap_fen} per kg or piece: a digit seems to be"
        " missing. What the customer paid was then worked out by hand."
    ),
    AlertKind.UNIT_CONFUSION: mark(
        "The unit price is about twice or half the cap of {cap_fen} per kg. Check whether a price for 500 g was keyed"
        " for a kg, or the other way round."
    ),
    AlertKind.GRADE_UPGRADE: mark(
        "The pieces are not of the size of the declared grade (cap {cap_fen} per kg or piece), and the price is above"
        " what goods of their size may cost. How many weigh how much stands with each weighing."
    ),
    AlertKind.UNSTABLE_WEIGHT: mark("{net_g} was recorded while the scale was still moving."),
    AlertKind.ZERO_ABNORMAL: mark("The zero of the scale was off by {zero_offset_g}, more than it may be set."),
    AlertKind.TARE_ABUSE: mark(
        "Tared were {tare_g} of {gross_g}. The basket registered for this stall weighs {usual_tare_g}."
    ),
    AlertKind.BELOW_MINIMUM: mark("{net_g} was sold on a scale that may not weigh less than {least_g} (Min)."),
    AlertKind.OTHER_OVERUSE: mark(
        "{unlisted} of {sales} sales were of goods that no list names; of the whole market's it was {market_permille}."
    ),
    AlertKind.SPECIES_SUSPECT: mark(
        "The median price of {sales} sales was {median_fen} per kg; the market's median for these goods is"
        " {others_fen}. Look whether they are what was keyed."
    ),
    AlertKind.SPLIT_WEIGHING: mark(
        "{runs} times the same goods were weighed three times or more, one right after the other; the longest run had"
        " {longest} weighings."
    ),
    AlertKind.REPEATED_WEIGHING: mark(
        "{pairs} times the same goods came onto the scale again right after, with the same weight and price."
    ),
    AlertKind.FREQUENT_VOIDS: mark("{voids} sales above the cap were voided after they had been recorded."),
    AlertKind.PRICE_OFF_USUAL: mark(
        "{sales} sales were far from this vendor's own usual price of {usual_fen} per kg; the furthest was at"
        " {price_fen}."
    ),
    AlertKind.PRICE_SPIKE: mark(
        "No cap applies. The price of {price_fen} per kg is far above the market's median of {usual_fen}. A hint only."
    ),
    AlertKind.SCALE_SILENT: mark(
        "The scale recorded nothing for {silent_s} (hours, minutes, seconds), while the median scale of the market made"
        " {expected} weighings."
    ),
    AlertKind.LOW_USE: mark(
        "The scale recorded {weighings} weighings in {days} days, the median vendor of the market {median}."
    ),
    AlertKind.SCALE_UNSUITABLE: mark(
        "The scale has a division of {division_g} and may be off by {error_tenth_g}. It sold {net_g} at {price_fen} per"
        " kg, which may be short by {tolerance_g} at most."
    ),
    AlertKind.VERIFICATION_DUE: mark("The verification of the scale ends in {days} days."),
    AlertKind.VERIFICATION_EXPIRED: mark("The verification of the scale ended {days} days ago."),
    AlertKind.SCALE_MOVED: mark(
        "The device that answers here is registered as another scale. Look which of the two stands where it should,"
        " and whether it is verified."
    ),
    AlertKind.SCALE_DOUBLED: mark(
        "Weighings under this scale's name went to and fro {turns} times between {journals} records, each of a device"
        " of its own: a second one weighs under the same name, perhaps elsewhere."
    ),
    AlertKind.SCALE_UNREGISTERED: mark(
        "{messages} messages came from a scale that is not registered in this market. They are in quarantine."
    ),
    AlertKind.CAP_LIST_MISSING: mark(
        "No cap list is in force for this market at {hour} o'clock. Weighings are judged when one arrives. This is"
        " about the list, not about a vendor."
    ),
    AlertKind.COMPLAINT: mark(
        "A customer complained about a sale (complaint {complaint}). Look into it and answer it, then decide on this"
        " alert."
    ),
    AlertKind.SHORT_WEIGHT: mark(
        "Settled were {settled_g}, the fair scale showed {actual_g}: short by {short_g}, where the table of the"
        " Measures tolerates {tolerance_g}."
    ),
}
#: Said instead where a figure is 0: there is no registered basket, or the tolerance is not the law's.
WITHOUT: Mapping[AlertKind, tuple[str, str]] = {
    AlertKind.TARE_ABUSE: ("usual_tare_g", mark("Tared were {tare_g} of {gross_g}: nearly everything.")),
    AlertKind.SHORT_WEIGHT: (
        "statutory",
        mark(
            "Settled were {settled_g}, the fair scale showed {actual_g}: short by {short_g}, where the market tolerates"
            " {tolerance_g}. That is the market's own tolerance, not statutory: live fish are not in the table."
        ),
    ),
}

_BY_UNIT: Final[Mapping[str, Callable[[int], str]]] = {
    "_fen": formats.money,
    "_permille": formats.percent,
    "_s": formats.span,
}


def explained(alert: Alert, translate: Callable[[str], str]) -> str | None:
    """Return what was seen; None for alerts that are no finding, or whose note has not the figures for it."""
    message = EXPLAINED.get(alert.kind)
    if message is None:
        return None
    figures = figures_in(alert.note)
    if alert.worst_cap_fen is not None:
        figures["cap_fen"] = alert.worst_cap_fen
    if alert.kind in WITHOUT and figures.get(WITHOUT[alert.kind][0]) == 0:
        message = WITHOUT[alert.kind][1]
    try:
        return translate(message).format_map({name: _said(name, value) for name, value in figures.items()})
    except KeyError:
        return None


def _said(name: str, value: int) -> str:
    if name.endswith("_tenth_g"):
        return f"{value // 10}.{value % 10} g"
    if name.endswith("_g"):
        return f"{value} g"
    return next((write(value) for end, write in _BY_UNIT.items() if name.endswith(end)), str(value))
