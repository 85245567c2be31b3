"""What is written on a scale's page: texts by the names of their places, for the page as it is sent and as it changes.

Pure. A scale that has said nothing for its `quiet_s` has no numbers: an old weight is not a weight.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.ids import ScaleId
from domain.price_cap import CapUnit, Verdict
from domain.units import Fen, Grams, PriceUnit, fen_per_kg, yuan, yuan_per_500g
from edge_agent.caps.cap_book import CapEntry
from edge_agent.page.board import Placard, Recorded, View
from edge_agent.page.words import CONDITIONS, SIGNS, VERDICTS, Language, of, say

NOTHING: Final = "—"
_GRAMS_PER_KG: Final = 1000

#: Where texts stand on the page. Every one of them is always told; an empty one hides its place.
Texts = dict[str, str]


def texts(
    scale_id: ScaleId, view: View | None, placard: Placard, now: float, language: Language, timezone: str
) -> Texts:
    """Return the texts of a scale's page. `now` is of the same monotonic clock as `View.heard_at`."""
    found = {
        **_live(view, language),
        **_cap(view, language, timezone),
        **_placard(placard, language),
        **_recorded(view, language),
        "objected": _objected(view, placard, language),
    }
    if is_stale(view, now):
        found |= _stale(view, now, language)
    if view is not None and view.recorded is not None:
        found["ticket"] = f"/scale/{scale_id}/ticket.svg?seq={view.recorded.seq}"
    return found


def is_stale(view: View | None, now: float) -> bool:
    """Say whether what is there is too old to be true."""
    return view is None or now - view.heard_at > view.quiet_s


def kilograms(grams: Grams) -> str:
    """Return grams as kg to the gram: 712 → '0.712'."""
    sign = "-" if grams < 0 else ""
    return f"{sign}{abs(grams) // _GRAMS_PER_KG}.{abs(grams) % _GRAMS_PER_KG:03d}"


def _live(view: View | None, language: Language) -> Texts:
    if view is None:
        return {}
    also = [
        *([view.grade] if view.grade else []),
        *([say(language, "tare", kilograms(view.tare_g))] if view.tare_g else []),
        *([say(language, "pieces", view.pieces)] if view.pieces is not None else []),
    ]
    return {
        "state": "live",
        "state_text": say(language, "live"),
        "state_more": "",
        "weight": NOTHING if view.condition is not None or not view.tells_weights else kilograms(view.net_g),
        "steadiness": _steadiness(view, language),
        "steady": "yes" if view.stable and view.condition is None else "",
        "goods": _goods(view, language),
        "also": " · ".join(also),
        **_price(view.unit_price_fen, view.price_unit, language),
        "amount": NOTHING if view.amount_fen is None else yuan(view.amount_fen),
    }


def _steadiness(view: View, language: Language) -> str:
    if not view.tells_weights:
        return ""
    if view.condition is not None:
        return of(CONDITIONS[view.condition], language)
    return say(language, "steady" if view.stable else "moving")


def _goods(view: View, language: Language) -> str:
    if view.name:
        return view.name
    if not (view.tells_weights or view.plu):  # they are keyed on the scale
        return NOTHING
    return say(language, "unknown_goods", view.plu) if view.plu else say(language, "no_goods")


def _price(unit_price_fen: Fen | None, unit: PriceUnit, language: Language) -> Texts:
    """Both units, whichever the scale is set to; goods by the piece have the one price."""
    per_kg = None if unit_price_fen is None else fen_per_kg(unit_price_fen, unit)
    if unit_price_fen is not None and per_kg is None:
        unit_text = say(language, "per_piece")
        return {"price": yuan(unit_price_fen), "price_unit": unit_text, "price_kg": ""}
    return {
        "price": NOTHING if per_kg is None else yuan_per_500g(per_kg),
        "price_unit": say(language, "per_500g"),
        "price_kg": "" if per_kg is None else f"{yuan(per_kg)} {say(language, 'per_kg')}",
    }


