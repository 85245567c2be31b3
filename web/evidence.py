"""The weighings behind an alert, and the lists that judged them, as pages and the API show them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from psycopg import Connection

from db import caps, continuity, device_events, weighings
from db.caps import CapListHeading
from db.device_events import StoredDeviceEvent
from db.weighings import AlertedWeighing
from domain.alert import AlertKind
from domain.continuity import ChainBreak, JournalGap
from domain.price_cap import CapUnit
from domain.units import GRAMS_PER_KG
from web.alert_lines import AlertLine


@dataclass(frozen=True, kw_only=True, slots=True)
class WeighingLine:
    """A weighing and what the alert says of it: about prices nothing, where the alert is about the device.

    `paid_price_fen` is what was really paid per unit, where that is what the alert is about.
    """

    weighing: AlertedWeighing
    cap_unit: str
    cap_fen: int | None
    excess_fen: int | None
    overcharge_fen: int | None
    paid_price_fen: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What an alert rests on: no lists where it is about the device; gaps, breaks, events where it is about those."""

    weighings: tuple[WeighingLine, ...]
    cap_lists: tuple[CapListHeading, ...]
    gaps: tuple[JournalGap, ...]
    breaks: tuple[ChainBreak, ...]
    device_events: tuple[StoredDeviceEvent, ...]


def evidence_of(conn: Connection, line: AlertLine) -> Evidence:
    """Return the newest weighings of an alert, the lists that judged them, and what its journals lack."""
    weighed = weighings.of_alert(conn, line.alert.alert_id)
    judging = {w.cap_list_id for w in weighed if w.cap_list_id is not None} if line.is_about_prices else set()
    headings = [caps.heading(conn, list_id) for list_id in sorted(judging)]
    return Evidence(
        weighings=tuple(_line_of(line, one) for one in weighed),
        cap_lists=tuple(one for one in headings if one is not None),
        gaps=_found(conn, line, AlertKind.SEQUENCE_GAP, continuity.gaps_of_alert),
        breaks=_found(conn, line, AlertKind.CHAIN_BREAK, continuity.breaks_of_alert),
        device_events=tuple(device_events.of_alert(conn, line.alert.alert_id)) if line.is_about_events else (),
    )


_Found = TypeVar("_Found")


def _found(
    conn: Connection, line: AlertLine, kind: AlertKind, findings: Callable[[Connection, int], Sequence[_Found]]
) -> tuple[_Found, ...]:
    """Return what was found of a kind; nothing for alerts of another one."""
    return tuple(findings(conn, line.alert.alert_id)) if line.alert.kind is kind else ()


def paid_price(weighing: AlertedWeighing) -> int | None:
    """Return what was paid per kg, or per piece under a cap by the piece; half a fen counts as one."""
    by_piece = weighing.cap_unit == CapUnit.PIECE
    quantity = (weighing.pieces or 0) if by_piece else weighing.net_g
    if quantity <= 0:
        return None
    money = weighing.paid_fen * (1 if by_piece else GRAMS_PER_KG)
    return (2 * money + quantity) // (2 * quantity)


def _line_of(line: AlertLine, weighing: AlertedWeighing) -> WeighingLine:
    is_about_prices = line.is_about_prices
    is_about_payment = line.alert.kind is AlertKind.EFFECTIVE_PRICE_OVER_CAP
    return WeighingLine(
        weighing=weighing,
        cap_unit=weighing.cap_unit or CapUnit.KG,
        cap_fen=weighing.cap_fen if is_about_prices else None,
        excess_fen=weighing.excess_fen if is_about_prices and weighing.cap_fen is not None else None,
        overcharge_fen=weighing.overcharge_fen if is_about_prices else None,
        paid_price_fen=paid_price(weighing) if is_about_payment else None,
    )