def _cap(view: View | None, language: Language, timezone: str) -> Texts:
    verdict = None if view is None else view.verdict
    entry = CapEntry() if view is None else view.entry
    return {
        "verdict": "none" if verdict is None else verdict.value,
        "verdict_sign": SIGNS[verdict],
        "verdict_text": of(VERDICTS[verdict], language),
        "verdict_more": _excess(view, language) if view is not None and verdict is Verdict.OVER else "",
        **_cap_price(entry if verdict is not None else CapEntry(), language),
        **_list(entry, language, timezone),
    }


def _cap_price(entry: CapEntry, language: Language) -> Texts:
    cap, per_kg = entry.cap, entry.cap_fen_per_kg
    if per_kg is not None:
        kg = f"{yuan(per_kg)} {say(language, 'per_kg')}"
        return {"cap": yuan_per_500g(per_kg), "cap_unit": say(language, "per_500g"), "cap_kg": kg}
    if cap is not None and cap.cap_fen is not None and cap.unit is CapUnit.PIECE:
        return {"cap": yuan(cap.cap_fen), "cap_unit": say(language, "per_piece"), "cap_kg": ""}
    return {"cap": NOTHING, "cap_unit": "", "cap_kg": ""}


def _excess(view: View, language: Language) -> str:
    cap = view.entry.cap_fen_per_kg
    asked = None if view.unit_price_fen is None else fen_per_kg(view.unit_price_fen, view.price_unit)
    if cap is None or asked is None:
        return say(language, "over_by_load")
    return say(language, "over_by", yuan_per_500g(asked - cap), yuan_per_500g(cap))


def _list(entry: CapEntry, language: Language, timezone: str) -> Texts:
    announced = entry.announced
    if announced is None:
        return {"list": "", "demonstration": ""}
    return {
        "list": say(language, "list", _day(announced.cap_list.effective_from, timezone), announced.version),
        "demonstration": say(language, "demonstration") if announced.is_demonstration else "",
    }


def _day(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def _placard(placard: Placard, language: Language) -> Texts:
    vendor, locked = placard.vendor, placard.locked
    reason = "" if locked is None else locked.reason or say(language, "locked_no_reason")
    return {
        "vendor": "" if vendor is None else vendor.vendor_name,
        "stall": "" if vendor is None or not vendor.stall_id else say(language, "stall", vendor.stall_id),
        "tier": "" if vendor is None or not vendor.credit_tier else say(language, "tier", vendor.credit_tier),
        "locked": "" if locked is None else say(language, "locked", reason),
    }


def _objected(view: View | None, placard: Placard, language: Language) -> str:
    """What the service found stays until the sale after it."""
    notice = placard.over_cap
    recorded = None if view is None else view.recorded
    if notice is None or (recorded is not None and recorded.seq > notice.seq):
        return ""
    return say(language, "objected", notice.seq, yuan_per_500g(notice.cap_fen_per_kg))


def _recorded(view: View | None, language: Language) -> Texts:
    recorded: Recorded | None = None if view is None else view.recorded
    if recorded is None:
        return {"recorded": "", "recorded_text": say(language, "not_recorded"), "recorded_more": "", "ticket": ""}
    money = "" if recorded.amount_fen is None else f"¥{yuan(recorded.amount_fen)}"
    what = [recorded.name, f"{kilograms(recorded.net_g)} kg", money]
    return {
        "recorded": "yes",
        "recorded_text": say(language, "recorded", recorded.seq),
        "recorded_more": " · ".join(part for part in what if part),
        "ticket": "",
    }


def _stale(view: View | None, now: float, language: Language) -> Texts:
    """No number that may be old is left standing; what is recorded is a fact and stays."""
    said = say(language, "never") if view is None else say(language, "stale", int(now - view.heard_at))
    return {
        "state": "stale",
        "state_text": said,
        "state_more": say(language, "stale_more"),
        "weight": NOTHING,
        "steadiness": "",
        "steady": "",
        "goods": NOTHING,
        "also": "",
        **_price(None, PriceUnit.KG, language),
        "amount": NOTHING,
        "verdict": "none",
        "verdict_sign": SIGNS[None],
        "verdict_text": said,
        "verdict_more": "",
        "cap": NOTHING,
        "cap_unit": "",
        "cap_kg": "",
    }
